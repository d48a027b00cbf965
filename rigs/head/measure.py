"""What the mouth does, in millimetres, from weights; fast enough for whole recordings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .model import Head

__all__ = ["MouthMeasures", "measure_mouth"]

_PAIRS = ("", "_left", "_right")


@dataclass(frozen=True)
class MouthMeasures:
    """Measures of the mouth over time, each of shape (T,), millimetres.

    Attributes
    ----------
    gap : between the inner edges of the lips in the middle; negative where they overlap.
    mean_gap : mean of that in the middle and halfway to both corners.
    width : between the corners.
    protrusion : how far the front of the lips is ahead of where it rests.
    lip_to_teeth : from the edge of the lower lip to the edge of the upper front teeth.
    """

    gap: np.ndarray
    mean_gap: np.ndarray
    width: np.ndarray
    protrusion: np.ndarray
    lip_to_teeth: np.ndarray


def measure_mouth(head: Head, weights: np.ndarray) -> MouthMeasures:
    """Measures the mouth for every row of weights.

    Parameters
    ----------
    head : Head
    weights : ndarray, shape (T, 52) or (52,)

    Returns
    -------
    MouthMeasures
        Arrays of shape (T,); T = 1 for a single row.

    Raises
    ------
    RigtalkError
        If the number of weights is not the number of shapes.
    """
    names = [f"lip_{row}_inner{pair}" for row in ("upper", "lower") for pair in _PAIRS]
    names += ["mouth_corner_left", "mouth_corner_right", "lip_upper_front", "lip_lower_front"]
    names += ["teeth_upper_edge"]
    index = np.array([head.landmarks[name] for name in names])
    points = 1000.0 * head.deform_some(np.atleast_2d(weights), index)
    at = {name: points[:, i] for i, name in enumerate(names)}
    gaps = np.stack(
        [at[f"lip_upper_inner{pair}"][:, 2] - at[f"lip_lower_inner{pair}"][:, 2] for pair in _PAIRS]
    )
    rest = 1000.0 * head.vertices
    front = [
        rest[head.landmarks[name], 1] - at[name][:, 1]
        for name in ("lip_upper_front", "lip_lower_front")
    ]
    return MouthMeasures(
        gap=gaps[0],
        mean_gap=gaps.mean(axis=0),
        width=np.linalg.norm(at["mouth_corner_left"] - at["mouth_corner_right"], axis=1),
        protrusion=(front[0] + front[1]) / 2.0,
        lip_to_teeth=np.linalg.norm(
            (at["lip_lower_inner"] - at["teeth_upper_edge"])[:, 1:], axis=1
        ),
    )
