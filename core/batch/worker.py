"""A process that does one task after another, keeping the actor, and Blender where it has one."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..actor import Actor
from ..arguments import parse_direction
from ..direction import Direction
from ..errors import RigtalkError
from ..files import write_performance
from ..scene_host import SceneHost, SceneJob
from ..scripted import scripted
from .fields import Line
from .protocol import Channel
from .stamps import Stamps
from .tasks import BLEND, CURVES, Task, task_from_wire

__all__ = ["serve"]

DEFAULT_FPS = 60.0


def serve(host: SceneHost | None) -> int:
    """Do what comes through stdin until there is no more; returns the exit status.

    Parameters
    ----------
    host : SceneHost or None
        Who opens scenes.
    """
    # Ctrl-C is for the process that started this one; that tells us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    channel = Channel()
    crew = _Crew(host)
    channel.send({"ready": os.getpid()})
    for message in channel:
        task = task_from_wire(message)
        channel.send(crew.do(task, lambda at: channel.send({"at": at})))
    return 0


class _Crew:
    """What is kept from one task to the next."""

    def __init__(self, host: SceneHost | None) -> None:
        self._host = host
        self._stamps = Stamps()
        self._actor: tuple[Any, Actor] | None = None

    def do(self, task: Task, begins: Callable[[int], None]) -> dict[str, Any]:
        """Do a task; what came of it, as values of JSON."""
        begin = time.perf_counter()
        # Before the work: a file that changes meanwhile has another stamp the next time.
        inputs = {str(path): self._stamps.of(path) for path in task.inputs}
        fault = ""
        try:
            for path in task.outputs:
                path.parent.mkdir(parents=True, exist_ok=True)
            errors, notes = (self._speak if task.kind == CURVES else self._stage)(task, begins)
        except RigtalkError as error:
            errors, notes = [str(error)] * len(task.lines), [[] for _ in task.lines]
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            errors = [f"{where}{error.strerror or error}"] * len(task.lines)
            notes = [[] for _ in task.lines]
        except Exception as error:  # a fault of ours; it must not stop the other lines
            fault = traceback.format_exc()
            said = traceback.format_exception_only(error)[-1].strip()
            errors = [f"a fault in rigtalk: {said}"] * len(task.lines)
            notes = [[] for _ in task.lines]
        outputs = {str(path): self._stamps.of(path) for path in task.outputs}
        return {
            "errors": [" ".join(error.split()) for error in errors],
            "notes": notes,
            "fault": fault,
            "inputs": inputs,
            "outputs": {path: stamp for path, stamp in outputs.items() if stamp},
            "seconds": time.perf_counter() - begin,
            "memory": _peak_memory(),
        }

    def _speak(
        self, task: Task, begins: Callable[[int], None]
    ) -> tuple[list[str], list[list[str]]]:
        """Curves of one line, in one or more formats."""
        (line,) = task.lines
        begins(0)
        direction, fps = _direction(line), line.fps or DEFAULT_FPS
        actor, rig = self._acting(line.actor), line.rig or "arkit"
        notes: list[str] = []
        if len(line.outputs) == 1:  # a stream needs no memory for the whole
            parts = actor.stream(line.audio, direction, fps=fps, rig=rig, note=notes.append)
            write_performance(line.outputs[0], parts)
        else:
            performance = actor.perform(line.audio, direction, fps=fps, rig=rig, note=notes.append)
            for path in line.outputs:
                write_performance(path, performance)
        return [""], [notes]

    def _stage(
        self, task: Task, begins: Callable[[int], None]
    ) -> tuple[list[str], list[list[str]]]:
        """A scene of one or more lines."""
        if self._host is None:
            raise RigtalkError(
                "scenes need Blender: pip install bpy, or run it in Blender's own Python"
            )
        jobs = [
            SceneJob(
                audio=line.audio,
                source=self._acting(line.actor),
                direction=_direction(line),
                scene=line.scene,
                object_name=line.object,
                blend=next((p for p in line.outputs if p.suffix.lower() == BLEND), None),
                exports=tuple(p for p in line.outputs if p.suffix.lower() != BLEND),
                fps=line.fps,
                start_frame=1 if line.start is None else line.start,
                gap=line.gap if line.start is None else None,
                rig=line.rig,
                preset=line.preset,
                take=line.name,
            )
            for line in task.lines
        ]
        results = self._host.animate_lines(jobs, begins)
        errors = [str(each) if isinstance(each, RigtalkError) else "" for each in results]
        notes = [[] if isinstance(each, RigtalkError) else list(each.notes) for each in results]
        return errors, notes

    def _acting(self, path: Path | None) -> Actor:
        """The actor; only the last one is kept."""
        stamp = self._stamps.of(path) if path else None
        if self._actor is None or self._actor[0] != (path, stamp):
            self._actor = None
            self._actor = ((path, stamp), Actor.load(path))
        return self._actor[1]


def _direction(line: Line) -> Direction:
    return scripted(
        parse_direction(list(line.emotion), list(line.strength), line.seed),
        line.audio,
        line.script if line.script_file is None else str(line.script_file),
        recognised=line.recognise,
    )


def _peak_memory() -> float:
    """MiB that this process has held at most; 0 where the system does not say."""
    try:  # getrusage would count what the process was forked from
        for row in Path("/proc/self/status").read_text().splitlines():
            if row.startswith("VmHWM:"):
                return float(row.split()[1]) / 2**10
    except OSError:
        pass
    return 0.0
