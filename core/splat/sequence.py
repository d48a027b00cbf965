"""Gaussians that change from frame to frame, in a file for each frame."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import RigtalkError
from .files.formats import SPLAT_SUFFIXES, read_splats
from .gaussians import Gaussians
from .reference import Settings

__all__ = ["SplatSequence", "open_sequence"]

_NUMBERED = re.compile(r"(.+)\.(\d{4,9})")


@dataclass(frozen=True)
class SplatSequence:
    """Files such as ``head.0001.ply``, ``head.0002.ply``, …, as `write_sequence` leaves them.

    Attributes
    ----------
    paths : tuple of Path
        In the order of their numbers.
    first : int
        Number of the first.
    axes : str or None
        Of the files, if they are not the usual ones of their format.
    """

    paths: tuple[Path, ...]
    first: int
    axes: str | None = None

    def __len__(self) -> int:
        return len(self.paths)

    def frame(self, number: int) -> tuple[Gaussians, Settings]:
        """The Gaussians of the frame with a number, in Blender's axes, read now.

        Raises
        ------
        RigtalkError
            If there is no such frame, or its file is bad.
        """
        last = self.first + len(self) - 1
        if not self.first <= number <= last:
            raise RigtalkError(f"there is no frame {number}: there are {self.first} to {last}")
        return read_splats(self.paths[number - self.first], axes=self.axes)

    def __iter__(self) -> Iterator[Gaussians]:
        for path in self.paths:
            yield read_splats(path, axes=self.axes)[0]


def open_sequence(path: Path, *, axes: str | None = None) -> SplatSequence:
    """Find the files of a sequence; none is read yet.

    Parameters
    ----------
    path : Path
        The name that was given to `write_sequence` (``head.ply``), one of the files
        (``head.0001.ply``), or a folder with one sequence in it.
    axes : str, optional
        As for `read_splats`.

    Raises
    ------
    RigtalkError
        If there are no such files, several sequences in the folder, or numbers are missing.
    """
    if path.is_dir():
        found = _in_folder(path)
    else:
        numbered = _NUMBERED.fullmatch(path.stem)
        found = _numbered(path.parent, numbered[1] if numbered else path.stem, path.suffix)
    if not found:
        raise RigtalkError(
            f"{path}: no frames such as {path.stem if path.suffix else 'head'}.0001"
            f"{path.suffix or '.ply'} are there"
        )
    numbers = sorted(found)
    missing = next((a + 1 for a, b in itertools.pairwise(numbers) if b != a + 1), None)
    if missing is not None:
        raise RigtalkError(f"{path}: frame {missing} is missing; write the sequence again")
    return SplatSequence(tuple(found[number] for number in numbers), numbers[0], axes)


def _in_folder(folder: Path) -> dict[int, Path]:
    kinds = {
        (match[1], path.suffix)
        for path in folder.iterdir()
        if path.suffix.lower() in SPLAT_SUFFIXES and (match := _NUMBERED.fullmatch(path.stem))
    }
    if len(kinds) > 1:
        names = " and ".join(sorted(f"{stem}.0001{suffix}" for stem, suffix in kinds)[:2])
        raise RigtalkError(f"{folder}: holds several sequences ({names}); name one of their files")
    return _numbered(folder, *kinds.pop()) if kinds else {}


def _numbered(folder: Path, stem: str, suffix: str) -> dict[int, Path]:
    found: dict[int, Path] = {}
    try:
        for path in folder.iterdir():
            match = _NUMBERED.fullmatch(path.stem)
            if match and match[1] == stem and path.suffix == suffix:
                found[int(match[2])] = path
    except OSError as error:
        raise RigtalkError(f"{folder}: cannot be read ({error.strerror})") from None
    return found
