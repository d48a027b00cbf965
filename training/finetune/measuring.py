"""What fine-tuning changed: nearness to captured faces, and what emotions still do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from rigtalk.core import Actor, Clip, Direction
from rigtalk.core.direction import EMOTIONS
from rigtalk.core.judge.heads import embedded_probe
from rigtalk.core.judge.probe import Probe
from rigtalk.core.judge.signals import correlation
from rigtalk.rigs import control_set, mapping

from .check import CheckedTake
from .material import tail_share
from .synchrony import RATE

__all__ = ["emotions_kept", "nearness"]

REGIONS = ("brows", "eyes", "cheeks", "nose", "mouth", "jaw")
STILL = 1e-3
"""A region in which emotions change less than this on average is not compared."""


def nearness(
    actor: Actor, takes: Iterable[CheckedTake], *, part: str = "all", probe: Probe | None = None
) -> dict[str, float]:
    """How near an actor comes to captured faces, in their own moods and through the whole of core.

    Parameters
    ----------
    actor : rigtalk.core.Actor
    takes : iterable of CheckedTake
    part : str
        ``"all"``, or ``"end"`` for the last part of each take, which fine-tuning keeps aside.
    probe : Probe, optional
        Head to measure on; the embedded one if absent.

    Returns
    -------
    dict of str to float
        ``<what>_r`` and ``<what>_mm``, correlation and mean absolute error, for the lip gap, the
        jaw (what it alone opens), the width of the mouth, rounding (how far the lips come forward),
        and the lower lip (to the upper teeth); ``weights``, mean absolute error of all captured
        controls. Controls that were not captured are taken as performed.
    """
    probe = probe or embedded_probe()
    rows = []
    for take in takes:
        performance = actor.perform(
            Clip(take.samples), Direction(dict(take.emotions)), fps=RATE, rig=take.controls.name
        )
        count = min(len(performance), len(take.values))
        from_frame = _tail(take) if part == "end" else 0
        moved, known = performance.values[from_frame:count], take.known[from_frame:count]
        told = known.any(axis=1)
        if not told.any():
            continue
        captured = np.where(known, take.values[from_frame:count], moved)
        row = {"weights": float(np.abs(moved - captured)[known].mean())}
        curves = [
            _measures(values[told], take.controls.name, probe) for values in (moved, captured)
        ]
        for name in curves[0]:
            row[f"{name}_r"] = correlation(curves[0][name], curves[1][name])
            row[f"{name}_mm"] = float(np.abs(curves[0][name] - curves[1][name]).mean())
        rows.append(row)
    return {name: float(np.mean([row[name] for row in rows])) for name in (rows[0] if rows else ())}


def _tail(take: CheckedTake) -> int:
    return round(len(take.values) * (1.0 - tail_share(take.seconds)))


def _measures(values: np.ndarray, name: str, probe: Probe) -> dict[str, np.ndarray]:
    """Millimetres over time."""
    arkit = mapping(name, "arkit").apply(values)
    track = probe.track(arkit)
    jaw = control_set("arkit").index("jawOpen")
    alone = np.zeros_like(arkit)
    alone[:, jaw] = arkit[:, jaw]
    return {
        "gap": track.gap,
        "jaw": probe.track(alone).gap,
        "width": track.width,
        "rounding": track.protrusion,
        "lower_lip": track.bite,
    }


def emotions_kept(
    before: Actor, after: Actor, recordings: Sequence[np.ndarray]
) -> dict[str, dict[str, float]]:
    """Whether emotions do to the face what they did.

    For every emotion at full intensity, the mean change of each control from neutral is compared
    between two actors on the same recordings.

    Returns
    -------
    dict of str to dict
        By region (and ``all``): ``r``, correlation of the changes over controls and emotions, and
        ``size``, how strong they are after as a share of before.
    """
    changes = [_changes(actor, recordings) for actor in (before, after)]
    regions = {name: control_set("arkit").in_region(name) for name in REGIONS}
    regions["all"] = np.concatenate(list(regions.values()))
    kept = {}
    for name, columns in regions.items():
        old, new = (change[:, columns].ravel() for change in changes)
        if np.abs(old).mean() > STILL:
            size = float(new @ old / (old @ old))
            kept[name] = {"r": correlation(old, new), "size": size}
    return kept


def _changes(actor: Actor, recordings: Sequence[np.ndarray]) -> np.ndarray:
    """Mean change from neutral, shape (emotions, 61)."""

    def mean(emotions: Mapping[str, float]) -> np.ndarray:
        parts = [
            actor.perform(Clip(samples), Direction(emotions), fps=RATE).values
            for samples in recordings
        ]
        return np.concatenate(parts).mean(axis=0)

    calm = mean({})
    return np.stack([mean({name: 1.0}) - calm for name in EMOTIONS])
