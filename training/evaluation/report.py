"""Figures of several speakers of the same lines, side by side."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rigtalk.core.judge.table import FIGURES, plain

__all__ = ["Report", "Section", "score", "short"]


SHORT = {
    "closure_recall": "closures",
    "false_seals_per_s": "false/s",
    "shut_vowels": "shut vowels",
    "rounding_mm": "rounding",
    "bite_contact": "f v",
    "silence_mm": "silence",
    "silence_p95_mm": "95 %",
    "openness_r": "openness r",
    "openness_lag_ms": "lag ms",
    "fast_share": "> 15 Hz",
    "emotion_recovered": "recovered",
}
"""Figures of sections in few letters."""


@dataclass(frozen=True)
class Section:
    """One way to break the actor's figures down.

    Attributes
    ----------
    title : str
    about : str
        What to know when reading it; may be empty.
    columns : tuple of str
        Figures to show, of `FIGURES`.
    rows : mapping of str to mapping of str to float
        Figures of each group by its name.
    """

    title: str
    about: str
    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Report:
    """What was measured.

    Attributes
    ----------
    rows : mapping of str to mapping of str to float
        Figures of each speaker by its name: ``actor``, ``loudness`` …
    conditions : mapping of str to float or str
        On what: sentences, people, takes, head.
    sections : tuple of Section
        The actor's figures broken down.
    curves : mapping of str to sequence of (float, float, str)
        For each speaker false closures per second and recall over thresholds, named.
    """

    rows: Mapping[str, Mapping[str, float]]
    conditions: Mapping[str, float | str]
    sections: tuple[Section, ...] = ()
    curves: Mapping[str, Sequence[tuple[float, float, str]]] = field(default_factory=dict)

    def table(self) -> str:
        """The report as text: one figure to a line, one column for each speaker; then sections."""
        names = list(self.rows)
        width = max(len(figure.title) for figure in FIGURES.values()) + 2
        lines = [" " * width + "".join(f"{name:>15}" for name in names)]
        for key, figure in FIGURES.items():
            cells = [self.rows[name].get(key, math.nan) for name in names]
            if not all(math.isnan(cell) for cell in cells):
                lines.append(f"{figure.title:<{width}}" + "".join(f"{c:>15.3f}" for c in cells))
        lines.append(f"({self.about()})")
        for section in self.sections:
            lines += ["", f"{section.title}. {section.about}", *_section_lines(section)]
        for name, points in self.curves.items():
            lines += ["", f"Closures over thresholds, {name}: threshold, recall, false per second"]
            lines += [
                f"  {label:<16}{recall:>7.3f}{false:>9.3f}" for false, recall, label in points
            ]
        return "\n".join(lines)

    def about(self) -> str:
        """On what it was measured, in words."""
        return ", ".join(f"{name} {value}" for name, value in self.conditions.items())

    def markdown(self) -> str:
        """The report as tables of a README."""
        names = list(self.rows)
        lines = [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
        for key, figure in FIGURES.items():
            cells = [self.rows[name].get(key, math.nan) for name in names]
            if not all(math.isnan(cell) for cell in cells):
                lines.append(f"| {figure.title_with_comma} | {' | '.join(map(short, cells))} |")
        for section in self.sections:
            titles = [FIGURES[key].title_with_comma for key in section.columns]
            lines += ["", f"**{section.title}.** {section.about}", ""]
            lines += [f"| | {' | '.join(titles)} |", f"|---|{'---|' * len(titles)}"]
            for name, row in section.rows.items():
                cells = [row.get(key, math.nan) for key in section.columns]
                lines.append(f"| {name} | {' | '.join(map(short, cells))} |")
        for name, points in self.curves.items():
            lines += ["", f"**Closures over thresholds, {name}.**", ""]
            lines += [f"| | {' | '.join(label for _, _, label in points)} |"]
            lines += [f"|---|{'---|' * len(points)}"]
            lines.append(f"| recall | {' | '.join(short(recall) for _, recall, _ in points)} |")
            lines.append(f"| false per s | {' | '.join(short(false) for false, _, _ in points)} |")
        return "\n".join(lines)

    def json(self) -> str:
        """The report as JSON; figures that could not be measured are null."""

        def cells(rows: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float | None]]:
            return {name: {k: plain(v) for k, v in row.items()} for name, row in rows.items()}

        data = {
            "conditions": dict(self.conditions),
            "rows": cells(self.rows),
            "sections": {section.title: cells(section.rows) for section in self.sections},
            "closure_curves": {
                name: [
                    {"threshold": label, "closure_recall": plain(r), "false_seals_per_s": plain(f)}
                    for f, r, label in points
                ]
                for name, points in self.curves.items()
            },
        }
        return json.dumps(data, indent=1, allow_nan=False)


def short(value: float) -> str:
    """A figure for people: three decimals below 1, two below 10, without the nought in front."""
    if math.isnan(value):
        return ""
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1
    text = f"{abs(value):.{digits}f}"
    sign = "–" if value < 0 and float(text) else ""
    return sign + (text[1:] if text.startswith("0.") else text)


def _section_lines(section: Section) -> list[str]:
    width = max(map(len, section.rows), default=0) + 2
    lines = [" " * width + "".join(f"{SHORT[key]:>12}" for key in section.columns)]
    for name, row in section.rows.items():
        cells = "".join(f"{row.get(key, math.nan):>12.3f}" for key in section.columns)
        lines.append(f"{name:<{width}}{cells}")
    return lines


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
