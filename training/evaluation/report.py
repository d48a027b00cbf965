"""Figures of several speakers of the same lines, side by side."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from rigtalk.core.judge.table import FIGURES

__all__ = ["Report", "score"]


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
        width = max(len(figure.title) for figure in FIGURES.values()) + 2
        lines = [" " * width + "".join(f"{name:>15}" for name in names)]
        for key, figure in FIGURES.items():
            cells = [self.rows[name].get(key, math.nan) for name in names]
            if all(math.isnan(cell) for cell in cells):
                continue
            lines.append(f"{figure.title:<{width}}" + "".join(f"{cell:>15.3f}" for cell in cells))
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
        + 0.5 * value("emotion_recovered")
        - 0.25 * min(4.0, value("silence_mm"))
    )
