"""How far apart the lips are, in millimetres, from curves alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from rigtalk.rigs import control_set, mapping

__all__ = ["Aperture", "aperture"]

_CENTRED = {
    #                    scanned       embedded
    #                 middle  side   middle  side
    "jawForward": (1.29, 1.01, 0.60, 0.60),
    "jawOpen": (32.75, 26.99, 26.90, 25.35),
    "mouthClose": (-38.94, -36.34, -26.90, -25.35),
    "mouthFunnel": (13.73, 9.38, 10.88, 7.12),
    "mouthPucker": (-0.52, -1.68, -0.09, 0.24),
    "mouthRight": (-0.66, -0.36, 0.0, 0.0),
    "mouthLeft": (-0.66, -0.36, 0.0, 0.0),
    "mouthRollLower": (-3.75, -1.82, -4.73, -4.23),
    "mouthRollUpper": (1.82, 1.46, -3.99, -3.62),
    "mouthShrugLower": (-6.88, -6.15, 0.09, 0.18),
    "mouthShrugUpper": (5.26, 4.22, 1.27, 0.94),
    "cheekPuff": (-0.44, 0.06, 0.0, 0.0),
    "tongueOut": (0.0, 0.0, 7.00, 4.07),
}
_SIDED = {
    #                       scanned             embedded
    #                 middle   own  other  middle   own  other
    "mouthSmile": (0.04, -0.05, -0.26, 0.40, 0.47, 0.0),
    "mouthFrown": (-0.12, -0.06, -0.17, -0.15, -0.17, 0.0),
    "mouthDimple": (-0.36, -0.47, -1.54, 0.0, 0.0, 0.0),
    "mouthStretch": (-0.15, -0.03, -0.35, 0.90, 1.05, 0.0),
    "mouthPress": (-1.27, -0.47, -1.53, -2.86, -4.37, 0.0),
    "mouthLowerDown": (3.38, 1.25, 4.11, 4.45, 5.30, 0.0),
    "mouthUpperUp": (3.55, 1.64, 5.30, 3.92, 4.66, 0.0),
    "cheekSquint": (0.19, 0.09, 0.29, 0.0, 0.0, 0.0),
    "noseSneer": (3.11, 1.52, 4.85, 1.70, 1.98, 0.0),
}
"""Millimetres by which ARKit controls at full value part (or close) the middle of the inner lips
and the points a third of the way to the corners, on a scanned head of ordinary size and on the
embedded one. What works on both works on heads between them. On the scanned head a shape of one
side is strongest at the other point: its mouth is wide where its shapes are at their most."""
_HEADS = 2
_MIDDLE, _STEP = 0.3, 0.05


@dataclass(frozen=True)
class Aperture:
    """The opening of lips on two heads, by the curves of one control set.

    Attributes
    ----------
    control_set : str
    """

    control_set: str

    def openings(self, values: np.ndarray) -> np.ndarray:
        """By how much the widest of three gaps between the lips exceeds its gap at rest.

        Parameters
        ----------
        values : ndarray, shape (n, controls)

        Returns
        -------
        ndarray, shape (n, 2), float32
            Millimetres on a scanned and on the embedded head; negative where lips press.
        """
        gaps = np.asarray(values, dtype=np.float32) @ self._table  # (n, heads * points)
        if len(self._shares):
            closed = values[:, self._jaw] * values[:, self._shares].mean(axis=1)
            gaps += closed[:, None] * _arkit_table()[control_set("arkit").index("mouthClose")]
        return gaps.reshape(len(gaps), _HEADS, 3).max(axis=2)

    @cached_property
    def _table(self) -> np.ndarray:
        """Millimetres by each control alone, shape (controls, heads * points)."""
        controls = control_set(self.control_set)
        if self.control_set == "arkit":
            return _arkit_table()
        # Around a face in the middle of its ranges, where the mapping is bound by no range.
        middle = np.where(controls.lows < 0.0, 0.0, _MIDDLE).astype(np.float32)
        middle[self._shares] = 0.0
        moved = middle + _STEP * np.eye(len(controls), dtype=np.float32)
        shown = mapping(self.control_set, "arkit")
        change = (shown.apply(moved) - shown.apply(middle)) / _STEP
        change[self._shares] = 0.0
        return change @ _arkit_table()

    @cached_property
    def _jaw(self) -> int:
        return self._columns("jawOpen")[0]

    @cached_property
    def _shares(self) -> list[int]:
        """Columns that close a share of the gap over the jaw; by themselves they do nothing."""
        return self._columns("mouthLipsTogether")

    def _columns(self, begin: str) -> list[int]:
        names = control_set(self.control_set).names
        return [i for i, name in enumerate(names) if name.rpartition("_")[2].startswith(begin)]


@lru_cache(maxsize=1)
def _arkit_table() -> np.ndarray:
    controls = control_set("arkit")
    table = np.zeros((len(controls), _HEADS, 3), dtype=np.float32)  # middle, left, right
    for row, control in zip(table, controls.controls, strict=True):
        stem = control.name.removesuffix("Left").removesuffix("Right")
        if control.name in _CENTRED:
            numbers = np.reshape(_CENTRED[control.name], (_HEADS, 2))
            row[:] = numbers[:, [0, 1, 1]]
        elif stem in _SIDED:
            numbers = np.reshape(_SIDED[stem], (_HEADS, 3))
            row[:] = numbers[:, [0, 1, 2] if control.side == "L" else [0, 2, 1]]
    return table.reshape(len(controls), -1)


@lru_cache(maxsize=4)
def aperture(control_set: str) -> Aperture:
    """The aperture of one control set, by its name."""
    return Aperture(control_set)
