"""FACEGOOD's takes of a real mouth: audio and tracked weights in step.

The face was tracked at 30 frames a second; jaw and loudness agree best within half a frame of each
other in all four takes, so no shift is applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rigtalk.rigs.errors import RigtalkError

from .speech import read_samples

__all__ = [
    "HELD_OUT",
    "TAKES",
    "Take",
    "captured_jaw",
    "captured_lower_lip",
    "captured_rounding",
    "captured_upper_lip",
    "read_take",
    "read_takes",
]

TAKES = ("2_01", "2_02", "2_03", "2_04")
HELD_OUT = frozenset({"2_04"})
"""Takes that nothing is trained on."""

_ROUNDING = {
    "mouth_oh_c": 0.6, "mouth_oo_c": 1.0, "mouth_pucker_l": 0.5, "mouth_pucker_r": 0.5,
    "mouth_funnel_dl": 0.15, "mouth_funnel_dr": 0.15, "mouth_funnel_ul": 0.15,
    "mouth_funnel_ur": 0.15,
}  # fmt: skip


@dataclass(frozen=True)
class Take:
    """Speech and the mouth that spoke it.

    Attributes
    ----------
    name : str
        One of `TAKES`.
    samples : ndarray, shape (n,), float32
        16 kHz.
    values : ndarray, shape (frames, weights), float32
        Weights, 0-1; frame k at time k / fps.
    names : tuple of str
        Of the weights.
    fps : float
    """

    name: str
    samples: np.ndarray
    values: np.ndarray
    names: tuple[str, ...]
    fps: float

    @property
    def held_out(self) -> bool:
        """Whether the take is for validation only."""
        return self.name in HELD_OUT

    @property
    def times(self) -> np.ndarray:
        """Seconds of each frame, shape (frames,)."""
        return np.arange(len(self.values)) / self.fps

    def weighted(self, weights: dict[str, float]) -> np.ndarray:
        """Weighted sum of some of the curves, shape (frames,), float32; absent names count 0."""
        total = np.zeros(len(self.values), np.float32)
        for name, weight in weights.items():
            if name in self.names:
                total += np.float32(weight) * self.values[:, self.names.index(name)]
        return total


def read_take(captures: Path, name: str) -> Take:
    """One take.

    Parameters
    ----------
    captures : Path
        Holds ``facegood_<name>.npz`` and ``.flac``.
    name : str
        One of `TAKES`.

    Raises
    ------
    RigtalkError
        If the files are not there.
    """
    curves, sound = captures / f"facegood_{name}.npz", captures / f"facegood_{name}.flac"
    if not curves.is_file() or not sound.is_file():
        raise RigtalkError(f"no take {name!r} in {captures}: it needs {curves.name}, {sound.name}")
    with np.load(curves, allow_pickle=False) as arrays:
        values = arrays["values"].astype(np.float32)
        names, fps = tuple(str(name) for name in arrays["names"]), float(arrays["fps"])
    return Take(name, read_samples(sound), values, names, fps)


def read_takes(captures: Path, *, names: Sequence[str] = TAKES) -> tuple[Take, ...]:
    """Several takes; raises as `read_take` does."""
    return tuple(read_take(captures, name) for name in names)


def captured_jaw(take: Take) -> np.ndarray:
    """Opening of the mouth by the jaw, 0-1, shape (frames,)."""
    return take.weighted({"mouth_stretch_c": 1.0})


def captured_rounding(take: Take) -> np.ndarray:
    """How far the lips are rounded or pursed, about 0-1, shape (frames,)."""
    return take.weighted(_ROUNDING)


def captured_lower_lip(take: Take) -> np.ndarray:
    """How far the lower lip is drawn down, 0-1, shape (frames,)."""
    return take.weighted({"mouth_lowerLipDepress_l": 0.5, "mouth_lowerLipDepress_r": 0.5})


def captured_upper_lip(take: Take) -> np.ndarray:
    """How far the upper lip is raised, 0-1, shape (frames,)."""
    return take.weighted({"mouth_upperLipRaise_l": 0.5, "mouth_upperLipRaise_r": 0.5})
