"""Which frames "Try 5 Seconds" means, and the queue that makes them."""

from __future__ import annotations

import math
from dataclasses import replace

import bpy

from rigtalk.core.audio import open_audio
from rigtalk.core.errors import RigtalkError

from ..animation.channel import scene_fps
from ..dialogue import jobs
from ..dialogue.line import active_line, settings_of
from ..dialogue.queue import Entry, Queue
from .line import PreviewLine

__all__ = ["TRY_SECONDS", "frames_to_try", "known_length", "try_queue"]

TRY_SECONDS = 5.0


def frames_to_try(frame: float, *, first: float, last: float, length: float) -> tuple[int, int]:
    """Whole frames of a line around a frame, moved inside the line where they would leave it.

    Parameters
    ----------
    frame : float
        The current one; anywhere.
    first, last : float
        Frames of the line.
    length : float
        Frames that are wanted.
    """
    begin = max(first, min(frame - length / 2, last - length))
    return math.floor(begin), math.ceil(min(last, begin + length))


def known_length(scene: bpy.types.Scene, line: PreviewLine) -> PreviewLine:
    """The line with its end, for which the header of its recording is read where it is needed.

    Raises
    ------
    RigtalkError
        If the recording cannot be read.
    """
    if not math.isnan(line.last):
        return line
    fps = scene_fps(scene)
    seconds = open_audio(line.audio).duration
    if seconds is None:  # the header does not say; play what was asked for
        seconds = (line.first - line.start_frame) / fps + TRY_SECONDS
    return line.lasting(seconds, fps)


def try_queue(scene: bpy.types.Scene, line: PreviewLine, frames: tuple[int, int]) -> Queue:
    """A queue that makes some frames of the active line, as the panel's settings ask for it.

    Raises
    ------
    RigtalkError
        If there is no active line.
    """
    asked = active_line(scene)
    if asked is None:
        raise RigtalkError("there is no line: add one first")
    options = jobs.options_of(settings_of(scene))
    options = replace(options, keys=replace(options.keys, span=frames))
    return Queue([Entry(scene.session_uid, asked.uid, line.name)], options)
