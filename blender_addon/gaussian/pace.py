"""How finely to draw while things move, so that they keep moving."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Pace"]

BUDGET = 0.033
"""Seconds that a picture may take while something moves."""
SETTLED = (0.25, 1.0)
"""Seconds without change after which all is drawn finely, at least and at most."""
PATIENCE = 3.0
"""Pictures of all pixels that are waited for between: where one takes long, so do changes."""
STEPS = (1.0, 0.7, 0.5, 0.35, 0.25)
FIXED = 0.35
"""Share of a full picture's time that fewer pixels do not save."""


@dataclass
class Pace:
    """Remembers how long pictures take, and when something changed last.

    Attributes
    ----------
    changed : float
        When the last change was on the screen, seconds of any clock.
    whole : float
        Seconds that a picture of all pixels takes; 0 until one was drawn.
    """

    changed: float = -1e9
    whole: float = 0.0

    def moves(self, now: float) -> bool:
        """Whether something changed a moment ago."""
        return now - self.changed < min(max(SETTLED[0], PATIENCE * self.whole), SETTLED[1])

    def scale(self, now: float) -> float:
        """Pixels a side to draw now, as a share of all."""
        if not self.moves(now) or self.whole <= BUDGET:
            return 1.0
        room = (BUDGET / self.whole - FIXED) / (1 - FIXED)
        return next((step for step in STEPS if step * step <= room), STEPS[-1])

    def took(self, seconds: float, scale: float) -> None:
        """Take a picture's time into account."""
        whole = seconds / (FIXED + (1 - FIXED) * scale * scale)
        # A slow picture counts at once; a fast one may have been luck.
        self.whole = whole if whole > self.whole else 0.7 * self.whole + 0.3 * whole
