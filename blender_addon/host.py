"""Scenes for the command line: opens them, keys a character, saves and exports."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError
from rigtalk.core.exporting import ExportJob
from rigtalk.core.scene_host import RigRow, SceneJob, SceneReport
from rigtalk.core.splat.fitting.capture import CaptureFolder
from rigtalk.core.splat.fitting.job import HeadCaptureJob
from rigtalk.core.splat.head_mesh import HeadMesh

from . import outputs
from .animation.keys import Written, scene_fps, write_performance
from .casting import character_of, embedded_head
from .characters import targets
from .dialogue import sources
from .export import exporters as export
from .export.command import export_file
from .export.named_file import check_preset, write_takes
from .export.takes import Take
from .gaussian import hosting
from .head.board import create_face_board
from .quiet import quiet
from .scenes import open_scene, save_blend, set_scene_fps

__all__ = ["HEAD_FPS", "BlenderHost"]

BOARD = "metahuman-board"
"""Rig for which the embedded head gets a face board."""
HEAD_FPS = 60.0


class BlenderHost:
    """A `SceneHost` on the Blender that runs this; whatever is open in it is left behind."""

    def animate(self, job: SceneJob) -> SceneReport:
        """Key the character and save every output that the job names, or none.

        A scene of the user's keeps its frame range, extended to hold the line; exports hold the
        frames of the line alone.

        Raises
        ------
        RigtalkError
            If the scene, the object or an output is not usable.
        """
        (report,) = self.animate_lines([job], lambda at: None)
        if isinstance(report, RigtalkError):
            raise report
        return report

    def animate_lines(
        self, jobs: Sequence[SceneJob], begins: Callable[[int], None]
    ) -> tuple[SceneReport | RigtalkError, ...]:
        """Key line after line in one scene, and save it once.

        Parameters
        ----------
        jobs : sequence of SceneJob
            With the same scene, fps and .blend. An export that several name holds the frames of
            all of these, another one the frames of its line.
        begins : callable
            Called with the place of each line before it is keyed.

        Returns
        -------
        tuple of SceneReport or RigtalkError
            For each line. One that cannot be keyed leaves the others as they would be without it.

        Raises
        ------
        RigtalkError
            If the scene or an output is not usable; nothing is saved then.
        """
        outputs.check_writable(list(dict.fromkeys(path for job in jobs for path in _wanted(job))))
        for job in jobs:
            if job.preset is not None:
                check_preset(job.preset, job.exports)
        return _animated(jobs, begins)

    def worker_command(self, *, scenes: bool) -> list[str]:
        """Words that start a process which runs ``batch-worker``, here in a Blender always."""
        if bpy.app.binary_path:
            return [bpy.app.binary_path, "--command", "rigtalk", "batch-worker"]
        return [sys.executable, "-m", "rigtalk", "batch-worker"]

    def export(self, job: ExportJob) -> tuple[Path, ...]:
        """Write takes of a character, all files or none; returns their names.

        Raises
        ------
        RigtalkError
            If the scene, the preset, the character, a take or the folder is not usable.
        """
        return export_file(job)

    def list_rigs(self, scene: Path) -> tuple[RigRow, ...]:
        """The characters in a .blend.

        Raises
        ------
        RigtalkError
            If the file cannot be opened.
        """
        with quiet():
            open_scene(scene)
            return targets.list_targets(bpy.context.scene.objects)

    def capture_head(self, job: HeadCaptureJob) -> CaptureFolder:
        """Take the pictures that a head of Gaussians is fitted to.

        Raises
        ------
        RigtalkError
            If the scene, the character, the engine or the folder is not usable.
        """
        return hosting.capture_head(job)

    def head_mesh(self, scene: Path | None, object_name: str | None) -> HeadMesh:
        """The meshes of a character as one, and how its controls move them.

        Raises
        ------
        RigtalkError
            If the scene or the character is not usable.
        """
        return hosting.head_mesh(scene, object_name)


def _wanted(job: SceneJob) -> list[Path]:
    return [*([job.blend] if job.blend else []), *job.exports]


@dataclass(frozen=True)
class _Keyed:
    """A line that has been keyed."""

    job: SceneJob
    target: targets.Target
    written: Written
    report: SceneReport

    @property
    def first(self) -> int:
        return int(self.written.first)

    @property
    def last(self) -> int:
        return int(-(-self.written.last // 1))


def _animated(
    jobs: Sequence[SceneJob], begins: Callable[[int], None]
) -> tuple[SceneReport | RigtalkError, ...]:
    with quiet():
        head = _open(jobs[0])
    scene = bpy.context.scene
    changes = set_scene_fps(scene, jobs[0].fps) if jobs[0].fps is not None else []
    keyed: list[_Keyed] = []
    results: list[SceneReport | RigtalkError] = []
    for place, job in enumerate(jobs):
        begins(place)
        try:
            done = _key(
                job, head or character_of(job.scene, job.object_name), before=keyed, notes=changes
            )
        except RigtalkError as error:
            results.append(error)
            continue
        keyed.append(done)
        results.append(done.report)
        changes = []
    if keyed:
        _set_range(scene, keyed, whole=jobs[0].scene is None)
        with quiet():
            _save(scene, keyed)
    return tuple(results)


def _key(
    job: SceneJob, character: bpy.types.Object, *, before: Sequence[_Keyed], notes: list[str]
) -> _Keyed:
    scene = bpy.context.scene
    start = job.start_frame
    if job.gap is not None and before:
        last = before[-1].last
        start = max(last + 1, round(last + job.gap * scene_fps(scene)))
    target = targets.find_target(character, rig=job.rig)
    told: list[str] = []
    performance = job.perform(target.controls.name, scene_fps(scene), note=told.append)
    written = write_performance(performance, target.channels, scene=scene, start_frame=start)
    notes = [*notes, *told, *target.summary[2:], *written.notes]
    notes.append(sources.add_sound_once(scene, audio=job.audio.absolute(), frame=start))
    for other in before:
        overlaps = written.first <= other.written.last and other.written.first <= written.last
        if overlaps and other.target.object_name == target.object_name:
            notes.append(
                f"replaces keys of {other.job.audio.name}: both speak on {target.object_name} at "
                "the same time"
            )
    report = SceneReport(
        outputs=tuple(_wanted(job)),
        object_name=target.object_name,
        rig=target.controls.name,
        frames=len(performance),
        fps=scene_fps(scene),
        notes=tuple(note for note in notes if note),
    )
    return _Keyed(job, target, written, report)


def _open(job: SceneJob) -> bpy.types.Object | None:
    """Open the scene of a job; without one, make one and return its head."""
    if job.scene is None:
        head = embedded_head()
        scene = bpy.context.scene
        set_scene_fps(scene, job.fps or HEAD_FPS)
        # Playback drops frames rather than lag behind the sound.
        scene.sync_mode = "AUDIO_SYNC"
        if job.rig == BOARD:
            create_face_board(head)
        return head
    open_scene(job.scene)
    return None


def _set_range(scene: bpy.types.Scene, keyed: Sequence[_Keyed], *, whole: bool) -> None:
    """Make a new scene as long as its lines, and a shot long enough for them."""
    first, last = min(line.first for line in keyed), max(line.last for line in keyed)
    if whole:
        scene.frame_start, scene.frame_end = first, last
    else:
        scene.frame_start = min(scene.frame_start, max(first, 0))
        scene.frame_end = max(scene.frame_end, last)
    scene.frame_set(first)


def _save(scene: Any, keyed: Sequence[_Keyed]) -> None:
    takes: dict[Path, list[_Keyed]] = {}
    for line in keyed:
        for path in line.job.exports:
            takes.setdefault(path, []).append(line)
    blends = {line.job.blend: None for line in keyed if line.job.blend}
    with outputs.staged([*blends, *takes]) as parts:
        for path, lines in takes.items():
            preset = lines[0].job.preset
            if preset is not None:
                _deliver(path, part=parts[path], lines=lines, preset=preset, scene=scene)
                continue
            objects = list(dict.fromkeys(item for line in lines for item in line.target.objects))
            with _range(scene, min(x.first for x in lines), max(x.last for x in lines)):
                export.write_export(path, part=parts[path], objects=objects, scene=scene)
        for blend in blends:
            save_blend(blend, part=parts[blend])


def _deliver(
    path: Path, *, part: Path, lines: Sequence[_Keyed], preset: str, scene: bpy.types.Scene
) -> None:
    if {line.job.preset for line in lines} != {preset}:
        raise RigtalkError(f"{path}: its lines name several presets; use one, or a file for each")
    takes = [Take(x.job.take or x.job.audio.stem, x.first, x.last) for x in lines]
    found = [line.target for line in lines]
    write_takes(path, part=part, targets=found, preset=preset, takes=takes, scene=scene)


@contextmanager
def _range(scene: bpy.types.Scene, first: int, last: int) -> Iterator[None]:
    """Only the line, for exporters that bake the frame range of the scene."""
    before = scene.frame_start, scene.frame_end
    scene.frame_start, scene.frame_end = first, last
    try:
        yield
    finally:
        scene.frame_start, scene.frame_end = before
