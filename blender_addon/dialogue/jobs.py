"""A line on its way to a character, from the press of a button to its keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError

from ..animation.keys import scene_fps, write_performance
from ..characters import targets
from .generation import Generation, Request
from .properties import direction_of
from .sources import Source, add_sound_once, find_source

__all__ = ["Job", "Running", "apply", "prepare", "progress", "stop"]


@dataclass(frozen=True)
class Job:
    """A line on its way to a character; names both so that undo and renaming cannot break it."""

    generation: Generation
    source: Source
    scene_uid: int
    object_uid: int
    sound: bool


class Running:
    """The one job that the user interface waits for."""

    job: ClassVar[Job | None] = None


def progress() -> float | None:
    """Fraction done of the job that is running, or None."""
    return Running.job.generation.fraction if Running.job else None


def stop() -> None:
    """End the running job and wait for its thread."""
    job, Running.job = Running.job, None
    if job is not None:
        job.generation.stop()


def prepare(context: bpy.types.Context, settings: Any, character: bpy.types.Object) -> Job:
    """A job for a character, checked but not begun.

    Parameters
    ----------
    settings : RigTalkSettings or AnimateOperator

    Raises
    ------
    RigtalkError
        If there is no usable audio or no usable character.
    """
    source = find_source(context, settings)
    target = targets.find_target(character)
    request = Request(
        audio=source.audio,
        direction=direction_of(settings),
        rig=target.controls.name,
        fps=scene_fps(context.scene),
        begin=source.begin,
        end=source.end,
    )
    return Job(
        generation=Generation(request),
        source=source,
        scene_uid=context.scene.session_uid,
        object_uid=character.session_uid,
        sound=settings.add_sound and settings.audio_source == "FILE",
    )


def apply(job: Job) -> str:
    """Key what the job made; says what was done.

    Raises
    ------
    RigtalkError
        If the work failed, or the scene or the character is gone.
    """
    performance = job.generation.result()
    scene = _by_uid(bpy.data.scenes, job.scene_uid, "scene")
    character = _by_uid(bpy.data.objects, job.object_uid, "character")
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
    done = (
        f"{character.name}: {written.curves} curves, frames {written.first:g} to {written.last:g}"
    )
    return "; ".join([done, *filter(None, notes)])


def _by_uid(collection: Any, uid: int, what: str) -> Any:
    for item in collection:
        if item.session_uid == uid:
            return item
    raise RigtalkError(f"the {what} was deleted while its line was made: choose another")
