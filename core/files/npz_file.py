"""Curves as NPZ: arrays of numpy, without pickle.

Members: ``format`` and ``version``, ``fps``, ``start`` (seconds), ``control_set``,
``control_set_version``, ``names (controls,)`` and ``values (frames, controls)`` float32.
"""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..errors import RigtalkError
from ..performance import Performance
from .header import header_of, performance_of
from .replacing import replacing

__all__ = ["read_npz", "write_npz"]


def read_npz(path: Path) -> Performance:
    """Read curves from NPZ.

    Raises
    ------
    RigtalkError
        If it is not this format and version, or damaged.
    OSError
        If the file cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            facts = {
                name: arrays[name] if name == "values" else np.asarray(arrays[name]).tolist()
                for name in arrays.files
            }
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error, AttributeError, KeyError):
        raise RigtalkError(f"{path}: not an NPZ with curves, or damaged") from None
    return performance_of(facts, path, kind="NPZ", rows=lambda values, width: values)


def write_npz(path: Path, parts: Iterable[Performance]) -> int:
    """Write consecutive performances; returns the number of frames."""
    first: Performance | None = None
    frames = 0
    with replacing(path) as file, tempfile.TemporaryFile(dir=path.parent) as rows:
        # The header of an array comes before its rows and holds their number.
        for part in parts:
            first = first or part
            rows.write(part.values.tobytes())
            frames += len(part)
        if first is None or not frames:
            raise RigtalkError(f"{path}: there are no curves to write")
        rows.seek(0)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, value in header_of(first).items():
                member = io.BytesIO()
                np.lib.format.write_array(member, np.asarray(value), allow_pickle=False)
                archive.writestr(_member(name), member.getvalue())
            with archive.open(_member("values"), "w", force_zip64=True) as target:
                shape = (frames, len(first.controls))
                header = {"descr": "<f4", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(target, header)
                shutil.copyfileobj(rows, target)
    return frames


def _member(name: str) -> zipfile.ZipInfo:
    """A member with a fixed date: the same curves give the same file."""
    member = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    return member
