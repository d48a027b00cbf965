"""Where the curves of a character are: in its active action, or in the NLA strip of a layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.core.layered import LAYERS

from .. import compat
from .channel import owner_name

__all__ = ["ACTIVE", "TRACK", "ActiveAction", "Home", "LayerStrip", "layer_strip"]

Undo = list[Callable[[], None]]
"""Steps that put back what was changed, to be run from the last to the first."""
TRACK = "RigTalk"
"""What the names of our NLA tracks begin with."""
PRECISION = 1e-3
"""Frames."""


class Home(Protocol):
    """Where curves are read and written."""

    def read(self, owner: bpy.types.ID) -> Any | None:
        """What holds the curves of a data-block, or None."""

    def write(self, owner: bpy.types.ID, undo: Undo) -> Any:
        """The same, made where it is missing."""

    def user(self, owner: bpy.types.ID) -> Any | None:
        """What has the action and its slot: animation data or a strip."""

    def check(self, owner: bpy.types.ID) -> None:
        """Raise RigtalkError unless keys can be written."""

    def settle(self, owner: bpy.types.ID) -> None:
        """Whatever is to be done after keys were written."""


class ActiveAction:
    """The active action of each data-block."""

    def read(self, owner: bpy.types.ID) -> Any | None:
        return compat.curves_to_read(owner)

    def write(self, owner: bpy.types.ID, undo: Undo) -> Any:
        data = owner.animation_data
        before = data.action if data is not None else None

        def back() -> None:
            new = owner.animation_data.action if owner.animation_data else None
            if new is not None and new != before:
                owner.animation_data.action = before
                if not new.users:
                    bpy.data.actions.remove(new)

        undo.append(back)
        return compat.curves_to_write(owner, action_name=f"{owner_name(owner)} {TRACK}")

    def user(self, owner: bpy.types.ID) -> Any | None:
        return owner.animation_data

    def check(self, owner: bpy.types.ID) -> None:
        check_action(owner, self.user(owner))
        if compat.curves_are_shared(owner):
            raise RigtalkError(
                f"the action of {owner_name(owner)} animates other objects too: "
                "make it single-user in the Action Editor first"
            )

    def settle(self, owner: bpy.types.ID) -> None:
        pass


ACTIVE = ActiveAction()


@dataclass(frozen=True)
class LayerStrip:
    """The NLA strip of one layer of each data-block.

    Attributes
    ----------
    layer : str
        One of `LAYERS`.
    """

    layer: str

    def read(self, owner: bpy.types.ID) -> Any | None:
        strip = self.user(owner)
        return None if strip is None else compat.strip_curves(strip)

    def write(self, owner: bpy.types.ID, undo: Undo) -> Any:
        strip = self.user(owner)
        if strip is None:
            strip = self._added(owner, undo)
        return compat.strip_curves(strip)

    def user(self, owner: bpy.types.ID) -> Any | None:
        return layer_strip(owner, self.layer)

    def check(self, owner: bpy.types.ID) -> None:
        strip = self.user(owner)
        if strip is None:
            return
        check_action(owner, strip)
        moved = strip.frame_start - strip.action_frame_start
        if abs(moved) > PRECISION or strip.scale != 1.0 or strip.repeat != 1.0:
            raise RigtalkError(
                f"the strip {strip.name} of {owner_name(owner)} was moved, scaled or repeated: "
                "put it back in the NLA Editor, or bake the layers"
            )

    def settle(self, owner: bpy.types.ID) -> None:
        """Let the strip show all of its action, and nothing twice."""
        strip = self.user(owner)
        holder = strip and compat.strip_curves(strip)
        if not holder or not len(holder.fcurves):
            return
        ranges = [curve.range() for curve in holder.fcurves]
        first, last = min(r[0] for r in ranges), max(r[1] for r in ranges)
        fit_strip(strip, first, max(last, first + 1.0))

    def _added(self, owner: bpy.types.ID, undo: Undo) -> bpy.types.NlaStrip:
        data = owner.animation_data or owner.animation_data_create()
        track = _tracks(owner, data, undo)[self.layer]
        strip = compat.add_strip(track, owner, f"{owner_name(owner)} {TRACK} {self.layer}")
        strip.blend_type = "REPLACE" if self.layer == LAYERS[0] else "ADD"
        strip.extrapolation = "HOLD"

        def back() -> None:
            action = strip.action
            track.strips.remove(strip)
            if not action.users:
                bpy.data.actions.remove(action)

        undo.append(back)
        return strip


def _tracks(
    owner: bpy.types.ID, data: bpy.types.AnimData, undo: Undo
) -> dict[str, bpy.types.NlaTrack]:
    """The tracks of all layers, in their order from below; what is missing is made, empty."""
    found: dict[str, bpy.types.NlaTrack] = {}
    names = [f"{TRACK} {layer}" for layer in LAYERS]
    if data.nla_tracks.get(names[0]) is None and any(map(data.nla_tracks.get, names[1:])):
        # A new track comes above others, where lips would hide all that adds to them.
        raise RigtalkError(
            f"{owner_name(owner)} has lost its NLA track {names[0]}: undo that, or delete the "
            f"other {TRACK} tracks too, and generate all layers"
        )
    below = None
    for layer, name in zip(LAYERS, names, strict=True):
        track = data.nla_tracks.get(name)
        if track is None:
            track = data.nla_tracks.new(prev=below) if below else data.nla_tracks.new()
            track.name = name
            undo.append(partial(data.nla_tracks.remove, track))
        found[layer] = below = track
    return found


def fit_strip(strip: bpy.types.NlaStrip, first: float, last: float) -> None:
    """Let a strip play its action from one frame to another, unmoved and unscaled."""
    strip.use_sync_length = False
    # A begin beyond the end would be refused, so the end goes out of its way first.
    strip.action_frame_end = max(last, strip.action_frame_start)
    strip.action_frame_start, strip.action_frame_end = first, last
    strip.frame_start_raw, strip.frame_end_raw = first, last
    strip.scale = strip.repeat = 1.0


def layer_strip(owner: bpy.types.ID, layer: str) -> bpy.types.NlaStrip | None:
    """The strip of a layer, found by the name of its track."""
    data = owner.animation_data
    track = data and data.nla_tracks.get(f"{TRACK} {layer}")
    return track.strips[0] if track and len(track.strips) else None


def check_action(owner: bpy.types.ID, user: Any | None) -> None:
    """Raise RigtalkError if the action that something plays cannot be edited."""
    if user is not None and user.action is not None and not user.action.is_editable:
        raise RigtalkError(
            f"the action {user.action.name} of {owner_name(owner)} is linked from a library: "
            "make it local or unlink it from the character first"
        )
