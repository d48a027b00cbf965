"""A line on its way to a character, from the press of a button to its keys."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError

from ..animation.keys import scene_fps, write_performance
from ..characters import targets
from .generation import Generation, Request
from .line import line_by_uid
from .properties import direction_of
from .sources import Source, add_sound_once, find_source, fingerprint

__all__ = ["Job", "Options", "apply", "by_uid", "options_of", "prepare", "prepare_line"]


@dataclass(frozen=True)
class Options:
    """How lines are made and written.

    Attributes
    ----------
    actor : Path or None
        An actor of the user's own; None for the embedded one.
    layered : bool
        NLA strips for each layer, instead of one action.
    dense : bool
        A key on every frame.
    tolerance : float
        Share of a control's range, 0-1.
    millimetres : float
        On the face; 0 for no such limit.
    keep_edits : bool
        Keys changed by hand stay as they are.
    layer : str
        The only layer to be made, or ``"ALL"``.
    span : tuple of float, optional
        The only frames that may change.
    """

    actor: Path | None = None
    layered: bool = False
    dense: bool = False
    tolerance: float = 0.005
    millimetres: float = 0.1
    keep_edits: bool = True
    layer: str = "ALL"
    span: tuple[float, float] | None = None


@dataclass(frozen=True)
class Job:
    """A line on its way to a character; names both so that undo and renaming cannot break it."""

    generation: Generation
    source: Source
    options: Options
    scene_uid: int
    object_uid: int
    sound: bool
    line_uid: int = 0


def options_of(settings: Any) -> Options:
    """What the panel asks for.

    Raises
    ------
    RigtalkError
        If the range ends before it begins.
    """
    if settings.use_range and settings.range_last <= settings.range_first:
        raise RigtalkError(
            f"the range from frame {settings.range_first} to {settings.range_last} is empty: "
            "its last frame must come after its first"
        )
    actor = settings.actor_path.strip()
    return Options(
        actor=Path(bpy.path.abspath(actor)).absolute() if actor else None,
        layered=settings.result == "LAYERS",
        dense=settings.dense,
        tolerance=settings.tolerance / 100.0,
        millimetres=settings.tolerance_mm,
        keep_edits=settings.keep_edits,
        layer=settings.layer,
        span=(settings.range_first, settings.range_last) if settings.use_range else None,
    )


def prepare_line(scene: bpy.types.Scene, line: Any, options: Options) -> Job:
    """A job for a line of the list, checked but not begun.

    Raises
    ------
    RigtalkError
        If the line has no character, or as `prepare` does.
    """
    character = line.character
    if character is None:
        raise RigtalkError(f"{line.name} has no character: choose who speaks it")
    if scene.objects.get(character.name) != character:
        raise RigtalkError(
            f"{character.name}, who speaks {line.name}, is not in the scene {scene.name}: "
            "choose another character"
        )
    return prepare(scene, line, character, options, line_uid=line.uid)


def prepare(
    scene: bpy.types.Scene,
    settings: Any,
    character: bpy.types.Object,
    options: Options,
    *,
    line_uid: int = 0,
) -> Job:
    """A job for a character, checked but not begun.

    Parameters
    ----------
    settings : RigTalkLine or AnimateOperator

    Raises
    ------
    RigtalkError
        If there is no usable audio or no usable character.
    """
    source = find_source(scene, settings)
    target = targets.find_target(character)
    request = Request(
        audio=source.audio,
        direction=direction_of(settings),
        rig=target.controls.name,
        fps=scene_fps(scene),
        begin=source.begin,
        end=source.end,
        actor=options.actor,
    )
    return Job(
        generation=Generation(request),
        source=source,
        options=options,
        scene_uid=scene.session_uid,
        object_uid=character.session_uid,
        sound=settings.add_sound and settings.audio_source == "FILE",
        line_uid=line_uid,
    )


def apply(job: Job) -> str:
    """Key what the job made; says what was done.

    Raises
    ------
    RigtalkError
        If the work failed, or the scene or the character is gone.
    """
    performance = job.generation.result()
    scene = by_uid(bpy.data.scenes, job.scene_uid, "scene")
    character = by_uid(bpy.data.objects, job.object_uid, "character")
    target = targets.find_target(character)
    if target.controls.name != performance.controls.name:
        raise RigtalkError(f"{character.name} changed while its line was made: generate again")
    written = write_performance(
        performance, target.channels, scene=scene, start_frame=job.source.start_frame
    )
    notes = list(written.notes)
    if job.sound:
        notes.append(
            add_sound_once(scene, audio=job.source.audio, frame=round(job.source.start_frame))
        )
    line = line_by_uid(scene, job.line_uid)
    if line is not None:
        line.made, line.first, line.last = True, written.first, written.last
        line.heard, line.fault = fingerprint(job.source), ""
    done = (
        f"{character.name}: {written.curves} curves, frames {written.first:g} to {written.last:g}"
    )
    return "; ".join([done, *filter(None, notes)])


def by_uid(collection: Any, uid: int, what: str) -> Any:
    """A data-block by its number in this session.

    Raises
    ------
    RigtalkError
        If it was deleted.
    """
    for item in collection:
        if item.session_uid == uid:
            return item
    raise RigtalkError(f"the {what} was deleted while its line was made: choose another")
