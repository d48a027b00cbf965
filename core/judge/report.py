"""A judged take as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

from .table import FIGURES, figure_lines, plain
from .take import FPS, JudgedTake

__all__ = ["as_json", "as_text", "reads_as"]

FORMAT = 1


def reads_as(take: JudgedTake) -> str:
    """Which emotion the face shows, in words."""
    mood, chance = next(iter(take.emotion.items()))
    words = f"reads as {mood} ({chance:.0%})"
    if take.asked is None:
        return words
    return f"{words}; {take.asked} was asked ({take.emotion[take.asked]:.0%})"


def as_text(take: JudgedTake) -> str:
    """The report for a terminal."""
    lines = [*figure_lines(take.figures), reads_as(take)]
    if take.seals is not None and take.seals.closures:
        lines.append(
            f"{take.seals.hits} of {len(take.seals.closures)} closures shut, "
            f"{len(take.seals.false)} false in {take.seals.seconds:.1f} s of speech"
        )
    return "\n".join([*lines, *(f"note: {note}" for note in take.notes)])


def as_json(take: JudgedTake, sources: Mapping[str, str]) -> str:
    """The report as JSON; what could not be measured is null.

    Parameters
    ----------
    take : JudgedTake
    sources : mapping of str to str
        Names of the files that were judged.
    """
    data: dict[str, object] = {
        "format": "rigtalk-judge",
        "version": FORMAT,
        "sources": dict(sources),
        "head": take.head,
        "seconds": round(len(take.track.gap) / FPS, 3),
        "figures": {name: plain(value) for name, value in take.figures.items()},
        "goals": {name: FIGURES[name].wanted() for name in take.figures if FIGURES[name].wanted()},
        "emotion": {mood: plain(chance) for mood, chance in take.emotion.items()},
        "asked": take.asked,
        "notes": list(take.notes),
    }
    if take.seals is not None:
        data["closures"] = [
            {"phone": p.symbol, "start": plain(p.start), "end": plain(p.end), "shut": hit}
            for p, hit in take.seals.closures
        ]
        data["false_seals"] = [[plain(a), plain(b)] for a, b in take.seals.false]
        data["seal_curve"] = [
            {"limit_mm": limit, "closure_recall": plain(recall), "false_seals_per_s": plain(false)}
            for limit, recall, false in take.seal_curve
        ]
    return json.dumps(data, indent=1, allow_nan=False)
