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
from .columns import control_set_of
from .json_file import FORMAT, VERSION
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
            facts = {name: arrays[name] for name in arrays.files}
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error, AttributeError, KeyError):
        raise RigtalkError(f"{path}: not an NPZ with curves, or damaged") from None
    if str(facts.get("format")) != FORMAT:
        raise RigtalkError(f"{path}: NPZ, but not curves of rigtalk")
    if facts.get("version") != VERSION:
        raise RigtalkError(
            f"{path}: version {facts.get('version')} of the format; this rigtalk reads {VERSION}"
        )
    try:
        controls = control_set_of(
            str(facts["control_set"]),
            int(facts["control_set_version"]),
            facts["names"].tolist(),
            str(path),
        )
        return Performance(facts["values"], float(facts["fps"]), controls, float(facts["start"]))
    except KeyError as error:
        raise RigtalkError(f"{path}: {error.args[0]!r} is missing") from None
    except (TypeError, ValueError):
        raise RigtalkError(f"{path}: a value has the wrong type; write the curves again") from None


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
            for name, value in _facts(first).items():
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


def _facts(part: Performance) -> dict[str, object]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "fps": part.fps,
        "start": part.start,
        "control_set": part.controls.name,
        "control_set_version": part.controls.version,
        "names": list(part.controls.names),
    }
