"""Control values from what channels show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rigtalk.core.performance import Performance
from rigtalk.rigs import Response
from rigtalk.rigs.controls import ControlSet

from ..animation.keys import Channel

__all__ = ["performance_of"]

_SMALL = 1e-6
"""Pulls controls that nothing shows to 0, and others by no more than their last digit."""


def performance_of(
    values: np.ndarray, channels: Sequence[Channel], controls: ControlSet, *, fps: float
) -> Performance:
    """The performance that makes channels show some values, or comes nearest to it.

    Where a channel is a control, its value is taken as it is. Others, which add several controls
    up, are solved together by least squares, within the ranges of the controls. Controls without a
    channel rest.

    Parameters
    ----------
    values : ndarray, shape (n, channels), float32
    channels : sequence of Channel
    controls : ControlSet
    fps : float
    """
    result = np.tile(controls.rests, (len(values), 1))
    direct: dict[int, int] = {}
    mixed: list[tuple[int, Response]] = []
    for column, channel in enumerate(channels):
        response = channel.response
        if response is None:
            direct.setdefault(controls.index(channel.control), column)
        else:
            mixed.append((column, response))
    for index, column in direct.items():
        result[:, index] = values[:, column]
    if mixed:
        _solve(result, values, mixed, controls, known=direct)
    return Performance(result, fps, controls)


def _solve(
    result: np.ndarray,
    values: np.ndarray,
    mixed: Sequence[tuple[int, Response]],
    controls: ControlSet,
    *,
    known: dict[int, int],
) -> None:
    """Fill in the columns that only mixed channels tell of."""
    gains = np.zeros((len(mixed), len(controls)))
    for row, (_, response) in enumerate(mixed):
        for term in response.terms:
            gains[row, controls.index(term.control)] += term.gain
    unknown = [i for i in np.flatnonzero(gains.any(axis=0)).tolist() if i not in known]
    if not unknown:
        return
    shown = np.stack([values[:, column] - response.offset for column, response in mixed])
    given = list(known)
    shown = shown - gains[:, given] @ result[:, given].T
    matrix = gains[:, unknown]
    # Rows of one size: metres of a bone would count for nothing beside weights.
    sizes = np.maximum(np.abs(matrix).max(axis=1), 1e-12)[:, None]
    matrix, shown = matrix / sizes, shown / sizes
    square = matrix.T @ matrix + _SMALL * np.eye(len(unknown))
    found = np.linalg.solve(square, matrix.T @ shown).T
    result[:, unknown] = np.clip(found, controls.lows[unknown], controls.highs[unknown])
