"""Planned keys put into Blender: all of them, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.keys.merge import edit_count, hand_edits
from rigtalk.core.keys.stamp import EMPTY, Stamp

from .. import compat
from .channel import Channel, owners_of
from .curves import read_keys, read_points, write_keys
from .homes import ACTIVE, Home, Undo
from .plan import CurvePlan, Plan
from .snapshot import check_editable, read_stamps, wanted_channels
from .stamps import STAMPS, encode

__all__ = ["Stale", "Written", "clear_keys", "count_edits", "write_plan", "write_plans"]


class Stale(RigtalkError):  # noqa: N818 - an outcome to act on, as `Cancelled` is
    """What was planned for has changed since: take a new snapshot and plan again."""


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes
    ----------
    curves, keys : int
        F-curves and keys that were written.
    first, last : float
        Frames of the first and the last key.
    notes : tuple of str
        What was left out, and why.
    kept, replaced : int
        Keys changed by hand that stayed and that went.
    """

    curves: int
    keys: int
    first: float
    last: float
    notes: tuple[str, ...] = ()
    kept: int = 0
    replaced: int = 0


def write_plan(plan: Plan, channels: Sequence[Channel], *, home: Home = ACTIVE) -> Written:
    """Write planned keys. If anything fails, everything is as it was.

    Parameters
    ----------
    plan : Plan
    channels : sequence of Channel
        Those of the snapshot, found anew if there was an undo or a file was loaded since.
    home : Home
        As for the snapshot.

    Raises
    ------
    Stale
        If channels or keys are not those of the snapshot any more.
    RigtalkError
        If a data-block cannot be edited.
    """
    return write_plans([(plan, home)], channels)[0]


def write_plans(plans: Sequence[tuple[Plan, Home]], channels: Sequence[Channel]) -> list[Written]:
    """Write several plans, each to its own home, all or none; see `write_plan`."""
    found = [_matched(plan, channels) for plan, _ in plans]
    for (_, home), pairs in zip(plans, found, strict=True):
        for owner in owners_of(channel for _, channel in pairs):
            check_editable(owner, home)
        _check_unchanged(pairs, home)
    undo: Undo = []
    try:
        for (plan, home), pairs in zip(plans, found, strict=True):
            for number, owner in _numbered(pairs):
                mine = [(curve, channel) for curve, channel in pairs if curve.now.owner == number]
                _write_owner(plan, number, owner, mine, home, undo)
    except BaseException:
        for step in reversed(undo):
            step()
        for (_, home), pairs in zip(plans, found, strict=True):
            for _, owner in _numbered(pairs):
                home.settle(owner)
        raise
    return [
        Written(len(p.curves), p.keys, p.first, p.last, p.notes, p.kept, p.replaced)
        for p, _ in plans
    ]


def _matched(plan: Plan, channels: Sequence[Channel]) -> list[tuple[CurvePlan, Channel]]:
    """Each planned curve with its channel, by the place of its owner among the owners."""
    suited = wanted_channels(channels, plan.snapshot.controls)
    owners = owners_of(suited)
    places = {(owners.index(c.owner), c.path, c.index): c for c in suited}
    found = []
    for curve in plan.curves:
        channel = places.get(curve.now.place)
        if channel is None:
            raise Stale("the controls of the character have changed: generate the line again")
        found.append((curve, channel))
    return found


def _numbered(found: Sequence[tuple[CurvePlan, Channel]]) -> list[tuple[int, bpy.types.ID]]:
    numbers: dict[int, bpy.types.ID] = {}
    for curve, channel in found:
        numbers.setdefault(curve.now.owner, channel.owner)
    return list(numbers.items())


def _check_unchanged(found: Sequence[tuple[CurvePlan, Channel]], home: Home) -> None:
    for owner in owners_of(channel for _, channel in found):
        holder = home.read(owner)
        for plan, channel in found:
            if channel.owner != owner:
                continue
            curve = holder and holder.fcurves.find(channel.path, index=channel.index)
            points = read_points(curve) if curve else np.zeros((0, 2), np.float32)
            if not np.array_equal(points, plan.now.keys.co):
                raise Stale(
                    f"the keys of {channel.control} were changed meanwhile: generate the line again"
                )


def _write_owner(
    plan: Plan,
    number: int,
    owner: bpy.types.ID,
    mine: Sequence[tuple[CurvePlan, Channel]],
    home: Home,
    undo: Undo,
) -> None:
    holder = home.write(owner, undo)
    for curve, channel in mine:
        _widen_slider(curve, channel, undo)
        fcurve = holder.fcurves.find(channel.path, index=channel.index)
        if fcurve is None:
            fcurve = _new_curve(holder, channel)
            undo.append(_remover(holder, channel))
        else:
            undo.append(_rewriter(holder, curve, channel))
        write_keys(fcurve, curve.keys)
    stamps = dict(plan.snapshot.stamps[number])
    stamps |= {(curve.now.path, curve.now.index): curve.stamp for curve, _ in mine}
    _write_stamps(home.user(owner), encode(plan.takes[number], stamps), undo)
    home.settle(owner)
    owner.update_tag()


