"""What is said in a line, where somebody knows it: its words, or its phones in time."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import RigtalkError
from .speech.timing import Phone

__all__ = ["LONGEST_TEXT", "Script"]

LONGEST_TEXT = 100_000
"""Characters; an hour of speech has half as many."""


@dataclass(frozen=True)
class Script:
    """What is said in a line. Lips are judged by the sound and by the script together.

    Attributes
    ----------
    text : str
        English words, in any spelling that people use. Words that are there but not said, said but
        not there, or misheard by a recogniser only cost certainty.
    phones : tuple of Phone
        Phones with their times, in any language; `text` is then of no account.
    span : (float, float), optional
        Begin and end in seconds of the part of the recording in which `text` is said, if it is not
        all of it.

    Raises
    ------
    RigtalkError
        If there is neither text nor phones, the text is too long for a line, or the span ends
        before it begins.
    """

    text: str = ""
    phones: tuple[Phone, ...] = ()
    span: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if not self.phones and not self.text.strip():
            raise RigtalkError("the script is empty: give what is said, or leave it out")
        if len(self.text) > LONGEST_TEXT:
            raise RigtalkError(
                f"the script has {len(self.text)} characters, a line has at most {LONGEST_TEXT}: "
                "give the words of this recording alone"
            )
        if self.span is not None and not self.span[0] < self.span[1]:
            begin, end = self.span
            raise RigtalkError(f"a script from {begin:g} to {end:g} s: it must end after it begins")
