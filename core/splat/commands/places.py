"""Files that the verbs of ``rigtalk head`` read and write, checked before any work."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ...errors import RigtalkError
from ..files.formats import SPLAT_SUFFIXES, read_splats
from ..files.head_file import read_head
from ..gaussians import Gaussians
from ..head import SplatHead
from ..reference import Settings

__all__ = [
    "HEAD_SUFFIX",
    "LARGEST_FILE",
    "check_file",
    "check_folder",
    "folder",
    "open_head",
    "open_splats",
]

HEAD_SUFFIX = ".splathead"
LARGEST_FILE = 4 << 30
"""Bytes of a file of Gaussians; opening it takes three times as much memory."""


def open_head(path: Path) -> SplatHead:
    """Read a head.

    Raises
    ------
    RigtalkError
        If it is missing, no head, damaged, or too large.
    """
    if path.suffix.lower() in SPLAT_SUFFIXES:
        raise RigtalkError(
            f"{path}: Gaussians alone, bound to no mesh: bind them first (rigtalk head bind)"
        )
    _check_size(path)
    return read_head(path)


def open_splats(path: Path, axes: str | None) -> tuple[Gaussians, Settings]:
    """Read Gaussians alone, in Blender's axes.

    Raises
    ------
    RigtalkError
        If it is missing, of an unknown format, damaged, empty of Gaussians, or too large.
    """
    _check_size(path)
    gaussians, settings = read_splats(path, axes=axes)
    if not len(gaussians):
        raise RigtalkError(f"{path}: there are no Gaussians in it")
    return gaussians, settings


def _check_size(path: Path) -> None:
    with contextlib.suppress(OSError, ValueError):  # which the reader will name
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise RigtalkError(
                f"{path}: {size / 1e9:.1f} GB are too many: files of up to "
                f"{LARGEST_FILE / 1e9:.1f} GB (some 16 million Gaussians) are opened; thin it out"
            )


def check_file(path: Path, inputs: Sequence[Path], suffix: str) -> None:
    """Raise RigtalkError unless a file with this suffix can be written, and is no input."""
    if path.suffix.lower() != suffix:
        raise RigtalkError(f"{path}: name a file that ends in {suffix}")
    for each in inputs:
        if path.exists() and each.exists() and path.samefile(each):
            raise RigtalkError(f"{path}: is an input; it is not written over, name another output")
    _check_parent(path)
    if path.is_dir():
        raise RigtalkError(f"{path}: is a folder; name a file to write")
    if path.exists() and not os.access(path, os.W_OK):
        raise RigtalkError(f"{path}: is write-protected")


def check_folder(path: Path) -> None:
    """Raise RigtalkError unless files can be written into a folder, there or to be made."""
    if path.exists() and not path.is_dir():
        raise RigtalkError(f"{path}: is a file; name a folder")
    if not path.is_dir():
        _check_parent(path)
    elif not os.access(path, os.W_OK):
        raise RigtalkError(f"{path}: no permission to write into it")


def _check_parent(path: Path) -> None:
    parent = path.absolute().parent
    if not parent.is_dir():
        raise RigtalkError(f"{path}: the folder {parent} does not exist")
    if not os.access(parent, os.W_OK):
        raise RigtalkError(f"{path}: no permission to write into {parent}")


@contextlib.contextmanager
def folder(path: Path) -> Iterator[Path]:
    """A folder, made if it is not there; one that was made and stays empty goes again."""
    made = not path.is_dir()
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise RigtalkError(f"{path}: cannot be made ({error.strerror})") from None
    try:
        yield path
    finally:
        if made:
            with contextlib.suppress(OSError):
                path.rmdir()
