"""What the preview needs to know of a line of dialogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["Curves", "MouthCurves", "PreviewLine", "no_curves"]


@dataclass(frozen=True, eq=False)
class MouthCurves:
    """What a mouth does in some frames.

    Attributes
    ----------
    jaw, lips : ndarray, shape (n,), float32
        How far the jaw is open and how far the lips are rounded, 0-1; empty if not known.
    sealed : ndarray, shape (n,), bool
        Where the lips are sealed over an open jaw; empty if not known.
    """

    jaw: np.ndarray
    lips: np.ndarray
    sealed: np.ndarray


NOTHING = MouthCurves(np.zeros(0, np.float32), np.zeros(0, np.float32), np.zeros(0, bool))
Curves = Callable[[np.ndarray], MouthCurves]


def no_curves(_frames: np.ndarray) -> MouthCurves:
    """The curves of a line that nobody speaks."""
    return NOTHING


@dataclass(frozen=True)
class PreviewLine:
    """A line as the preview shows it; holds nothing that Blender may move or free.

    Attributes
    ----------
    name : str
    audio : Path
    start_frame : float
        Frame at which the untrimmed recording starts.
    first, last : float
        Frames between which the line is heard; `last` is NaN until the recording was measured.
    curves : callable
        Gets frames, shape (n,), and gives `MouthCurves`; called on the main thread.
    active : bool
        Whether it is the one that is worked on.
    """

    name: str
    audio: Path
    start_frame: float
    first: float
    last: float
    curves: Curves = no_curves
    active: bool = False

    def lasting(self, seconds: float, fps: float) -> PreviewLine:
        """The line, with its end told by the length of its recording where it was not known."""
        if not np.isnan(self.last):
            return self
        end = self.start_frame + seconds * fps
        return PreviewLine(
            self.name, self.audio, self.start_frame, self.first, end, self.curves, self.active
        )
