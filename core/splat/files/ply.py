"""Gaussians as PLY, the way 3D Gaussian Splatting writes them.

One element ``vertex`` with ``x y z``, ``f_dc_0..2`` and ``f_rest_*`` (harmonics, all coefficients
of red, then of green, then of blue), ``opacity`` (logit), ``scale_0..2`` (logarithms) and
``rot_0..3`` (wxyz). Columns are found by name: their order, type and what else there is do not
matter. Usual axes are RDF.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...errors import RigtalkError
from ...files.replacing import replacing
from ..gaussians import MOST_LOG, SH_C0, Gaussians
from ..harmonics import BASIS_SIZES
from .ply_header import PlyElement, PlyHeader, read_header
from .reading import opened

__all__ = ["read_ply", "write_ply"]

_LINES_AT_ONCE = 1 << 14
_DISC = np.log(0.01)
"""Thickness over width of a disc (2D Gaussian Splatting stores two scales only)."""
_SOLID = 6.0
"""Logit of the opacity where a file has none: 99.8 %."""


def read_ply(path: Path) -> Gaussians:
    """Read Gaussians, in the file's axes.

    What is missing is filled in: harmonics of higher degrees and rotations by none, opacity by
    nearly 1, harmonics of degree 0 by ``red green blue`` or grey. Degree 4 is cut to 3.

    Raises
    ------
    RigtalkError
        If it is no PLY with Gaussians, truncated, damaged, or has numbers that make no Gaussians.
    """
    with opened(path) as (file, size):
        header = read_header(file, path)
        columns = _columns(file, size, header, path)
    try:
        return _gaussians(columns, path)
    except RigtalkError as error:
        raise RigtalkError(f"{path}: {str(error).removeprefix(f'{path}: ')}") from None


def _columns(file: BinaryIO, size: int, header: PlyHeader, path: Path) -> dict[str, np.ndarray]:
    """The table ``vertex``, found and bounds-checked before anything is allocated."""
    names = [element.name for element in header.elements]
    if "vertex" not in names:
        raise RigtalkError(f"{path}: has no vertices, so no Gaussians ({', '.join(names)})")
    place = names.index("vertex")
    vertex = header.elements[place]
    if "chunk" in names and any(name == "packed_position" for name, _ in vertex.columns):
        raise RigtalkError(
            f"{path}: is a compressed PLY; export it uncompressed, or as SPZ, from the splat editor"
        )
    if not {"x", "y", "z", "scale_0", "scale_1"} <= {name for name, _ in vertex.columns}:
        raise RigtalkError(
            f"{path}: has no Gaussians, but a mesh or a point cloud (x y z scale_0 … are needed)"
        )
    for element in header.elements[: place + 1]:
        if any(kind == "list" for _, kind in element.columns):
            raise RigtalkError(f"{path}: has lists before or among its vertices; export it again")
    before = header.elements[:place]
    least = sum(each.count * _least(header, each) for each in (*before, vertex))
    if header.end + least > size + (not header.order):  # the last line needs no end
        raise RigtalkError(
            f"{path}: truncated: the header promises {vertex.count} Gaussians, at least "
            f"{header.end + least} bytes; the file has {size}; copy or export it again"
        )
    if header.order:
        skipped = sum(each.count * header.row(each).itemsize for each in before)
        file.seek(header.end + skipped)
        table = np.fromfile(file, header.row(vertex), vertex.count)
        if len(table) < vertex.count:
            raise RigtalkError(f"{path}: truncated while it was read; copy it again")
        return {name: table[name] for name, _ in vertex.columns}
    for _ in range(sum(each.count for each in before)):
        file.readline()
    return _text(file, vertex, path)


def _least(header: PlyHeader, element: PlyElement) -> int:
    """Bytes that a row takes at least; a digit and a separator for each number of text."""
    return header.row(element).itemsize if header.order else 2 * len(element.columns)


def _text(file: BinaryIO, vertex: PlyElement, path: Path) -> dict[str, np.ndarray]:
    width = len(vertex.columns)
    table = np.empty((vertex.count, width), np.float64)
    for begin in range(0, vertex.count, _LINES_AT_ONCE):
        part = table[begin : begin + _LINES_AT_ONCE]
        words = [word for _ in range(len(part)) for word in file.readline().split()]
        if len(words) != part.size:
            raise RigtalkError(
                f"{path}: truncated or damaged: {vertex.count} lines of {width} numbers are "
                f"promised, not so after line {begin} of them"
            )
        try:
            part[:] = np.array([float(word) for word in words]).reshape(part.shape)
        except ValueError:
            raise RigtalkError(f"{path}: damaged: something among its numbers is none") from None
    return {name: table[:, i] for i, (name, _) in enumerate(vertex.columns)}


def _gaussians(columns: dict[str, np.ndarray], path: Path) -> Gaussians:
    count = len(columns["x"])
    with np.errstate(over="ignore", invalid="ignore"):
        scales = _stack(columns, [f"scale_{i}" for i in range(3) if f"scale_{i}" in columns])
        if scales.shape[1] == 2:
            scales = np.column_stack([scales, scales.min(axis=1) + _DISC])
        if all(f"rot_{i}" in columns for i in range(4)):
            rotations = _stack(columns, [f"rot_{i}" for i in range(4)])
        else:
            rotations = np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1))
        logits = np.asarray(columns.get("opacity", np.full(count, _SOLID)), np.float32)
        # Infinities are what logarithms of 0 leave; not-a-number stays and is refused.
        return Gaussians(
            _stack(columns, ["x", "y", "z"]),
            np.clip(scales, -MOST_LOG, MOST_LOG),
            rotations,
            np.clip(logits, -MOST_LOG, MOST_LOG),
            _harmonics(columns, count, path),
        )


def _harmonics(columns: dict[str, np.ndarray], count: int, path: Path) -> np.ndarray:
    rest = sum(name.startswith("f_rest_") for name in columns)
    of_a_channel = rest // 3
    named = all(f"f_rest_{i}" in columns for i in range(rest))
    if rest % 3 or not named or of_a_channel + 1 not in (*BASIS_SIZES, 25):
        raise RigtalkError(f"{path}: {rest} columns f_rest_* are of no degree of harmonics")
    kept = min(of_a_channel, BASIS_SIZES[-1] - 1)
    sh = np.zeros((count, kept + 1, 3), np.float32)
    if all(f"f_dc_{i}" in columns for i in range(3)):
        sh[:, 0] = _stack(columns, [f"f_dc_{i}" for i in range(3)])
    elif all(name in columns for name in ("red", "green", "blue")):
        colours = [columns[name] for name in ("red", "green", "blue")]
        for channel, values in enumerate(colours):
            most = 255.0 if values.dtype.kind in "iu" or values.max(initial=0) > 1 else 1.0
            sh[:, 0, channel] = (values / most - 0.5) / SH_C0
    for channel in range(3):
        for i in range(kept):
            sh[:, i + 1, channel] = columns[f"f_rest_{channel * of_a_channel + i}"]
    return sh


def _stack(columns: dict[str, np.ndarray], names: list[str]) -> np.ndarray:
    return np.stack([np.asarray(columns[name], np.float32) for name in names], axis=1)


def write_ply(path: Path, gaussians: Gaussians, *, comment: str = "") -> None:
    """Write Gaussians in the axes that they are in, as little-endian numbers.

    Raises
    ------
    RigtalkError
        If the file cannot be written.
    """
    count, rest = len(gaussians), 3 * (gaussians.sh.shape[1] - 1)
    names = [
        *"xyz",
        *(f"f_dc_{i}" for i in range(3)),
        *(f"f_rest_{i}" for i in range(rest)),
        "opacity",
        *(f"scale_{i}" for i in range(3)),
        *(f"rot_{i}" for i in range(4)),
    ]
    table = np.column_stack(
        [
            gaussians.positions,
            gaussians.sh[:, 0],
            np.swapaxes(gaussians.sh[:, 1:], 1, 2).reshape(count, rest),
            gaussians.opacity_logits,
            gaussians.log_scales,
            gaussians.rotations,
        ]
    ).astype("<f4")
    header = ["ply", "format binary_little_endian 1.0"]
    header += [f"comment {line}" for line in comment.splitlines()]
    header += [f"element vertex {count}", *(f"property float {name}" for name in names)]
    with replacing(path) as file:
        file.write("\n".join([*header, "end_header", ""]).encode("ascii", "replace"))
        file.write(table.tobytes())
