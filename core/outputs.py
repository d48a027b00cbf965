"""Where the results of a command go, decided and checked before any work."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .errors import RigtalkError
from .files import CURVE_SUFFIXES
from .scene_host import SCENE_SUFFIXES

__all__ = ["CurveOutputs", "SceneOutputs", "plan_outputs"]


@dataclass(frozen=True)
class CurveOutputs:
    """One file of curves for each recording.

    Attributes
    ----------
    paths : tuple of Path
        In the order of the recordings.
    folder : Path or None
        A folder that they lie in and that is not there yet.
    """

    paths: tuple[Path, ...]
    folder: Path | None = None


@dataclass(frozen=True)
class SceneOutputs:
    """A scene and exports of it.

    Attributes
    ----------
    blend : Path or None
    exports : tuple of Path
    """

    blend: Path | None
    exports: tuple[Path, ...]


def plan_outputs(
    audio: list[Path], output: Path, *, format: str, exports: list[Path], scene: Path | None
) -> CurveOutputs | SceneOutputs:
    """Decide by suffix what a command writes.

    Parameters
    ----------
    audio : list of Path
        The recordings.
    output : Path
        A file of curves, a scene, or a folder for files of curves.
    format : str
        Of files in a folder, without the dot.
    exports : list of Path
        Further files of a scene.
    scene : Path or None
        A .blend that is an input.

    Raises
    ------
    RigtalkError
        If a suffix is unknown, outputs collide with each other or with an input, several recordings
        go to one file, or a place cannot be written to.
    """
    planned: CurveOutputs | SceneOutputs
    suffix = "" if output.is_dir() else output.suffix.lower()
    if suffix in SCENE_SUFFIXES:
        planned = _scene_outputs(output, exports)
        written = [*([planned.blend] if planned.blend else []), *planned.exports]
    elif scene is not None or exports:
        raise RigtalkError(
            f"{output}: --scene and --export need -o with {', '.join(SCENE_SUFFIXES)}"
        )
    elif suffix in CURVE_SUFFIXES:
        planned = CurveOutputs((output,))
        written = [output]
    else:
        planned = _in_folder(audio, output, format)
        written = list(planned.paths)
    if len(audio) > 1 and not (isinstance(planned, CurveOutputs) and len(planned.paths) > 1):
        raise RigtalkError(f"{output}: one file cannot hold {len(audio)} recordings; name a folder")
    _check_collisions(written, [*audio, *([scene] if scene else [])])
    new_folder = planned.folder if isinstance(planned, CurveOutputs) else None
    for path in written:
        _check_place(path, new_folder)
    return planned


def _scene_outputs(output: Path, exports: list[Path]) -> SceneOutputs:
    for path in exports:
        if path.suffix.lower() not in SCENE_SUFFIXES[1:]:
            raise RigtalkError(f"{path}: --export takes {', '.join(SCENE_SUFFIXES[1:])}")
    if output.suffix.lower() == ".blend":
        return SceneOutputs(output, tuple(exports))
    return SceneOutputs(None, (output, *exports))


def _in_folder(audio: list[Path], output: Path, format: str) -> CurveOutputs:
    if output.suffix and not output.is_dir():
        known = ", ".join((*CURVE_SUFFIXES, *SCENE_SUFFIXES))
        raise RigtalkError(
            f"{output}: unknown format {output.suffix!r}; use {known}, or name a folder"
        )
    if output.exists() and not output.is_dir():
        raise RigtalkError(f"{output}: is a file; name a folder, or a file with a suffix")
    paths = tuple(output / f"{path.stem}.{format}" for path in audio)
    return CurveOutputs(paths, folder=None if output.is_dir() else output)


def _check_collisions(outputs: list[Path], inputs: list[Path]) -> None:
    read = {_same(path) for path in inputs}
    seen: set[str] = set()
    for path in outputs:
        if _same(path) in read:
            raise RigtalkError(f"{path}: is an input; it is not written over, name another output")
        if _same(path) in seen:
            raise RigtalkError(
                f"{path}: two outputs would have this name; rename a recording or use two folders"
            )
        seen.add(_same(path))


def _same(path: Path) -> str:
    # Some file systems take Hero.csv and hero.csv for one.
    return str(path.resolve()).casefold()


def _check_place(path: Path, new_folder: Path | None) -> None:
    folder = new_folder.absolute().parent if new_folder else path.absolute().parent
    if not folder.is_dir():
        raise RigtalkError(f"{path}: the folder {folder} does not exist")
    if not os.access(folder, os.W_OK):
        raise RigtalkError(f"{path}: no permission to write into {folder}")
    if path.is_dir():
        raise RigtalkError(f"{path}: is a folder; name a file to write")
    if path.exists() and not os.access(path, os.W_OK):
        raise RigtalkError(f"{path}: is write-protected")
