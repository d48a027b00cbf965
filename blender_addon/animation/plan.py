"""The keys that a performance becomes, worked out away from Blender."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.keys.curve import Keys, linear_keys
from rigtalk.core.keys.merge import Join, plan_join
from rigtalk.core.keys.reduction import reduce_keys
from rigtalk.core.keys.seals import sealed_frames
from rigtalk.core.keys.stamp import Stamp
from rigtalk.core.performance import Performance

from .channel import channel_values
from .options import KeyOptions
from .snapshot import CurveNow, Snapshot

__all__ = ["CurvePlan", "Plan", "plan_keys", "take_name"]

FAR = 300
"""Frames beside a span within which the keys around it are looked for."""


@dataclass(frozen=True, eq=False)
class CurvePlan:
    """What one curve will be.

    Attributes
    ----------
    now : CurveNow
        What it is.
    keys, stamp : Keys, Stamp
        All it will have, and what to remember of it.
    low, high : float
        Of the new motion.
    """

    now: CurveNow
    keys: Keys
    stamp: Stamp
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Plan:
    """What is to be written.

    Attributes
    ----------
    curves : tuple of CurvePlan
    snapshot : Snapshot
        What it was planned for.
    takes : tuple of tuple of str
        For each owner the names of its takes.
    keys : int
        New keys.
    first, last : float
        Frames of the first and the last new key.
    kept, replaced : int
        Keys changed by hand that stay and that go.
    notes : tuple of str
    """

    curves: tuple[CurvePlan, ...]
    snapshot: Snapshot
    takes: tuple[tuple[str, ...], ...]
    keys: int
    first: float
    last: float
    kept: int
    replaced: int
    notes: tuple[str, ...]


def take_name(start_frame: float) -> str:
    """Name of a take that has none: lines that begin at one frame replace each other."""
    return f"@{start_frame:g}"


def plan_keys(
    performance: Performance,
    now: Snapshot,
    *,
    start_frame: float,
    options: KeyOptions,
    take: str | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Plan:
    """Work out the keys for a performance. Touches nothing of Blender; runs on any thread.

    Parameters
    ----------
    performance : Performance
        Time 0 is at `start_frame`. It may hold no more than the span that is asked for.
    now : Snapshot
    start_frame : float
        Need not be whole: keys are on whole frames of the scene all the same.
    options : KeyOptions
    take : str, optional
        Name of the line. Keys that were written for it earlier and lie outside it now are taken
        away. If absent, the start frame is its name.
    cancelled : callable
        Asked now and then.

    Raises
    ------
    RigtalkError
        If there is nothing to key in these frames, a control is missing, or `cancelled` said so.
    """
    if not len(performance):
        raise RigtalkError("there is nothing to key: the performance has no frames")
    line = _line(performance, start_frame, now.fps)
    span = options.span
    begin, end = line if span is None else (max(line[0], span[0]), min(line[1], span[1]))
    begin, end = float(np.ceil(begin - 1e-3)), float(np.floor(end + 1e-3))
    if begin > end:
        raise RigtalkError(
            f"nothing to key: the line is at frames {line[0]:g} to {line[1]:g}, outside the range"
        )
    low, high = (begin, end) if span is None else _around(now, begin, end)
    frames = np.arange(low, high + 1.0)
    seen = performance.at((frames - start_frame) / now.fps)
    shown = replace(performance, values=seen, fps=now.fps, start=(low - start_frame) / now.fps)
    if cancelled():
        raise RigtalkError("cancelled: nothing was changed")

    name = take_name(start_frame) if take is None else take
    takes = tuple(known if name in known else (*known, name) for known in now.takes)
    sealed, exact = (np.zeros(0, bool), ()) if options.dense else sealed_frames(shown)
    joins: list[Join] = []
    pinned = np.zeros((len(frames), len(now.curves)), dtype=bool)
    for column, curve in enumerate(now.curves):
        join = plan_join(
            curve.keys, curve.stamp, frames, channel_values(curve.control, curve.response, shown),
            take=takes[curve.owner].index(name), line=(begin, end) if span is None else line,
            span=span, keep_edits=options.keep_edits, blend=options.blend,
        )  # fmt: skip
        joins.append(join)
        pinned[:, column] = join.pinned
        if not set(exact).isdisjoint(_controls(curve)):
            pinned[:, column] |= sealed
    values = np.stack([join.target for join in joins], axis=1)
    tolerance = np.array([_tolerance(curve, shown, options) for curve in now.curves])
    if options.dense:
        new = [linear_keys(frames, values[:, column]) for column in range(len(joins))]
    else:
        new = reduce_keys(values, tolerance, pinned=pinned, first=low)
    if cancelled():
        raise RigtalkError("cancelled: nothing was changed")

    plans, count = [], 0
    for column, (curve, join) in enumerate(zip(now.curves, joins, strict=True)):
        keys, stamp = join.finished(
            new[column], frames, take=takes[curve.owner].index(name),
            tolerance=None if options.dense else float(tolerance[column]),
        )  # fmt: skip
        count += len(keys) - len(join.kept)
        target = join.target
        plans.append(CurvePlan(curve, keys, stamp, float(target.min()), float(target.max())))
    return Plan(
        curves=tuple(plans),
        snapshot=now,
        takes=takes,
        keys=count,
        first=begin,
        last=end,
        kept=sum(join.edits for join in joins),
        replaced=sum(join.replaced for join in joins),
        notes=now.notes,
    )


def _line(performance: Performance, start_frame: float, fps: float) -> tuple[float, float]:
    """First and last whole frame of a performance in the scene."""
    first = start_frame + performance.start * fps
    last = first + (len(performance) - 1) / performance.fps * fps
    begin, end = float(np.ceil(first - 1e-3)), float(np.floor(last + 1e-3))
    # Between two frames there still is one to show it on.
    return (begin, end) if begin <= end else (float(np.round(first)),) * 2


def _around(now: Snapshot, begin: float, end: float) -> tuple[float, float]:
    """A range of frames, widened to the keys on both sides of it."""
    low, high = begin, end
    for curve in now.curves:
        frames = curve.keys.frames
        before, after = frames[frames <= begin], frames[frames >= end]
        low = min(low, float(before[-1])) if len(before) else low
        high = max(high, float(after[0])) if len(after) else high
    return float(np.floor(max(low, begin - FAR))), float(np.ceil(min(high, end + FAR)))


def _controls(curve: CurveNow) -> tuple[str, ...]:
    return (curve.control,) if curve.response is None else curve.response.controls


def _tolerance(curve: CurveNow, performance: Performance, options: KeyOptions) -> float:
    """How far a channel may be off, in its own unit."""
    controls = performance.controls
    span = 0.0
    for term in () if curve.response is None else curve.response.terms:
        control = controls.controls[controls.index(term.control)]
        span += abs(term.gain) * (control.high - control.low)
    if curve.response is None:
        control = controls.controls[controls.index(curve.control)]
        span = control.high - control.low
    elif curve.response.low is not None and curve.response.high is not None:
        span = min(span, curve.response.high - curve.response.low)
    allowed = options.share * span
    if curve.reach:
        allowed = min(allowed, options.mm / curve.reach)
    return allowed
