"""What can be wrong with captured curves by themselves, and what of them can still be believed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rigtalk.rigs import ControlSet

from ..export import layer_owned
from .captures import Capture

__all__ = ["MOVING", "Believed", "Finding", "believe"]

MOVING = 0.01
"""Standard deviation of a weight from which it counts as captured."""
STILL = 0.002
"""Standard deviation below which a control that should move is frozen."""
SHOULD_MOVE = 0.03
"""Standard deviation on the trained actor from which a control should move in this speech."""
PERCENT = 2.0
"""Weights go to 1; one beyond this was meant as a percentage, up to 100."""
FLAT, FLAT_ROWS, FLAT_SHARE, FLAT_FROM = 1e-4, 8, 0.01, 0.15
"""A curve is cut off where it stays within FLAT of its highest value, above FLAT_FROM, in so many
rows and such a share of them."""
FLAT_RUN = 3.0
"""Rows for which it stays there at a time, on average; a peak is there for one."""
GAP_STEPS, GAP_SECONDS = 2.5, 0.09
"""Rows are missing where the next comes later than both: what was between is not known."""
FREEZE_SECONDS = 0.4
"""A live face never holds every control still for so long."""


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with a take.

    Attributes
    ----------
    kind : str
        One word for it, such as ``"lag"``.
    weight : str
        ``"refused"``: the take cannot be used; ``"corrected"``: put right; ``"note"``: the take is
        used, less what is wrong.
    text : str
        What is wrong and what to do, in a line.
    """

    kind: str
    weight: str
    text: str


@dataclass(frozen=True, eq=False)
class Believed:
    """Curves of which it is known what can be believed.

    Attributes
    ----------
    values : ndarray, shape (rows, controls), float32
        In range.
    known : ndarray, shape (rows, controls), bool
    gaps : ndarray, shape (rows - 1,), bool
        Whether rows are missing between a row and the next.
    findings : tuple of Finding
    """

    values: np.ndarray
    known: np.ndarray
    gaps: np.ndarray
    findings: tuple[Finding, ...]


def believe(capture: Capture, expected: np.ndarray) -> Believed:
    """Look through captured curves.

    Parameters
    ----------
    capture : Capture
    expected : ndarray, shape (controls,)
        Standard deviation of each control as a trained actor speaks the same recording.
    """
    controls = capture.controls
    names = [name.rpartition("CTRL_expressions_")[2] for name in controls.names]
    findings: list[Finding] = []
    values, weights = capture.values.astype(np.float32), _is_weight(controls)
    if PERCENT < float(np.abs(values[:, weights]).max(initial=0.0)) <= 110.0:
        values[:, weights] /= 100.0
        findings.append(
            Finding("scale", "corrected", "its weights are percentages; divided by 100")
        )
    values = controls.clip(values)
    free = ~layer_owned(controls)
    moves = values.std(axis=0)
    should = free & (expected > SHOULD_MOVE)
    missing, frozen = should & ~capture.given, should & capture.given & (moves < STILL)
    jaw = next(i for i, name in enumerate(names) if name == "jawOpen")
    if missing[jaw] or frozen[jaw]:
        how = "has no column" if missing[jaw] else "never moves"
        findings.append(
            Finding("jaw", "refused", f"{names[jaw]} {how}; export the face with its jaw again")
        )
    findings += _listed("missing", missing, names, "without a column, left to the trained actor")
    findings += _listed("frozen", frozen, names, "never moving, left to the trained actor")
    known = np.tile(free & capture.given & (moves > MOVING), (len(values), 1))
    cut, flat = _cut_off(values, known[0])
    findings += _listed(
        "clipped", cut, names, "cut off at the top; lower the gain; those moments are left out"
    )
    known &= ~flat
    gaps, lost = _gaps(capture.times)
    if gaps.any():
        findings.append(
            Finding(
                "gaps",
                "note",
                f"{int(gaps.sum())} gaps in its timecode, {lost:.1f} s in all; those moments are "
                "left out; record with less load on the phone",
            )
        )
    held = _held(values[:, known[0]], capture.step)
    if held.any():
        known[held] = False
        findings.append(
            Finding(
                "held",
                "note",
                f"the whole face stands still for {held.sum() * capture.step:.1f} s (tracking "
                "lost); those moments are left out",
            )
        )
    return Believed(values, known, gaps, tuple(findings))


def _is_weight(controls: ControlSet) -> np.ndarray:
    """Controls that go from 0 to 1; angles are in radians."""
    return np.array((controls.lows == 0.0) & (controls.highs == 1.0))


def _listed(kind: str, which: np.ndarray, names: list[str], fate: str) -> list[Finding]:
    found = [name for name, chosen in zip(names, which, strict=True) if chosen]
    if not found:
        return []
    shown = ", ".join(found[:6]) + (f" and {len(found) - 6} more" if len(found) > 6 else "")
    return [Finding(kind, "note", f"{shown}: {fate}")]


def _cut_off(values: np.ndarray, moving: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which controls are cut off, (controls,), and where, (rows, controls)."""
    top = values.max(axis=0)
    flat = (values >= top - FLAT) & (top > FLAT_FROM) & moving
    rows = flat.sum(axis=0)
    runs = (np.diff(flat.astype(np.int8), axis=0, prepend=0) == 1).sum(axis=0)
    cut = (rows >= max(FLAT_ROWS, FLAT_SHARE * len(values))) & (rows >= FLAT_RUN * runs)
    return cut, flat & cut


def _gaps(times: np.ndarray) -> tuple[np.ndarray, float]:
    """After which rows some are missing, and seconds in all."""
    steps = np.diff(times)
    usual = float(np.median(steps))
    gaps = (steps > GAP_STEPS * usual) & (steps > GAP_SECONDS)
    return gaps, float((steps[gaps] - usual).sum())


def _held(values: np.ndarray, step: float) -> np.ndarray:
    """Rows in which nothing has changed for long, shape (rows,)."""
    same = np.concatenate([[False], (np.abs(np.diff(values, axis=0)) < 1e-6).all(axis=1)])
    if not values.shape[1] or values.max(initial=0.0) <= 0:
        return np.zeros(len(values), dtype=bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    held = np.zeros(len(values), dtype=bool)
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        # A face at rest may be all zeros; a tracker that froze holds some pose.
        if (end - begin) * step >= FREEZE_SECONDS and values[begin].max() > STILL:
            held[begin:end] = True
    return held
