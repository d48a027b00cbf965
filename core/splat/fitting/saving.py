"""What is fitted so far, in a file."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ...files.replacing import replacing

__all__ = ["load_fit", "save_fit"]


def save_fit(path: Path, key: str, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays; `key` says of what bake they are."""
    with replacing(path) as file:
        np.savez(file, key=np.array(key), **arrays)


def load_fit(path: Path, key: str) -> dict[str, np.ndarray] | None:
    """Arrays of the same bake; None if there are none, or the file is damaged.

    A fit that cannot be gone on with begins anew: nothing but its time is lost.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            if str(arrays["key"]) != key:
                return None
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
