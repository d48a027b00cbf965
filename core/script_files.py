"""Scripts as people name them: the words themselves, a file of them, or a folder of files."""

from __future__ import annotations

import contextlib
from pathlib import Path

import soundfile

from .errors import RigtalkError
from .script import Script
from .speech.labels import LABEL_SUFFIXES, TIMIT_RATE, Labels, read_labels

__all__ = [
    "SCRIPT_SUFFIXES",
    "check_script",
    "labels_of",
    "read_script",
    "read_text",
    "script_path",
]

TEXT_SUFFIX = ".txt"
MOST_BYTES = 1 << 20
"""Of a file of text; a longer one is something else."""
_LABELLED = tuple(suffix.lower() for suffix in LABEL_SUFFIXES)
SCRIPT_SUFFIXES = (TEXT_SUFFIX, *_LABELLED)
"""Lower-case suffixes of files that say what is said; whatever ends so is taken for a path."""


def read_script(said: str, audio: Path) -> Script:
    """What is said in a recording.

    Parameters
    ----------
    said : str
        The words, or a path: of a text (.txt), of phones with their times (.TextGrid, .phn, .lab),
        or of a folder in which such a file has the recording's name.
    audio : Path
        The recording.

    Raises
    ------
    RigtalkError
        If a file is missing, cannot be read or says nothing, or a folder has none for the
        recording.
    """
    path = script_path(said, audio)
    if path is None or path.suffix.lower() not in _LABELLED:
        return Script(read_text(said if path is None else str(path), "the script"))
    return Script(phones=labels_of(path, audio).phones)


def labels_of(path: Path, audio: Path) -> Labels:
    """The labels of a recording, whose samples a .phn counts.

    Raises
    ------
    RigtalkError
        See `speech.labels.read_labels`.
    """
    rate = TIMIT_RATE
    with contextlib.suppress(OSError, RuntimeError):  # whoever plays the recording will complain
        rate = float(soundfile.info(audio).samplerate)
    return read_labels(path, sample_rate=rate)


def check_script(said: str | None, recordings: int, *, recognised: bool) -> None:
    """Complain of words of the command line that cannot all be meant.

    Raises
    ------
    RigtalkError
        If one text is given for several recordings, or a script and recognition together.
    """
    if said is None:
        return
    if recognised:
        raise RigtalkError("--script says what is said and --recognise asks for it: give one")
    path = _path(said)
    if recordings > 1 and (path is None or not path.is_dir()):
        raise RigtalkError(
            f"--script: {recordings} recordings do not say the same; name a folder with a text for "
            "each"
        )


def script_path(said: str, audio: Path) -> Path | None:
    """The file that says what a recording says; None where the words themselves are given.

    Raises
    ------
    RigtalkError
        If a folder has no file for the recording.
    """
    path = _path(said)
    return _in_folder(path, audio) if path is not None and path.is_dir() else path


def read_text(said: str, what: str) -> str:
    """A text that is given as such, or in a file of any name.

    Parameters
    ----------
    said : str
    what : str
        What messages call it.

    Raises
    ------
    RigtalkError
        If a .txt is missing, a file is no text, or there is no word.
    """
    path, text = _path(said), said
    if path is not None:
        try:
            with path.open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except FileNotFoundError:
            raise RigtalkError(f"{path}: no such file") from None
        except OSError as error:
            raise RigtalkError(f"{path}: cannot be read ({error.strerror})") from None
        if len(data) > MOST_BYTES:
            raise RigtalkError(f"{path}: too long for a text that somebody speaks")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise RigtalkError(f"{path}: not a text file; save it as UTF-8") from None
    if not any(char.isalnum() for char in text):
        raise RigtalkError(f"{what} has no words in it; give what is said, or a file of it")
    return text


def _path(said: str) -> Path | None:
    """The path that a text is, if it is one."""
    with contextlib.suppress(OSError, ValueError):  # a long text is no file name
        path = Path(said)
        named = path.suffix.lower() in SCRIPT_SUFFIXES and "\n" not in said
        if said.strip() and (named or path.exists()):
            return path
    return None


def _in_folder(folder: Path, audio: Path) -> Path:
    for suffix in (*LABEL_SUFFIXES, TEXT_SUFFIX):
        for path in (folder / f"{audio.stem}{suffix}", folder / f"{audio.stem}{suffix.lower()}"):
            if path.is_file():
                return path
    raise RigtalkError(
        f"{folder}: holds no script for {audio.name}; add {audio.stem}{TEXT_SUFFIX}, or "
        f"{audio.stem} with {', '.join(LABEL_SUFFIXES)}"
    )
