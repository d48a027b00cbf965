"""The one door to Gaussians in files, whatever their format."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ...errors import RigtalkError
from ..gaussians import Gaussians
from ..reference import Settings
from .axes import BLENDER, converted
from .gltf import read_gltf, write_gltf
from .ply import read_ply, write_ply
from .spz import read_spz, write_spz

__all__ = ["SPLAT_SUFFIXES", "read_splats", "usual_axes", "write_sequence", "write_splats"]

_USUAL_AXES = {".ply": "RDF", ".spz": "RUB", ".glb": "RUB", ".gltf": "RUB"}
SPLAT_SUFFIXES = tuple(_USUAL_AXES)


def read_splats(path: Path, *, axes: str | None = None) -> tuple[Gaussians, Settings]:
    """Read Gaussians into Blender's axes, and how they want to be drawn.

    Parameters
    ----------
    path : Path
        ``.ply``, ``.spz``, ``.glb`` or ``.gltf``.
    axes : str, optional
        Where the file's x, y and z point, such as ``"RDF"`` or ``"RUB"``; by default what is
        usual for the format.

    Raises
    ------
    RigtalkError
        If the suffix is not known, or the file is bad.
    """
    suffix = _suffix(path)
    antialiased = False
    if suffix == ".ply":
        gaussians = read_ply(path)
    elif suffix == ".spz":
        gaussians, antialiased = read_spz(path)
    else:
        gaussians = read_gltf(path)
    turned = converted(gaussians, axes or _USUAL_AXES[suffix], BLENDER)
    return turned, Settings(antialiased=antialiased)


def write_splats(
    path: Path,
    gaussians: Gaussians,
    *,
    settings: Settings | None = None,
    axes: str | None = None,
) -> None:
    """Write Gaussians that are in Blender's axes, in the format that the suffix names.

    Raises
    ------
    RigtalkError
        If the suffix is not known, or the file cannot be written. Nothing is left half-written.
    """
    suffix = _suffix(path)
    used = axes or _USUAL_AXES[suffix]
    turned = converted(gaussians, BLENDER, used)
    if suffix == ".ply":
        write_ply(path, turned, comment=f"rigtalk, axes {used.upper()}")
    elif suffix == ".spz":
        write_spz(path, turned, antialiased=bool(settings and settings.antialiased))
    else:
        write_gltf(path, turned)


def write_sequence(
    path: Path,
    frames: Iterable[Gaussians],
    *,
    first: int = 1,
    settings: Settings | None = None,
    axes: str | None = None,
) -> list[Path]:
    """Write a file a frame: ``head.ply`` becomes ``head.0001.ply``, ``head.0002.ply``, …

    Parameters
    ----------
    path : Path
        Folder, name and format; the folder is made if it is not there.
    frames : iterable of Gaussians
    first : int
        Number of the first frame.

    Returns
    -------
    list of Path
        The files, in order. Each is there whole or not at all.
    """
    _suffix(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RigtalkError(f"{path.parent}: cannot be made ({error.strerror or error})") from None
    written = []
    for number, gaussians in enumerate(frames, first):
        target = path.with_name(f"{path.stem}.{number:04d}{path.suffix}")
        write_splats(target, gaussians, settings=settings, axes=axes)
        written.append(target)
    return written


def usual_axes(path: Path) -> str:
    """Where x, y and z usually point in a file with this suffix.

    Raises
    ------
    RigtalkError
        If the suffix is not known.
    """
    return _USUAL_AXES[_suffix(path)]


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _USUAL_AXES:
        known = ", ".join(SPLAT_SUFFIXES)
        raise RigtalkError(f"{path}: Gaussians are kept in {known}, not in {suffix or 'no suffix'}")
    return suffix
