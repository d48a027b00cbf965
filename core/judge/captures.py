"""Figures against a face that was captured while it spoke the same line."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rigtalk.rigs import control_set

from .figures import LONGEST_LAG
from .probe import Probe
from .signals import best_lag, correlation, mean

__all__ = ["CaptureTally", "face_curves", "face_errors"]


class CaptureTally:
    """Agreement with captured faces, averaged over takes.

    Parameters
    ----------
    fps : float
        Of the curves.
    """

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._rows: list[dict[str, float]] = []

    def add(
        self,
        moved: Mapping[str, np.ndarray],
        captured: Mapping[str, np.ndarray],
        errors: Mapping[str, float] | None = None,
    ) -> None:
        """Compare curves of the same names; each of shape (frames,).

        Parameters
        ----------
        moved, captured : mapping of str to ndarray
            With at least ``gap``.
        errors : mapping of str to float, optional
            From `face_errors`.
        """
        row: dict[str, float] = {}
        for name, curve in captured.items():
            count = min(len(curve), len(moved[name]))
            row[f"captured_{name}_r"] = correlation(moved[name][:count], curve[:count])
        count = min(len(captured["gap"]), len(moved["gap"]))
        a, b = (curves["gap"][:count] for curves in (moved, captured))
        lag = best_lag([a - a.mean()], [b - b.mean()], round(LONGEST_LAG * self._fps))
        row["captured_lag_ms"] = 1000.0 * lag / self._fps
        row["captured_gap_error_mm"] = float(np.abs(a - b).mean())
        self._rows.append(row | dict(errors or {}))

    def figures(self) -> dict[str, float]:
        """The figures, by name; empty without takes."""
        names = self._rows[0] if self._rows else {}
        return {name: mean([row[name] for row in self._rows]) for name in names}


def face_curves(values: np.ndarray, probe: Probe) -> dict[str, np.ndarray]:
    """The curves of a performance that are compared, by name, each of shape (frames,).

    Parameters
    ----------
    values : ndarray, shape (frames, 61)
        ARKit controls.
    probe : Probe
    """
    controls = control_set("arkit")
    track = probe.track(values)

    def together(*names: str) -> np.ndarray:
        return values[:, controls.indices(*names)].mean(axis=1)

    return {
        "gap": track.gap,
        "jaw": together("jawOpen"),
        "width": track.width,
        "rounding": together("mouthPucker", "mouthFunnel"),
        "lower_lip": together("mouthLowerDownLeft", "mouthLowerDownRight"),
    }


def face_errors(
    values: np.ndarray, captured: np.ndarray, probe: Probe, *, upper: bool = True
) -> dict[str, float]:
    """Distances between two faces over a line.

    Parameters
    ----------
    values, captured : ndarray, shape (frames, 61)
        ARKit controls at the same times; what is longer is cut off.
    probe : Probe
    upper : bool
        Whether the capture holds eyes and brows.

    Returns
    -------
    dict of str to float
        ``lve_mm``: lip vertex error, the largest distance of any lip point, averaged over frames
        (Richard et al., MeshTalk, 2021, in mm instead of squares). ``fdd_mm``: upper-face dynamics
        deviation, by how much less the points of the upper face vary in their distance from rest
        (Xing et al., CodeTalker, 2023); positive where the performance is calmer than the capture.
    """
    count = min(len(values), len(captured))
    a, b = values[:count], captured[:count]
    errors = {"lve_mm": float(probe.apart(probe.mouth, a, b).max(axis=1).mean())}
    if upper:
        rest = np.zeros_like(a)
        varies = [probe.apart(probe.brow_face, row, rest).std(axis=0) for row in (b, a)]
        errors["fdd_mm"] = float((varies[0] - varies[1]).mean())
    return errors
