"""Which suffix is which format."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..errors import RigtalkError
from ..performance import Performance
from . import json_file, livelink, npz_file

__all__ = ["CURVE_SUFFIXES", "read_performance", "write_performance"]

_FORMATS = {
    ".csv": (livelink.read_csv, livelink.write_csv),
    ".json": (json_file.read_json, json_file.write_json),
    ".npz": (npz_file.read_npz, npz_file.write_npz),
}
CURVE_SUFFIXES = tuple(_FORMATS)
"""Suffixes of files that hold curves."""


def read_performance(path: str | Path) -> Performance:
    """Read curves from a file, by its suffix.

    Parameters
    ----------
    path : str or Path
        .csv (Live Link Face), .json or .npz.

    Raises
    ------
    RigtalkError
        If it is missing, not readable, damaged, of another version or of an unknown format.
    """
    path = Path(path)
    read, _ = _FORMATS[_suffix(path)]
    try:
        return read(path)
    except FileNotFoundError:
        raise RigtalkError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise RigtalkError(f"{path}: is a folder; name a file with curves") from None
    except UnicodeDecodeError:
        raise RigtalkError(f"{path}: not a text file, so no {path.suffix} with curves") from None
    except OSError as error:
        raise RigtalkError(f"{path}: cannot be read ({error.strerror})") from None


def write_performance(path: str | Path, parts: Performance | Iterable[Performance]) -> int:
    """Write curves to a file, in the format of its suffix.

    The file is written beside its final name and renamed into place, so it is there whole or not at
    all, and one that was there before stays until then.

    Parameters
    ----------
    path : str or Path
        .csv (Live Link Face), .json or .npz.
    parts : Performance or iterable of Performance
        Consecutive parts are written as they come, so a stream needs no memory for the whole.

    Returns
    -------
    int
        Frames written.

    Raises
    ------
    RigtalkError
        If the suffix is unknown, there are no curves, or the file cannot be written.
    """
    path = Path(path)
    _, write = _FORMATS[_suffix(path)]
    return write(path, [parts] if isinstance(parts, Performance) else parts)


def _suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in _FORMATS:
        raise RigtalkError(
            f"{path}: unknown format {suffix!r} for curves; use {', '.join(_FORMATS)}"
        )
    return suffix