def _remover(holder: Any, channel: Channel) -> Callable[[], None]:
    def back() -> None:
        curve = holder.fcurves.find(channel.path, index=channel.index)
        if curve is not None:
            holder.fcurves.remove(curve)

    return back


def _rewriter(holder: Any, plan: CurvePlan, channel: Channel) -> Callable[[], None]:
    def back() -> None:
        curve = holder.fcurves.find(channel.path, index=channel.index)
        if curve is not None:
            write_keys(curve, plan.now.keys)

    return back


def _write_stamps(user: Any, data: str, undo: Undo) -> None:
    place = compat.stamp_place(user, STAMPS)
    if place is None:
        return
    action, name = place
    before = action.get(name)
    action[name] = data

    def back() -> None:
        if before is None:
            action.pop(name, None)
        else:
            action[name] = before

    undo.append(back)


def _widen_slider(curve: CurvePlan, channel: Channel, undo: Undo) -> None:
    """Let a shape key reach the values; outside its range Blender clamps what it plays."""
    if channel.owner.id_type != "KEY":
        return
    block = channel.owner.path_resolve(channel.path.removesuffix(".value"))
    before = block.slider_min, block.slider_max
    if before[0] <= curve.low and curve.high <= before[1]:
        return

    def back() -> None:
        block.slider_min, block.slider_max = before

    undo.append(back)
    block.slider_min = min(before[0], float(np.floor(curve.low)))
    block.slider_max = max(before[1], float(np.ceil(curve.high)))


def _new_curve(holder: Any, channel: Channel) -> Any:
    curve = holder.fcurves.new(channel.path, index=channel.index)
    if channel.group:
        curve.group = holder.groups.get(channel.group) or holder.groups.new(channel.group)
    return curve


def count_edits(
    channels: Sequence[Channel], *, take: str | None = None, home: Home = ACTIVE
) -> int:
    """Keys that were changed, added or deleted by hand since they were written.

    Parameters
    ----------
    channels : sequence of Channel
    take : str, optional
        Only within the frames of this line.
    home : Home
    """
    count = 0
    for _, _, curve, stamp, number in _stamped(channels, take, home):
        keys = read_keys(curve)
        edited, gone = hand_edits(keys, stamp)
        if number is not None:
            mine = stamp.frames[stamp.takes == number]
            if len(mine):
                edited &= (keys.frames >= mine[0] - 0.5) & (keys.frames <= mine[-1] + 0.5)
            gone &= stamp.takes == number
            edited &= bool(len(mine))
        count += edit_count(edited, gone)
    return count


def clear_keys(channels: Sequence[Channel], *, take: str | None = None, home: Home = ACTIVE) -> int:
    """Take away the keys that were written and not changed since; returns how many.

    Parameters
    ----------
    channels : sequence of Channel
    take : str, optional
        Only those of this line.
    home : Home
    """
    count = 0
    changed: dict[bpy.types.ID, dict[tuple[str, int], Stamp]] = {}
    for channel, holder, curve, stamp, number in list(_stamped(channels, take, home)):
        keys = read_keys(curve)
        at = stamp.match(keys)
        ours = at >= 0 if number is None else (at >= 0) & (stamp.takes[at] == number)
        count += int(ours.sum())
        left = keys.chosen(~ours)
        if len(left):
            write_keys(curve, left)
        else:
            holder.fcurves.remove(curve)
        rest = EMPTY if number is None else stamp.chosen(stamp.takes != number)
        changed.setdefault(channel.owner, {})[channel.path, channel.index] = rest
    for owner, curves in changed.items():
        takes, stamps = read_stamps(owner, home)
        _write_stamps(home.user(owner), encode(takes, stamps | curves), [])
        owner.update_tag()
    return count


def _stamped(channels: Sequence[Channel], take: str | None, home: Home) -> Any:
    """(channel, holder, curve, stamp, number of the take) of channels that have a stamp."""
    for owner in owners_of(channels):
        takes, stamps = read_stamps(owner, home)
        if not stamps or (take is not None and take not in takes):
            continue
        holder = home.read(owner)
        number = None if take is None else takes.index(take)
        for channel in (channel for channel in channels if channel.owner == owner):
            stamp = stamps.get((channel.path, channel.index))
            curve = holder and holder.fcurves.find(channel.path, index=channel.index)
            if stamp is not None and curve:
                yield channel, holder, curve, stamp, number
