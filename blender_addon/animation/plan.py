"""The keys that a performance becomes, worked out away from Blender."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.interpolation import interpolate
from rigtalk.core.keys.curve import Keys, linear_keys
from rigtalk.core.keys.merge import Join, plan_join
from rigtalk.core.keys.reduction import reduce_keys
from rigtalk.core.keys.seals import sealed_frames
from rigtalk.core.keys.stamp import Stamp
from rigtalk.core.performance import Performance
from rigtalk.rigs.controls import ControlSet

from .channel import channel_values
from .options import KeyOptions
from .snapshot import CurveNow, Snapshot

__all__ = [
    "CurvePlan",
    "Plan",
    "at_frames",
    "curve_tolerance",
    "line_frames",
    "plan_curves",
    "plan_keys",
    "take_name",
]

CANCELLED = "cancelled: nothing was changed"
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
    below: Performance | None = None,
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
    below : Performance, optional
        What the channels do already, on the same frames: only the difference is keyed.
    cancelled : callable
        Asked now and then.

    Raises
    ------
    RigtalkError
        If there is nothing to key in these frames, a control is missing, or `cancelled` said so.
    """
    if not len(performance):
        raise RigtalkError("there is nothing to key: the performance has no frames")
    line = line_frames(performance, start_frame, now.fps)
    frames = _frames(now, line, options.span)

    def seen(part: Performance) -> list[np.ndarray]:
        shown = at_frames(part, frames, start_frame=start_frame, fps=now.fps)
        return [channel_values(curve.control, curve.response, shown) for curve in now.curves]

    values = seen(performance)
    if below is not None:
        values = [new - old for new, old in zip(values, seen(below), strict=True)]
    pinned = np.zeros((len(frames), len(now.curves)), dtype=bool)
    if not options.dense:
        shown = at_frames(performance, frames, start_frame=start_frame, fps=now.fps)
        sealed, exact = sealed_frames(shown)
        columns = [not set(exact).isdisjoint(_controls(curve)) for curve in now.curves]
        pinned[:, columns] = sealed[:, None]
    return plan_curves(
        now,
        frames,
        np.stack(values, axis=1),
        tolerance=np.array([curve_tolerance(c, performance.controls, options) for c in now.curves]),
        pinned=pinned,
        line=line,
        take=take_name(start_frame) if take is None else take,
        options=options,
        cancelled=cancelled,
    )


def plan_curves(
    now: Snapshot,
    frames: np.ndarray,
    values: np.ndarray,
    *,
    tolerance: np.ndarray,
    pinned: np.ndarray,
    line: tuple[float, float],
    take: str,
    options: KeyOptions,
    cancelled: Callable[[], bool] = lambda: False,
) -> Plan:
    """Work out the keys for values of channels; as `plan_keys`.

    Parameters
    ----------
    frames : ndarray, shape (n,)
        Whole frames of the scene, one apart.
    values : ndarray, shape (n, curves)
    tolerance : ndarray, shape (curves,)
        In the unit of each channel.
    pinned : ndarray, shape (n, curves), bool
        Frames that are exact.
    line : tuple of float
        First and last frame of the line, which the values may hold a part of.
    """
    if cancelled():
        raise RigtalkError(CANCELLED)
    takes = tuple(known if take in known else (*known, take) for known in now.takes)
    numbers = [known.index(take) for known in takes]
    joins: list[Join] = []
    for column, curve in enumerate(now.curves):
        join = plan_join(
            curve.keys,
            curve.stamp,
            frames,
            values[:, column],
            take=numbers[curve.owner],
            line=line,
            span=options.span,
            keep_edits=options.keep_edits,
            blend=options.blend,
        )
        joins.append(join)
        pinned[:, column] |= join.pinned
    wanted = np.stack([join.target for join in joins], axis=1)
    if options.dense:
        new = [linear_keys(frames, wanted[:, column]) for column in range(len(joins))]
    else:
        new = reduce_keys(wanted, tolerance, pinned=pinned, first=float(frames[0]))
    if cancelled():
        raise RigtalkError(CANCELLED)

    plans, count = [], 0
    for column, (curve, join) in enumerate(zip(now.curves, joins, strict=True)):
        keys, stamp = join.finished(
            new[column],
            frames,
            take=numbers[curve.owner],
            tolerance=None if options.dense else float(tolerance[column]),
        )
        count += len(keys) - len(join.kept)
        low, high = float(join.target.min()), float(join.target.max())
        plans.append(CurvePlan(curve, keys, stamp, low, high))
    begin, end = _part(line, options.span)
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


def at_frames(
    performance: Performance, frames: np.ndarray, *, start_frame: float, fps: float
) -> Performance:
    """A performance at whole frames of a scene; beyond its ends it holds.

    Unlike `Performance.at` this leaves values as they are, so that differences may be negative.
    """
    times = (frames - start_frame) / fps
    positions = (times - performance.start) * performance.fps
    values = interpolate(performance.values, positions)
    return replace(performance, values=values, fps=fps, start=float(times[0]))


def line_frames(performance: Performance, start_frame: float, fps: float) -> tuple[float, float]:
    """First and last whole frame of a performance in a scene."""
    first = start_frame + performance.start * fps
    last = first + (len(performance) - 1) / performance.fps * fps
    begin, end = float(np.ceil(first - 1e-3)), float(np.floor(last + 1e-3))
    # A performance that falls between two frames is still shown, on the nearer.
    return (begin, end) if begin <= end else (float(np.round(first)),) * 2


def _part(line: tuple[float, float], span: tuple[float, float] | None) -> tuple[float, float]:
    """The frames of a line that are in a span."""
    if span is None:
        return line
    begin, end = np.ceil(max(line[0], span[0]) - 1e-3), np.floor(min(line[1], span[1]) + 1e-3)
    if begin > end:
        raise RigtalkError(
            f"nothing to key in the frames {span[0]:g} to {span[1]:g}: "
            f"the line is at {line[0]:g} to {line[1]:g}"
        )
    return float(begin), float(end)


def _frames(
    now: Snapshot, line: tuple[float, float], span: tuple[float, float] | None
) -> np.ndarray:
    """Frames to plan: those of the line in the span, on to the keys on both sides of a span."""
    begin, end = _part(line, span)
    low, high = begin, end
    if span is not None:
        for curve in now.curves:
            at = curve.keys.frames
            before, after = at[at <= begin], at[at >= end]
            low = min(low, float(before[-1])) if len(before) else low
            high = max(high, float(after[0])) if len(after) else high
    return np.arange(np.floor(max(low, begin - FAR)), np.ceil(min(high, end + FAR)) + 1.0)


def _controls(curve: CurveNow) -> tuple[str, ...]:
    return (curve.control,) if curve.response is None else curve.response.controls


def curve_tolerance(curve: CurveNow, controls: ControlSet, options: KeyOptions) -> float:
    """How far a channel may be off, in its own unit."""
    allowed = options.share * _span(curve, controls)
    return min(allowed, options.mm / curve.reach) if curve.reach and options.mm else allowed


def _span(curve: CurveNow, controls: ControlSet) -> float:
    """From the lowest to the highest value of a channel."""

    def whole(name: str) -> float:
        control = controls.controls[controls.index(name)]
        return control.high - control.low

    response = curve.response
    if response is None:
        return whole(curve.control)
    span = sum(abs(term.gain) * whole(term.control) for term in response.terms)
    if response.low is not None and response.high is not None:
        span = min(span, response.high - response.low)
    return span
