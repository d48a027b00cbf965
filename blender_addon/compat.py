"""Every difference between Blender 4.2 and 5.2 that this extension meets, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError

from .faults import reason_of

__all__ = [
    "PATH_OPTIONS",
    "add_sound",
    "add_strip",
    "channel_is_muted",
    "channel_name",
    "curve_holders",
    "curves_are_shared",
    "curves_to_read",
    "curves_to_write",
    "draws_gaussians",
    "engine_names",
    "is_retimed",
    "mark_as_gaussians",
    "picture_settings",
    "playhead_colour",
    "resize_cloud",
    "scene_sounds",
    "sequencer_scenes",
    "set_movie_format",
    "sound_strips",
    "stamp_place",
    "strip_curves",
    "strip_length",
    "strip_span",
    "strips_of",
    "text_strips",
    "writes_depth",
]

PATH_OPTIONS = {"PATH_SUPPORTS_BLEND_RELATIVE"} if bpy.app.version >= (4, 5, 0) else set()
"""Options of a property for a path that may start with ``//``."""


def curves_to_read(owner: bpy.types.ID) -> Any | None:
    """What holds the F-curves that animate a data-block, or None where it has no action.

    Returns
    -------
    Action or ActionChannelbag or None
        Both have ``fcurves`` and ``groups``.
    """
    data = owner.animation_data
    if data is None or data.action is None:
        return None
    if not hasattr(data, "action_slot"):  # before 4.4
        return data.action
    return _channelbag(data.action, data.action_slot)


def curves_to_write(owner: bpy.types.ID, *, action_name: str) -> Any:
    """What holds the F-curves of a data-block, with all it needs made where it is missing.

    Parameters
    ----------
    owner : bpy.types.ID
        A ``Key`` for shape keys, an ``Object`` for bones and custom properties.
    action_name : str
        Name for a new action; an action that is there already is kept.

    Returns
    -------
    Action or ActionChannelbag
        Both have ``fcurves`` and ``groups``.
    """
    data = owner.animation_data or owner.animation_data_create()
    if data.action is None:
        data.action = bpy.data.actions.new(action_name)
    if not hasattr(data, "action_slot"):  # before 4.4
        return data.action
    action = data.action
    if data.action_slot is None:
        suitable = tuple(data.action_suitable_slots)
        data.action_slot = suitable[0] if suitable else _new_slot(action, owner)
    layer = action.layers[0] if len(action.layers) else action.layers.new(name="Layer")
    strip = layer.strips[0] if len(layer.strips) else layer.strips.new(type="KEYFRAME")
    return strip.channelbag(data.action_slot, ensure=True)


def stamp_place(user: Any, base: str) -> tuple[bpy.types.Action, str] | None:
    """The action and the name of an ID property that belongs to some curves in it.

    A slot has a name of its own, by its handle, which stays in files, copies and libraries.

    Parameters
    ----------
    user : AnimData, NlaStrip or None
        What plays the curves.
    base : str
        The name, where there are no slots, or its beginning.

    Returns
    -------
    (Action, str) or None
        None where there is no action.
    """
    if user is None or user.action is None:
        return None
    slot = getattr(user, "action_slot", None)  # from 4.4
    return user.action, base if slot is None else f"{base}_{slot.handle}"


def strip_curves(strip: bpy.types.NlaStrip) -> Any | None:
    """What holds the F-curves that an NLA strip plays: ``fcurves`` and ``groups``; or None."""
    if strip.action is None:
        return None
    if not hasattr(strip, "action_slot"):  # before 4.4
        return strip.action
    return _channelbag(strip.action, strip.action_slot)


def add_strip(track: bpy.types.NlaTrack, owner: bpy.types.ID, name: str) -> bpy.types.NlaStrip:
    """Put a strip with a new, empty action for a data-block on an NLA track."""
    action = bpy.data.actions.new(name)
    strip = track.strips.new(name, 1, action)
    if hasattr(strip, "action_slot"):  # from 4.4
        slot = _new_slot(action, owner)
        action.layers.new(name="Layer").strips.new(type="KEYFRAME").channelbag(slot, ensure=True)
        strip.action_slot = slot
    return strip


