"""Takes of a character, written for a program: from a preset to files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.files import write_performance
from rigtalk.core.performance import Performance
from rigtalk.rigs.matching import match_controls

from ..animation.keys import scene_fps
from ..characters.targets import Target
from ..outputs import staged
from .carriers import set_up_board, set_up_curves
from .names import check_distinct, file_name
from .presets import Preset
from .recovery import performance_of
from .sampling import Samples, sample_character
from .stage import Stage, open_stage, set_up_character
from .takes import Take, check_takes
from .writers import write_stage

__all__ = ["PER", "belongings", "export_takes", "plan_files"]

PER = ("line", "character")
"""What gets a file of its own."""
_MOST_LETTERS = 60
"""Of the name of an animation: Blender cuts longer ones."""


@dataclass(frozen=True)
class _File:
    path: Path
    takes: tuple[Take, ...]


def export_takes(
    target: Target,
    *,
    preset: Preset,
    takes: Sequence[Take],
    folder: Path,
    scene: bpy.types.Scene,
    per: str = "line",
    name: str = "",
    progress: Callable[[float], None] = lambda fraction: None,
) -> tuple[Path, ...]:
    """Write takes of a character, all files or none.

    Parameters
    ----------
    target : Target
        The character.
    preset : Preset
    takes : sequence of Take
        Over frames of `scene`.
    folder : Path
        Where the files go; it exists.
    scene : bpy.types.Scene
        That in which the character acts. It is left as it is.
    per : str
        ``"line"``: a file for each take; ``"character"``: one file with all.
    name : str
        What files are called after; empty for the character's name.
    progress : callable
        Called with the fraction done, 0-1.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    RigtalkError
        If there is no take, one is empty, two would share a file, the format holds one take only,
        or a file cannot be written.
    """
    check_takes(takes)
    if bpy.context.mode.startswith("EDIT"):
        # What is being edited has not reached the data that is copied.
        for thing in target.objects:
            thing.update_from_editmode()
    files = plan_files(
        takes, preset=preset, folder=folder, per=per, name=name or target.object_name
    )
    total = sum(len(take) for file in files for take in file.takes)
    done = 0
    with staged([file.path for file in files]) as parts, _returning(scene):
        for file in files:
            share = sum(map(len, file.takes)) / total
            start = done / total

            def tell(fraction: float, start: float = start, share: float = share) -> None:
                progress(start + share * fraction)

            _write(file, parts[file.path], target, preset, scene, tell)
            done += sum(map(len, file.takes))
    progress(1.0)
    return tuple(file.path for file in files)


@contextmanager
def _returning(scene: bpy.types.Scene) -> Iterator[None]:
    """Show the frame again that was shown: what is played elsewhere shows here too."""
    try:
        yield
    finally:
        scene.frame_set(scene.frame_current, subframe=scene.frame_subframe)


def plan_files(
    takes: Sequence[Take], *, preset: Preset, folder: Path, per: str, name: str
) -> list[_File]:
    """Which take goes to which file."""
    if per == "line":
        files = [
            _File(folder / f"{file_name(name, take.name)}.{preset.format}", (take,))
            for take in takes
        ]
        check_distinct((file.takes[0].name, file.path) for file in files)
        return files
    if preset.takes == "one" and len(takes) > 1:
        raise RigtalkError(
            f"a file of {preset.title} holds one take, not {len(takes)}: "
            "export a file for each line"
        )
    check_distinct((take.name, Path(take.name[:_MOST_LETTERS])) for take in takes)
    return [_File(folder / f"{file_name(name)}.{preset.format}", tuple(takes))]


def belongings(target: Target, scene: bpy.types.Scene) -> tuple[bpy.types.Object, ...]:
    """All meshes and armatures of a character: what moves with it and what it moves.

    Parts of a rig that are never rendered, such as the frames of sliders, are left out.
    """
    found = dict.fromkeys(target.objects)
    for thing in scene.objects:
        if thing.type == "MESH" and not found.keys().isdisjoint(_movers(thing)):
            found.setdefault(thing)
    for thing in tuple(found):
        for child in thing.children_recursive:
            if child.type in ("MESH", "ARMATURE"):
                found.setdefault(child)
    kept = [t for t in found if t in target.objects or not t.hide_render]
    return tuple(thing for thing in kept if thing.type in ("MESH", "ARMATURE", "EMPTY"))


def _movers(mesh: bpy.types.Object) -> Iterator[bpy.types.ID]:
    """Objects that deform a mesh or drive its shape keys."""
    yield from (m.object for m in mesh.modifiers if m.type == "ARMATURE" and m.object)
    keys = mesh.data.shape_keys
    drivers = keys.animation_data.drivers if keys and keys.animation_data else ()
    for curve in drivers:
        for variable in curve.driver.variables:
            yield from (target.id for target in variable.targets if target.id)


def _write(
    file: _File,
    part: Path,
    target: Target,
    preset: Preset,
    scene: bpy.types.Scene,
    progress: Callable[[float], None],
) -> None:
    whole = preset.content == "character"
    objects = belongings(target, scene) if whole else ()
    channels = () if whole else target.channels
    fps = scene_fps(scene)
    frames = np.concatenate([_frames(take, fps, preset.fps or fps) for take in file.takes])
    samples = sample_character(
        objects, channels, cast=target.objects, scene=scene, frames=frames, progress=progress
    )
    if preset.content == "values":
        write_performance(part, _performance(samples, target, preset, preset.fps or fps))
        return
    # Blender's frame range, which exporters go by, cannot begin before 0.
    start = max(0, file.takes[0].first) if preset.start == "scene" else 0
    with (
        open_stage(
            file.takes, scene=scene, start=start, whole_rate=preset.format == "glb"
        ) as stage,
        _set_up(stage, samples, target, preset),
    ):
        write_stage(file.path, part=part, stage=stage, preset=preset)


def _frames(take: Take, scene_rate: float, fps: float) -> np.ndarray:
    """Frames of the scene at which a take is sampled; between whole ones at other rates."""
    if fps == scene_rate:
        return take.frames
    count = int((len(take) - 1) / scene_rate * fps + 1e-6) + 1
    return take.first + np.arange(count) * (scene_rate / fps)


def _set_up(
    stage: Stage, samples: Samples, target: Target, preset: Preset
) -> AbstractContextManager[None]:
    if preset.content == "character":
        return set_up_character(stage, samples, names=_new_names(samples, target, preset))
    performance = _performance(samples, target, preset, stage.fps)
    return {"curves": set_up_curves, "board": set_up_board}[preset.content](stage, performance)


def _performance(samples: Samples, target: Target, preset: Preset, fps: float) -> Performance:
    performance = performance_of(samples.channels, target.channels, target.controls, fps=fps)
    return performance.to(preset.controls or target.controls.name)


def _new_names(
    samples: Samples, target: Target, preset: Preset
) -> dict[bpy.types.Mesh, dict[str, str]]:
    """What shape keys are called in the file, where that is not what they are called."""
    if preset.names == "own":
        return {}
    names: dict[bpy.types.Mesh, dict[str, str]] = {}
    known: dict[str, str] = {}
    for mesh in samples.shapes:
        match = match_controls(block.name for block in mesh.shape_keys.key_blocks[1:])
        for control, name in match.pairs() if match is not None else ():
            known.setdefault(name, control)
    for mesh in samples.shapes:
        # Teeth or lashes have a few of the shapes, under the names of the face.
        own = [block.name for block in mesh.shape_keys.key_blocks[1:]]
        wanted = {name: known[name] for name in own if name in known}
        once = {name: new for name, new in wanted.items() if list(wanted.values()).count(new) == 1}
        names[mesh] = {n: new for n, new in once.items() if new not in own}
    return names
