"""What moves a head: curves from a file, or an actor who speaks a recording."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...actor import Actor
from ...arguments import parse_direction, parse_fps
from ...audio import open_audio
from ...errors import RigtalkError
from ...files import CURVE_SUFFIXES, read_performance
from ...performance import Performance
from ...script_files import check_script
from ...scripted import as_asked
from ..acting import HEAD_ANGLES, Acting, rig_of
from ..head import SplatHead
from .numbers import chosen
from .talking import note

__all__ = ["Line", "curves_line", "spoken_line"]

_ANGLED = "arkit"
"""A control set with angles of the head."""


@dataclass(frozen=True, eq=False)
class Line:
    """A line that a head acts.

    Attributes
    ----------
    acting : Acting
    fps : float
    first : int
        Number of its first frame, counted from 1.
    sound : Path or None
    offset : float
        Second of the sound at which the first frame stands.
    """

    acting: Acting
    fps: float
    first: int
    sound: Path | None
    offset: float


def spoken_line(
    arguments: argparse.Namespace,
    head: SplatHead,
    *,
    usual_fps: float,
    progress: Callable[[float], None],
) -> Line:
    """The line that an actor speaks, or that a file of curves holds, as the words say.

    Raises
    ------
    RigtalkError
        If the recording, the curves, the actor or a word is not usable, or they do not move the
        head.
    """
    fps = usual_fps if arguments.fps is None else parse_fps(arguments.fps)
    if arguments.line.suffix.lower() in CURVE_SUFFIXES:
        _no_direction(arguments)
        if arguments.audio:
            open_audio(arguments.audio)
        return curves_line(arguments, head, fps=fps, sound=arguments.audio)
    if arguments.audio:
        raise RigtalkError(
            f"--audio is the sound for curves ({', '.join(CURVE_SUFFIXES)}); "
            f"{arguments.line.name} is taken for a recording"
        )
    direction = parse_direction(arguments.emotion, arguments.strength, arguments.seed)
    rig = rig_of(head)
    actor = Actor.load(arguments.actor, threads=max(1, arguments.threads))
    audio = open_audio(arguments.line)
    check_script(arguments.script, 1, recognised=arguments.recognise)
    told = as_asked(direction, arguments.line, arguments, progress)
    performance = actor.perform(audio, told, fps=fps, rig=rig, progress=progress, note=note)
    turning = performance
    if not set(HEAD_ANGLES) & set(performance.controls.names):  # the head turns whatever is said
        turning = actor.perform(audio, direction, fps=fps, rig=_ANGLED, progress=progress)
    return _line(arguments, head, performance, turning, arguments.line)


def curves_line(
    arguments: argparse.Namespace,
    head: SplatHead,
    *,
    fps: float | None = None,
    sound: Path | None = None,
) -> Line:
    """The line that a file of curves holds, at a rate or at its own.

    Raises
    ------
    RigtalkError
        If the file or its control set is not usable, or the curves do not move the head.
    """
    read = read_performance(arguments.line)
    if not len(read):
        raise RigtalkError(f"{arguments.line}: there are no frames in the curves")
    given = read if fps is None else read.resampled(fps)
    return _line(arguments, head, given.to(rig_of(head)), given, sound)


def _line(
    arguments: argparse.Namespace,
    head: SplatHead,
    performance: Performance,
    turning: Performance,
    sound: Path | None,
) -> Line:
    part, first = chosen(performance, arguments.frames)
    turning, _ = chosen(turning, arguments.frames)
    try:
        acting = Acting(head, part, turning)
    except RigtalkError as error:
        raise RigtalkError(f"{arguments.head}: {error}") from None
    return Line(acting, part.fps, first, sound, part.start)


def _no_direction(arguments: argparse.Namespace) -> None:
    played = arguments.emotion or arguments.strength or arguments.seed or arguments.actor
    if played or arguments.script or arguments.recognise:
        raise RigtalkError(
            "--emotion, --strength, --seed, --actor, --script and --recognise are for a recording, "
            f"and {arguments.line.name} holds curves"
        )
