"""What a sound file's container says about itself, checked before it is decoded.

libsndfile reads truncated files without a word: it mends the length in its copy of the header and
mentions that in its log only.
"""

from __future__ import annotations

import re
import stat
import struct
from pathlib import Path

import soundfile

from .errors import RigtalkError

__all__ = ["check_container", "explain"]

_MENDED = re.compile(
    r"^\s*(data|SSND|Data Size|Riff size|riff)\s*:\s*(\d+) \(should be (\d+)\)", re.MULTILINE
)
"""Lines of libsndfile's log for a chunk of sound whose length does not fit the file."""
_UNKNOWN_LENGTHS = range(0x7FFFFF00, 0x100000000)
"""Programs that write to a pipe put the largest number where they cannot know the length."""
_OGG_JUNK = "Junk after the last page"


def check_container(path: Path) -> None:
    """Raise RigtalkError unless the path is a sound file that is all there.

    Parameters
    ----------
    path : Path
        Only headers are read, so this takes no time however long the file is.
    """
    size = _size(path)
    _check_mp3(path, size)
    try:
        log = soundfile.info(str(path), verbose=True).extra_info
    except (soundfile.LibsndfileError, TypeError):
        return  # opening it will say why
    for _, declared, actual in _MENDED.findall(log):
        if int(declared) > int(actual) and int(declared) not in _UNKNOWN_LENGTHS:
            raise RigtalkError(
                f"{path}: truncated: the header promises {declared} bytes of sound, the file holds "
                f"{actual}; copy or export it again"
            )
    if _OGG_JUNK in log:
        raise RigtalkError(f"{path}: truncated: its last page is cut; copy or export it again")


def explain(error: Exception) -> str:
    """What libsndfile complains of, without the path that it repeats."""
    text = getattr(error, "error_string", "") or str(error)
    return " ".join(text.split()).removeprefix("Error : ").rstrip(".")


def _size(path: Path) -> int:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise RigtalkError(f"{path}: is a folder; name a sound file")
        if not stat.S_ISREG(mode):  # opening a pipe could wait for ever
            raise RigtalkError(f"{path}: is not a file")
        with path.open("rb") as file:
            size = file.seek(0, 2)
    except FileNotFoundError:
        raise RigtalkError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or error
        raise RigtalkError(f"{path}: cannot be read ({reason})") from None
    if size == 0:
        raise RigtalkError(f"{path}: is empty (0 bytes)")
    return size


def _check_mp3(path: Path, size: int) -> None:
    """Compare the length in an mp3's Xing header; its decoder would warn on stderr and go on."""
    with path.open("rb") as file:
        head = file.read(10)
        begin = 0
        if head[:3] == b"ID3" and len(head) == 10:
            a, b, c, d = head[6:]
            begin = 10 + (a << 21 | b << 14 | c << 7 | d)
        file.seek(begin)
        frame = file.read(64)
    is_frame = len(frame) == 64 and frame[0] == 0xFF and frame[1] & 0xE0 == 0xE0
    tag = max(frame.find(b"Xing", 0, 48), frame.find(b"Info", 0, 48))
    if not is_frame or tag < 0:
        return
    flags = struct.unpack_from(">I", frame, tag + 4)[0]
    has_frames, has_bytes = flags & 1, flags & 2
    if has_bytes:
        declared = struct.unpack_from(">I", frame, tag + 8 + 4 * has_frames)[0]
        if declared > 1.005 * (size - begin):
            raise RigtalkError(
                f"{path}: truncated: the header promises {declared} bytes of sound, the file holds "
                f"{size - begin}; copy or export it again"
            )