def curves_are_shared(owner: bpy.types.ID) -> bool:
    """Whether other data-blocks move by the very curves that animate this one."""
    data = owner.animation_data
    if data is None or data.action is None:
        return False
    if hasattr(data, "action_slot"):
        return data.action_slot is not None and len(data.action_slot.users()) > 1
    tracks = [strip.action for track in data.nla_tracks for strip in track.strips]
    # Strips of its own and the tweaking of one of them use the action as well.
    own = sum(action == data.action for action in (*tracks, data.action, data.action_tweak_storage))
    return data.action.users - int(data.action.use_fake_user) > own


def _new_slot(action: Any, owner: bpy.types.ID) -> Any:
    return action.slots.new(id_type=owner.id_type, name=owner.name)


def _channelbag(action: Any, slot: Any) -> Any | None:
    if slot is None or not len(action.layers) or not len(action.layers[0].strips):
        return None
    return action.layers[0].strips[0].channelbag(slot)


def curve_holders(owner: bpy.types.ID) -> Iterator[Any]:
    """All that holds F-curves of a data-block: its action, then the strips of its NLA tracks.

    Yields
    ------
    Action or ActionChannelbag
        Those of muted tracks and strips are left out; the topmost track comes first.
    """
    current = curves_to_read(owner)
    if current is not None:
        yield current
    data = owner.animation_data
    for track in reversed(data.nla_tracks) if data is not None else ():
        for strip in () if track.mute else track.strips:
            if strip.action is None or strip.mute:
                continue
            if not hasattr(strip, "action_slot"):  # before 4.4
                yield strip.action
                continue
            holder = _channelbag(strip.action, strip.action_slot)
            if holder is not None:
                yield holder


def strips_of(scene: bpy.types.Scene) -> Any:
    """The top-level strips of a scene's sequencer, which is made where it is missing."""
    editor = scene.sequence_editor or scene.sequence_editor_create()
    # An empty collection is falsy, so `or` would choose the wrong one.
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def sequencer_scenes(scene: bpy.types.Scene) -> Iterator[bpy.types.Scene]:
    """Scenes whose sequencer the user sees; from 5.0 that can be another one than the active."""
    yield scene
    pinned = getattr(getattr(bpy.context, "workspace", None), "sequencer_scene", None)
    if pinned is not None and pinned != scene:
        yield pinned


def sound_strips(scene: bpy.types.Scene) -> list[Any]:
    """Sound strips of the sequencer, those inside meta strips too."""
    return [strip for strip in _every_strip(scene) if strip.type == "SOUND" and strip.sound]


def text_strips(scene: bpy.types.Scene) -> list[Any]:
    """Text strips of the sequencer, those inside meta strips too; imported subtitles are such."""
    return [strip for strip in _every_strip(scene) if strip.type == "TEXT"]


def _every_strip(scene: bpy.types.Scene) -> Iterator[Any]:
    for each in sequencer_scenes(scene):
        editor = each.sequence_editor
        if editor is not None:
            yield from editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all


def scene_sounds(scene: bpy.types.Scene) -> list[Any]:
    """Sound strips at the top level of a scene's sequencer."""
    if scene.sequence_editor is None:
        return []
    return [strip for strip in strips_of(scene) if strip.type == "SOUND" and strip.sound]


def strip_span(strip: Any) -> tuple[float, float, float]:
    """Frames of a strip: where its sound would begin untrimmed, its first frame, its end."""
    if hasattr(strip, "content_start"):  # from 5.2
        return float(strip.content_start), float(strip.left_handle), float(strip.right_handle)
    return float(strip.frame_start), float(strip.frame_final_start), float(strip.frame_final_end)


def channel_name(scene: bpy.types.Scene, strip: Any) -> str:
    """Name of the sequencer channel that a strip lies on; empty if it is not at the top level."""
    channel = _channel(scene, strip)
    return "" if channel is None else str(channel.name)


def channel_is_muted(scene: bpy.types.Scene, strip: Any) -> bool:
    """Whether the channel that a strip lies on is switched off."""
    channel = _channel(scene, strip)
    return channel is not None and bool(channel.mute)


