"""What the judge knows of ground truth: how regions move together, and how emotions look.

`core/data/judge.json` is made by ``rigtalk train reference`` from the same articulation model that
actors are trained on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..errors import RigtalkError
from ..files.replacing import replacing
from .emotions import FEATURE_NAMES, MOODS, EmotionReader
from .regions import REGIONS

__all__ = ["EMBEDDED", "Reference", "load_reference", "write_reference"]

EMBEDDED = Path(__file__).resolve().parents[1] / "data" / "judge.json"
FORMAT = 1


@dataclass(frozen=True)
class Reference:
    """Ground truth in small.

    Attributes
    ----------
    reader : EmotionReader
    matrices : mapping of str to ndarray
        Correlation between regions in each of `MOODS`, shape (regions, regions).
    own_distance : mapping of str to float
        Mean distance of single lines of ground truth from that matrix: what no actor can beat.
    about : mapping of str to str or float
        Where it comes from.
    """

    reader: EmotionReader
    matrices: Mapping[str, np.ndarray]
    own_distance: Mapping[str, float]
    about: Mapping[str, str | float]


def write_reference(path: Path, reference: Reference) -> None:
    """Write a reference as JSON; four digits are more than its figures need."""

    def short(values: np.ndarray) -> list[float]:
        return [float(f"{value:.4g}") for value in values.ravel()]

    reader = reference.reader
    data = {
        "format": FORMAT,
        "about": dict(reference.about),
        "moods": list(MOODS),
        "features": list(FEATURE_NAMES),
        "reader": {
            "mean": short(reader.mean),
            "scale": short(reader.scale),
            "bias": short(reader.bias),
            "weights": [short(row) for row in reader.weights],
        },
        "regions": list(REGIONS),
        "matrices": {
            mood: [[round(float(v), 3) for v in row] for row in matrix]
            for mood, matrix in reference.matrices.items()
        },
        "own_distance": {mood: round(v, 4) for mood, v in reference.own_distance.items()},
    }
    with replacing(path) as file:
        # One line for each entry: small, and a new reference shows what changed.
        rows = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in data.items()]
        file.write(("{\n" + ",\n".join(rows) + "\n}\n").encode())


@lru_cache(maxsize=2)
def load_reference(path: Path = EMBEDDED) -> Reference:
    """Read a reference.

    Raises
    ------
    RigtalkError
        If it is missing or was made for other regions, features or moods.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
        fits = (
            data["format"] == FORMAT
            and tuple(data["moods"]) == MOODS
            and tuple(data["features"]) == FEATURE_NAMES
            and tuple(data["regions"]) == tuple(REGIONS)
        )
        reader = EmotionReader(
            *(np.array(data["reader"][key]) for key in ("mean", "scale", "weights", "bias"))
        )
        matrices = {mood: np.array(data["matrices"][mood]) for mood in MOODS}
        reference = Reference(reader, matrices, data["own_distance"], data["about"])
    except (OSError, ValueError, KeyError, TypeError):
        raise RigtalkError(
            f"{path}: missing or damaged; install rigtalk again, or make it with "
            "`rigtalk train reference`"
        ) from None
    if not fits or reader.weights.shape != (len(MOODS), len(FEATURE_NAMES)):
        raise RigtalkError(
            f"{path}: made for another version; make it again with `rigtalk train reference`"
        )
    return reference
