"""Takes of FACEGOOD's Audio2Face data set (MIT) as curves for our control sets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError

from .tables import matrix_rows, read_table

__all__ = ["CAPTURED", "facegood_seal", "facegood_to_arkit", "facegood_to_metahuman"]

CAPTURED = ("jaw", "mouth")
"""Regions that the takes really show; what the others do there is not known."""
_CENTRE_SHARE = 0.5
"""A central control takes half from each side."""


def facegood_to_arkit(values: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """FACEGOOD weights as ARKit controls.

    Parameters
    ----------
    values : ndarray, shape (frames, n)
        Weights 0-1.
    names : sequence of str, length n
        Such as ``mouth_stretch_c``; names that the table does not know have no effect.

    Returns
    -------
    ndarray, shape (frames, 61), float32
        0-1; only regions in `CAPTURED` carry information.

    Raises
    ------
    RigtalkError
        If the shape does not fit the names, values are not finite, or no name is known.
    """
    arkit = np.clip(_mapped(values, names, "arkit"), 0.0, 1.0)
    controls = control_set("arkit")
    jaw, close = controls.index("jawOpen"), controls.index("mouthClose")
    arkit[:, close] = facegood_seal(values, names) * arkit[:, jaw]
    return arkit


def facegood_to_metahuman(values: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """FACEGOOD weights as MetaHuman expressions, shape (frames, 251), float32.

    Takes and raises the same as `facegood_to_arkit`, and describes the same motion.
    """
    metahuman = np.clip(_mapped(values, names, "metahuman"), 0.0, 1.0)
    controls = control_set("metahuman")
    together = [i for i, name in enumerate(controls.names) if "mouthLipsTogether" in name]
    metahuman[:, together] = facegood_seal(values, names)[:, None]
    return metahuman


def facegood_seal(values: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """How far the lips are pressed or sucked together, 0-1, shape (frames,), float32.

    A lower bound on closure: lips that only touch leave no trace but an opening near 0.
    """
    known = _checked(values, names)
    most = np.zeros(len(known), dtype=np.float32)
    for base, full in read_table("facegood")["sealed"].items():
        columns = [i for i, name in enumerate(names) if name in _sided_names(base)]
        if columns:
            most = np.maximum(most, known[:, columns].mean(axis=1) / full)
    return np.clip(most, 0.0, 1.0).astype(np.float32)


def _checked(values: np.ndarray, names: Sequence[str]) -> np.ndarray:
    weights = np.asarray(values, dtype=np.float32)
    if weights.ndim != 2 or weights.shape[1] != len(names):
        raise RigtalkError(
            f"FACEGOOD weights of shape {weights.shape} do not fit {len(names)} names"
        )
    if not np.isfinite(weights).all():
        raise RigtalkError("FACEGOOD weights hold a value that is not a number")
    return weights


def _mapped(values: np.ndarray, names: Sequence[str], target: str) -> np.ndarray:
    weights = _checked(values, names)
    rows, matrix = _matrix(target)
    known = [(i, rows[name]) for i, name in enumerate(names) if name in rows]
    if not known:
        raise RigtalkError("none of the names is a FACEGOOD weight: expected mouth_stretch_c, …")
    columns, at = (list(part) for part in zip(*known, strict=True))
    return weights[:, columns] @ matrix[at]


def _sided_names(base: str) -> tuple[str, str]:
    """``mouth_press`` is ``mouth_press_l``, ``_r``; ``mouth_funnel_u`` is ``_ul``, ``_ur``."""
    joint = "" if base.endswith(("_u", "_d")) else "_"
    return f"{base}{joint}l", f"{base}{joint}r"


@lru_cache(maxsize=2)
def _matrix(target: str) -> tuple[dict[str, int], np.ndarray]:
    """Row of each FACEGOOD name, and the weights, shape (rows, controls), float32."""
    table = read_table("facegood")
    controls = control_set(target)
    sides = np.array([c.side for c in controls.controls])
    rows = dict.fromkeys(table["central"])
    weights = list(matrix_rows([row[target] for row in table["central"].values()], controls))
    for base, row in table["sided"].items():
        both = matrix_rows([row[target]], controls)[0]
        for name, other in zip(_sided_names(base), ("R", "L"), strict=True):
            rows[name] = None
            share = np.where(sides == "C", _CENTRE_SHARE, np.where(sides == other, 0.0, 1.0))
            weights.append((both * share).astype(np.float32))
    return {name: i for i, name in enumerate(rows)}, np.stack(weights)
