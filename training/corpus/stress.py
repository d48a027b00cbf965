# ruff: noqa: RUF001, RUF002 -- the stress marks of the IPA are meant.
"""Which vowels of a text are stressed, from espeak-ng's pronunciation of it.

flite, pocketsphinx and espeak-ng's own events give phones without stress; one source for all of
them keeps their labels alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from rigtalk.core.speech.phones import VOWELS, from_ipa

from .utterance import Phone

__all__ = ["mark_stress", "vowels_with_stress"]

_MARKS = {"ˈ": 1, "ˌ": 2}


def vowels_with_stress(ipa: str) -> list[tuple[str, int]]:
    """The vowels of an IPA transcription and the stress of their syllables.

    Parameters
    ----------
    ipa : str
        Words in IPA with ``ˈ`` and ``ˌ`` before the stressed syllables or vowels.
    """
    vowels: list[tuple[str, int]] = []
    stress = 0
    for part in re.split(r"([ˈˌ]|\s+)", ipa):
        if part in _MARKS:
            stress = _MARKS[part]
            continue
        for symbol in from_ipa(part):
            if symbol in VOWELS:
                vowels.append((symbol, stress))
                stress = 0
    return vowels


def mark_stress(phones: Sequence[Phone], ipa: str) -> tuple[Phone, ...]:
    """Phones with the stress that a transcription gives to their vowels.

    The two sequences of vowels need not agree: matching stretches are paired, and so are
    differing stretches of the same length.

    Parameters
    ----------
    phones : sequence of Phone
    ipa : str
        Of the same text.
    """
    marked = list(phones)
    places = [i for i, phone in enumerate(phones) if phone.symbol in VOWELS]
    expected = vowels_with_stress(ipa)
    matcher = SequenceMatcher(
        None, [phones[i].symbol for i in places], [symbol for symbol, _ in expected], autojunk=False
    )
    for _, a_start, a_end, b_start, b_end in matcher.get_opcodes():
        if a_end - a_start != b_end - b_start:
            continue
        for place, (_, stress) in zip(places[a_start:a_end], expected[b_start:b_end], strict=True):
            marked[place] = replace(marked[place], stress=stress)
    return tuple(marked)
