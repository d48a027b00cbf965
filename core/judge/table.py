"""What each figure is called, its unit, which way is better, and what a good actor reaches."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["FIGURES", "Figure", "figure_lines", "plain"]


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes
    ----------
    label : str
    unit : str
        Empty for shares and correlations.
    better : int
        1 if more of it is better, -1 if less, 0 if neither.
    goal : float or None
        What to reach; for better = 0 the largest distance from 0.
    """

    label: str
    unit: str = ""
    better: int = 0
    goal: float | None = None

    @property
    def title(self) -> str:
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def title_with_comma(self) -> str:
        return f"{self.label}, {self.unit}" if self.unit not in ("", "/s") else self.label

    def wanted(self) -> str:
        """The goal in words; empty without one."""
        if self.goal is None:
            return ""
        return f"{('|x| ≤', '≥', '≤')[self.better]} {self.goal:g}"

    def reached(self, value: float) -> bool | None:
        """Whether a value is as good as it should be; None without a goal or a value."""
        if self.goal is None or not math.isfinite(value):
            return None
        return (abs(value) <= self.goal, value >= self.goal, value <= self.goal)[self.better]


FIGURES: dict[str, Figure] = {
    "closure_recall": Figure("p b m with lips shut", "", 1, 0.92),
    "false_seals_per_s": Figure("false closures per second of speech", "/s", -1, 0.1),
    "shut_vowels": Figure("vowels with lips shut", "", -1, 0.01),
    "open_vowel_mm": Figure("peak opening of open vowels", "mm"),
    "rounding_mm": Figure("spread wider than rounded by", "mm", 1, 4.0),
    "bite_mm": Figure("lower lip to teeth in f v", "mm", -1),
    "bite_contact": Figure("f v within 1 mm", "", 1),
    "silence_mm": Figure("opening in silence, mean", "mm", -1, 0.05),
    "silence_p95_mm": Figure("opening in silence, 95 %", "mm", -1, 0.3),
    "openness_r": Figure("correlation with phones' openness", "", 1, 0.8),
    "openness_lag_ms": Figure("lag behind the phones", "ms", 0, 20.0),
    "fast_share": Figure("motion energy above 15 Hz", "", -1, 0.02),
    "brow_range_mm": Figure("range of the eyebrows", "mm"),
    "brow_pitch_r": Figure("eyebrows with pitch"),
    "brow_loudness_r": Figure("eyebrows with loudness"),
    "region_distance": Figure("regions: distance from ground truth", "", -1),
    "emotion_recovered": Figure("asked emotion recovered", "", 1, 0.9),
    "captured_gap_r": Figure("correlation with captured lip gap", "", 1, 0.85),
    "captured_jaw_r": Figure("correlation with captured jaw", "", 1, 0.85),
    # An opening jaw narrows the mouth, so that even a loudness follower agrees with the width.
    "captured_width_r": Figure("correlation with captured width"),
    "captured_rounding_r": Figure("correlation with captured rounding", "", 1),
    "captured_lower_lip_r": Figure("correlation with captured lower lip", "", 1),
    "captured_lag_ms": Figure("lag behind the captured gap", "ms", 0, 20.0),
    "captured_gap_error_mm": Figure("mean error of the lip gap", "mm", -1),
    "lve_mm": Figure("lip vertex error", "mm", -1),
    "fdd_mm": Figure("upper-face dynamics deviation", "mm"),
}
"""Every figure, in the order of reports."""


def plain(value: float) -> float | None:
    """A value as JSON can hold it: None for what could not be measured."""
    return round(float(value), 5) if math.isfinite(value) else None


def figure_lines(figures: Mapping[str, float]) -> list[str]:
    """Figures as lines of text with their goals; what was not measured is ``none``."""
    width = max(len(figure.title) for figure in FIGURES.values()) + 2
    lines = []
    for name, figure in FIGURES.items():
        if name not in figures:
            continue
        value = figures[name]
        shown = f"{value:.3f}" if math.isfinite(value) else "none"
        mark = {True: "reached", False: "missed", None: ""}[figure.reached(value)]
        goal = f"{figure.wanted():<9}{mark}" if figure.wanted() else ""
        lines.append(f"{figure.title:<{width}}{shown:>9}   {goal}".rstrip())
    return lines
