"""What the command line asks of whoever can render a character, before a head is fitted to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["HeadCaptureJob"]


@dataclass(frozen=True)
class HeadCaptureJob:
    """Pictures of a character to be taken.

    Attributes
    ----------
    folder : Path
        Where they go, and what is gone on with if it holds some of the same bake.
    scene : Path or None
        A .blend to open; None for the embedded head in its studio.
    object_name : str or None
        The character in the scene; None for the only one there is.
    quality : str
        A key of `QUALITIES`.
    engine : str or None
        ``"cycles"``, ``"eevee"`` or ``"workbench"``; None for the one of the scene, and Cycles for
        the embedded head.
    size : int
        Edge of the square pictures in pixels; that of the quality if 0.
    progress : callable
        Called with the fraction done, 0-1.
    cancelled : callable
        Asked before each picture.
    """

    folder: Path
    scene: Path | None = None
    object_name: str | None = None
    quality: str = "standard"
    engine: str | None = None
    size: int = 0
    progress: Callable[[float], None] = lambda fraction: None
    cancelled: Callable[[], bool] = lambda: False