def _channel(scene: bpy.types.Scene, strip: Any) -> Any | None:
    for each in sequencer_scenes(scene):
        if each.sequence_editor is not None and strips_of(each).get(strip.name) == strip:
            # Channel 0 is what all the others add up to.
            channels = each.sequence_editor.channels
            return channels[strip.channel] if strip.channel < len(channels) else None
    return None


def is_retimed(strip: Any) -> bool:
    """Whether a strip plays faster or slower in places; never so without Audaspace."""
    return len(getattr(strip, "retiming_keys", ())) > 0


def strip_length(strip: Any) -> float:
    """Frames that the content of a strip lasts, before trimming."""
    if hasattr(strip, "content_duration"):  # from 5.2
        return float(strip.content_duration)
    return float(strip.frame_duration)


def add_sound(scene: bpy.types.Scene, *, audio: Path, frame: int, name: str) -> Any:
    """Add a recording to the sequencer, on the lowest channel that is free.

    Raises
    ------
    RigtalkError
        If this Blender was built without sound, or cannot read the file.
    """
    strips = strips_of(scene)
    taken = {strip.channel for strip in strips}
    channel = next(i for i in range(1, len(taken) + 2) if i not in taken)
    try:
        return strips.new_sound(name=name, filepath=str(audio), channel=channel, frame_start=frame)
    except RuntimeError as fault:
        raise RigtalkError(f"cannot add {audio} to the sequencer: {reason_of(fault)}") from None


def picture_settings(settings: bpy.types.ImageFormatSettings) -> list[tuple[Any, str, Any]]:
    """What to set, in this order, for PNG pictures: (owner, attribute, value)."""
    media = [(settings, "media_type", "IMAGE")] if hasattr(settings, "media_type") else []
    return [*media, (settings, "file_format", "PNG"), (settings, "color_mode", "RGBA")]


def engine_names() -> dict[str, str]:
    """Blender's names of its render engines."""
    eevee = "BLENDER_EEVEE" if bpy.app.version >= (5, 0, 0) else "BLENDER_EEVEE_NEXT"
    return {"cycles": "CYCLES", "eevee": eevee, "workbench": "BLENDER_WORKBENCH"}


def playhead_colour(theme: bpy.types.Theme) -> tuple[float, ...]:
    """Red, green, blue of the mark at the current frame."""
    if hasattr(theme, "common"):  # from 5.0
        return tuple(theme.common.anim.playhead)[:3]
    return tuple(theme.graph_editor.frame_current)[:3]


def set_movie_format(settings: bpy.types.ImageFormatSettings) -> None:
    """Choose video for an output."""
    if hasattr(settings, "media_type"):  # from 5.0
        settings.media_type = "VIDEO"
    settings.file_format = "FFMPEG"


def writes_depth(info: Any) -> None:
    """Tell Blender that a shader sets the depth of its pixels itself.

    From 4.5 it has to be told, for Metal and Vulkan; OpenGL, all there was before, finds out.
    """
    if hasattr(info, "depth_write"):
        info.depth_write("ANY")


def draws_gaussians() -> bool:
    """Whether Blender itself draws point clouds as Gaussians."""
    return bpy.app.version >= (5, 3, 0)


def resize_cloud(cloud: Any, count: int) -> None:
    """Give a point cloud so many points.

    Raises
    ------
    RigtalkError
        If this Blender cannot, or has not all that Gaussians need.
    """
    kinds = bpy.types.Attribute.bl_rna.properties["data_type"].enum_items
    if not hasattr(cloud, "resize") or "FLOAT4" not in kinds:  # before 5.2
        raise RigtalkError("point clouds of Gaussians need Blender 5.3 or later")
    cloud.resize(count)


def mark_as_gaussians(cloud: Any) -> None:
    """Have a point cloud drawn as Gaussians, where Blender can."""
    for name, known in cloud.bl_rna.properties.items():  # from 5.3
        kinds = known.enum_items if known.type == "ENUM" and not known.is_readonly else ()
        for kind in kinds:
            if "GAUSSIAN" in kind.identifier:
                setattr(cloud, name, kind.identifier)
