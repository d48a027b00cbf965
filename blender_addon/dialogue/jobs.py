"""A line on its way to a character, from the press of a button to its keys."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import bpy

from rigtalk.core.audio import open_audio
from rigtalk.core.errors import RigtalkError
from rigtalk.core.layered import layer_controls

from .. import preferences
from ..animation.keys import Written, scene_fps
from ..animation.options import KeyOptions
from ..animation.write import Stale
from ..characters import targets
from ..direction.sampling import direction_for
from ..translations.text import translated
from .generation import Generation, Made, Request
from .line import line_by_uid, take_of
from .properties import direction_of
from .script import script_of, script_stamp
from .sources import Source, add_sound_once, find_source, fingerprint
from .writing import LayerWriting, PlainWriting, Writing

__all__ = ["Job", "Options", "apply", "by_uid", "options_of", "prepare", "prepare_line"]

MARGIN_SECONDS = 1.0
"""Performed on each side of a range, for the blending at its borders."""

FOLLOWS_WORDS = ("ALL", "lips")
"""What has to be made anew for a line to be up to date with its words."""


@dataclass(frozen=True)
class Options:
    """How lines are made and written.

    Attributes
    ----------
    actor : Path or None
        An actor of the user's own; None for the embedded one.
    layered : bool
        NLA strips for each layer, instead of one action.
    layer : str
        The only layer to be made, or ``"ALL"``.
    keys : KeyOptions
    """

    actor: Path | None = None
    layered: bool = False
    layer: str = "ALL"
    keys: KeyOptions = field(default_factory=KeyOptions)


@dataclass(frozen=True)
class Job:
    """A line on its way to a character; names both so that undo and renaming cannot break it.

    `said` is the stamp of the words that it is made with.
    """

    generation: Generation
    source: Source
    options: Options
    writing: Writing
    scene_uid: int
    object_uid: int
    sound: bool
    line_uid: int = 0
    take: str | None = None
    said: str = ""


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
        layer=settings.layer,
        keys=KeyOptions(
            dense=settings.dense,
            share=settings.tolerance / 100.0,
            mm=settings.tolerance_mm,
            span=(settings.range_first, settings.range_last) if settings.use_range else None,
            keep_edits=settings.keep_edits,
        ),
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
    return prepare(scene, line, character, options, line_uid=line.uid, take=take_of(line))


def prepare(
    scene: bpy.types.Scene,
    settings: Any,
    character: bpy.types.Object,
    options: Options,
    *,
    line_uid: int = 0,
    take: str | None = None,
) -> Job:
    """A job for a character, checked but not begun.

    Parameters
    ----------
    settings : RigTalkLine or AnimateOperator
    line_uid : int
        Number of the line in the list; 0 for none.
    take : str, optional
        What the keys are marked with.

    Raises
    ------
    RigtalkError
        If there is no usable audio, no usable character or no usable script, or nothing of the
        line is in the range.
    """
    source = find_source(scene, settings)
    said = script_stamp(settings.script)
    script = script_of(settings, source)
    target = targets.find_target(character)
    rig, fps = target.controls.name, scene_fps(scene)
    if options.layer != "ALL" and not options.layered:
        controls = frozenset(layer_controls(rig)[options.layer])
        options = replace(options, keys=replace(options.keys, controls=controls))
    seconds = open_audio(source.audio).duration or 0.0
    begin, end = _part(source, options.keys.span, fps, seconds)
    writing: Writing
    if options.layered:
        only = None if options.layer == "ALL" else options.layer
        writing = LayerWriting(options.keys, source.start_frame, take, only)
    else:
        writing = PlainWriting(options.keys, source.start_frame, take)
    before: Any = writing.look(target.channels, scene)
    request = Request(
        audio=source.audio,
        direction=direction_for(
            character,
            base=direction_of(settings, script),
            start_frame=source.start_frame,
            fps=fps,
            begin=source.begin or 0.0,
            seconds=(source.end or seconds) - (source.begin or 0.0),
        ),
        rig=rig,
        fps=fps,
        begin=begin,
        end=end,
        layered=options.layered,
        actor=options.actor,
        threads=preferences.limits().threads,
        finish=lambda given, cancelled: writing.plan(given, before, cancelled),
    )
    return Job(
        generation=Generation(request),
        source=source,
        options=options,
        writing=writing,
        scene_uid=scene.session_uid,
        object_uid=character.session_uid,
        sound=settings.add_sound and settings.audio_source == "FILE",
        line_uid=line_uid,
        take=take,
        said=said,
    )


def apply(job: Job) -> str:
    """Key what the job made; says what was done.

    Raises
    ------
    RigtalkError
        If the work failed, or the scene or the character is gone.
    """
    made = job.generation.result()
    scene = by_uid(bpy.data.scenes, job.scene_uid, "scene")
    character = by_uid(bpy.data.objects, job.object_uid, "character")
    target = targets.find_target(character)
    if target.controls.name != made.performance.controls.name:
        raise RigtalkError(f"{character.name} changed while its line was made: generate again")
    written = _written(job, made, target, scene)
    notes = [*made.notes, *target.notes, *written.notes]
    if written.kept:
        notes.append(translated("{} keys edited by hand were kept", written.kept))
    if job.sound:
        notes.append(
            add_sound_once(scene, audio=job.source.audio, frame=round(job.source.start_frame))
        )
    _note(scene, job, written)
    done = translated(
        "{}: {} keys on {} curves, frames {:g} to {:g}",
        character.name,
        written.keys,
        written.curves,
        written.first,
        written.last,
    )
    return "; ".join([done, *filter(None, dict.fromkeys(notes))])


def _written(job: Job, made: Made, target: targets.Target, scene: bpy.types.Scene) -> Written:
    try:
        return job.writing.write(made.finished, target.channels)
    except Stale:  # somebody keyed the face while the line was made
        now = job.writing.look(target.channels, scene)
        return job.writing.write(job.writing.plan(made.given, now), target.channels)


def _note(scene: bpy.types.Scene, job: Job, written: Written) -> None:
    """Write down on the line what was made."""
    line = line_by_uid(scene, job.line_uid)
    if line is None:
        return
    part = line.made and job.options.keys.span is not None
    line.first = min(line.first, written.first) if part else written.first
    line.last = max(line.last, written.last) if part else written.last
    line.made, line.heard, line.fault = True, fingerprint(job.source), ""
    if not part and job.options.layer in FOLLOWS_WORDS:
        line.said = job.said


def _part(
    source: Source, span: tuple[float, float] | None, fps: float, seconds: float
) -> tuple[float | None, float | None]:
    """Seconds of the recording that have to be performed; None where its own end is meant."""
    if span is None:
        return source.begin, source.end
    first, last = ((frame - source.start_frame) / fps for frame in span)
    begin = max(source.begin or 0.0, first - MARGIN_SECONDS)
    end = min(source.end or seconds, last + MARGIN_SECONDS)
    if first >= (source.end or seconds) or last <= (source.begin or 0.0):
        raise RigtalkError(
            f"nothing of {source.audio.name} is between frame {span[0]:g} and {span[1]:g}: "
            "choose another range"
        )
    return begin, end


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
