"""Figures of several speakers of the same lines, side by side."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["FIGURES", "Report", "score"]

FIGURES = {
    "closure_recall": ("p b m with lips shut", "", 1),
    "false_seals_per_s": ("false closures per second of speech", "/s", -1),
    "shut_vowels": ("vowels with lips shut", "", -1),
    "open_vowel_mm": ("peak opening of open vowels", "mm", 0),
    "rounding_mm": ("spread wider than rounded by", "mm", 1),
    "bite_mm": ("lower lip to teeth in f v", "mm", -1),
    "bite_contact": ("f v within 1 mm", "", 1),
    "silence_mm": ("opening in silence, mean", "mm", -1),
    "silence_p95_mm": ("opening in silence, 95 %", "mm", -1),
    "openness_r": ("correlation with phones' openness", "", 1),
    "openness_lag_ms": ("lag behind the phones", "ms", 0),
    "fast_share": ("energy above 15 Hz", "", -1),
    "captured_gap_r": ("correlation with captured lip gap", "", 1),
    "captured_jaw_r": ("correlation with captured jaw", "", 1),
    # An opening jaw narrows the mouth, so that even a loudness follower agrees with the width.
    "captured_width_r": ("correlation with captured width", "", 0),
    "captured_rounding_r": ("correlation with captured rounding", "", 1),
    "captured_lower_lip_r": ("correlation with captured lower lip", "", 1),
    "captured_lag_ms": ("lag behind the captured gap", "ms", 0),
}
"""What each figure is, its unit, and whether more (1) or less (-1) of it is better."""


@dataclass(frozen=True)
class Report:
    """What was measured.

    Attributes
    ----------
    rows : mapping of str to mapping of str to float
        Figures of each speaker by its name: ``actor``, ``loudness`` …
    conditions : mapping of str to float or str
        On what: sentences, people, takes, head.
    """

    rows: Mapping[str, Mapping[str, float]]
    conditions: Mapping[str, float | str]

    def table(self) -> str:
        """The report as text, one figure to a line, one column for each speaker."""
        names = list(self.rows)
        width = max(len(label) for label, _, _ in FIGURES.values()) + 6
        lines = [" " * width + "".join(f"{name:>15}" for name in names)]
        for key, (label, unit, _) in FIGURES.items():
            cells = [self.rows[name].get(key, math.nan) for name in names]
            if all(math.isnan(cell) for cell in cells):
                continue
            text = f"{label} ({unit})" if unit else label
            lines.append(f"{text:<{width}}" + "".join(f"{cell:>15.3f}" for cell in cells))
        about = ", ".join(f"{name} {value}" for name, value in self.conditions.items())
        return "\n".join([*lines, f"({about})"])

    def json(self) -> str:
        """The report as JSON; figures that could not be measured are null."""
        rows = {
            name: {key: None if math.isnan(value) else value for key, value in row.items()}
            for name, row in self.rows.items()
        }
        return json.dumps({"conditions": dict(self.conditions), "rows": rows}, indent=1)


def score(figures: Mapping[str, float]) -> float:
    """One number to choose between actors by; higher is better.

    Lips first: recall of closures less false ones, then movement in step with speech and with the
    captured mouth, rounding, contact with the teeth, and a mouth at rest in silence. Each part
    counts about 1 when it is as good as can be hoped for.
    """

    def value(name: str) -> float:
        found = figures.get(name, 0.0)
        return 0.0 if math.isnan(found) else found

    return (
        1.5 * (value("closure_recall") - min(1.0, value("false_seals_per_s")))
        - value("shut_vowels")
        + value("openness_r")
        + 0.5 * (value("captured_gap_r") + value("captured_jaw_r"))
        + 0.5 * (value("captured_rounding_r") + value("captured_lower_lip_r"))
        + min(1.0, max(0.0, value("rounding_mm")) / 6.0)
        + 0.5 * value("bite_contact")
        - 0.25 * min(4.0, value("silence_mm"))
    )
