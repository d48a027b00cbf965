"""What fine-tuning tells its user, in lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .check import CheckedTake

__all__ = ["check_lines", "comparison_lines"]

_ROWS = {
    "gap": "lip gap",
    "jaw": "jaw",
    "width": "mouth width",
    "rounding": "rounding",
    "lower_lip": "lower lip to teeth",
}


def check_lines(take: CheckedTake) -> Iterator[str]:
    """A line on a take, and one for each thing that is wrong with it."""
    found = take.alignment
    mood = ", ".join(f"{name} {share:g}" for name, share in take.emotions.items()) or "neutral"
    how = f", correlation {found.agreement:.2f} with the trained actor" if found else ""
    controls = int(take.known.any(axis=0).sum()) if take.known.size else 0
    yield f"{take.name}: {take.seconds:.0f} s, {mood}, {controls} controls captured{how}"
    for finding in take.findings:
        yield f"  {finding.weight}: {take.name}: {finding.text}"


def comparison_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Tables of before and after."""
    parts = [("the held-out ends of the takes", report["ends"])]
    if "measured" in report:
        parts.append((", ".join(report["measured"]["takes"]), report["measured"]))
    for where, figures in parts:
        before, after = figures["before"], figures["after"]
        yield f"on {where}:       r before  after    error before  after"
        for name, told in _ROWS.items():
            if f"{name}_r" in before:
                yield (
                    f"  {told:<20} {before[f'{name}_r']:8.3f} {after[f'{name}_r']:6.3f}"
                    f"    {before[f'{name}_mm']:8.2f} {after[f'{name}_mm']:6.2f} mm"
                )
        if "weights" in before:
            yield (
                f"  {'captured weights':<20} {'':15}    {before['weights']:8.4f}"
                f" {after['weights']:6.4f}"
            )
    yield "emotions, what each does to the face after against before:"
    for name, kept in report["emotions"].items():
        yield f"  {name:<8} r {kept['r']:.3f}   size {100 * kept['size']:.0f} %"
