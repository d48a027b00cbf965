"""Sizes, cameras, colours and frames, as the command line names them."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from ...errors import RigtalkError
from ...performance import Performance
from ..stance import View

__all__ = ["COLOURS", "TRANSPARENT", "chosen", "parse_colour", "parse_size", "parse_view"]

LARGEST = 16384
"""Pixels each way that a renderer draws."""
TRANSPARENT = "transparent"
COLOURS = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "gray": (128, 128, 128),
    "dark": (43, 46, 51),
    "green": (0, 177, 64),
    "blue": (0, 71, 187),
}
"""Names of backgrounds; green and blue are those of screens that are keyed out."""
_SIZE = re.compile(r"(\d{1,9})[x×*](\d{1,9})", re.IGNORECASE)
_VIEW = ("yaw", "pitch", "distance", "field_of_view")
_FRAMES = re.compile(r"(\d{0,9}):(\d{0,9})")


def parse_size(text: str) -> tuple[int, int]:
    """Width and height from ``720x480``.

    Raises
    ------
    RigtalkError
        If it is not understood, or no picture has that size.
    """
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise RigtalkError(f"--size {text!r} is not understood: write WIDTHxHEIGHT, as in 720x480")
    width, height = int(found[1]), int(found[2])
    if not 1 <= min(width, height) <= max(width, height) <= LARGEST:
        raise RigtalkError(
            f"--size {text}: a picture has 1 to {LARGEST} pixels in width and in height"
        )
    return width, height


def parse_view(text: str) -> View:
    """A view from ``30,10,,35``; what is left out is that of the front.

    Raises
    ------
    RigtalkError
        If it is not understood.
    """
    words = text.split(",") if text.strip() else []
    if len(words) > len(_VIEW):
        raise RigtalkError(f"--camera {text!r}: it takes YAW,PITCH,DISTANCE,FOV, not more")
    given = {}
    for name, word in zip(_VIEW, words, strict=False):
        if word.strip():
            try:
                given[name] = float(word)
            except ValueError:
                raise RigtalkError(
                    f"--camera {text!r}: {word!r} is no number; write YAW,PITCH,DISTANCE,FOV"
                ) from None
    return View(**given)


def parse_colour(text: str) -> np.ndarray | None:
    """Display-referred RGB (3,) 0-1 from a name or ``#rrggbb``; None if transparent.

    Raises
    ------
    RigtalkError
        If it is not understood.
    """
    word = text.strip().lower()
    if word == TRANSPARENT:
        return None
    if word in COLOURS:
        return np.array(COLOURS[word], np.float32) / 255
    digits = word.removeprefix("#")
    if re.fullmatch(r"[0-9a-f]{6}", digits):
        return np.frombuffer(bytes.fromhex(digits), np.uint8).astype(np.float32) / 255
    raise RigtalkError(
        f"--background {text!r} is not understood: write #rrggbb, {', '.join(COLOURS)} or "
        f"{TRANSPARENT}"
    )


def chosen(performance: Performance, frames: str | None) -> tuple[Performance, int]:
    """The frames that ``FIRST:LAST`` names, and the number of the first; all of them without it.

    Raises
    ------
    RigtalkError
        If the words are not understood, or there are no such frames.
    """
    count = len(performance)
    if not count:
        raise RigtalkError("there are no frames in the curves")
    if frames is None:
        return performance, 1
    found = _FRAMES.fullmatch(frames.strip())
    if not found:
        raise RigtalkError(f"--frames {frames!r} is not understood: write FIRST:LAST, as in 1:48")
    first, last = int(found[1] or 1), min(int(found[2] or count), count)
    if not 1 <= first <= last:
        raise RigtalkError(f"--frames {frames}: there are frames 1 to {count}")
    part = replace(
        performance,
        values=performance.values[first - 1 : last],
        start=performance.start + (first - 1) / performance.fps,
    )
    return part, first
