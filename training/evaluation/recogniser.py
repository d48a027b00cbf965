"""A phone recogniser that drives viseme poses: lip sync as it was done before networks.

pocketsphinx hears phones without knowing the text, as Rhubarb Lip Sync does; each shows its pose,
and poses fade into each other.
"""

from __future__ import annotations

import numpy as np

from rigtalk.core.judge.signals import between, smoothed
from rigtalk.core.judge.take import FPS
from rigtalk.core.speech.allphone import PhoneRecogniser
from rigtalk.core.speech.phones import PHONES, VISEMES
from rigtalk.core.speech.timing import Phone
from rigtalk.rigs import control_set

from ..corpus.utterance import SAMPLE_RATE

__all__ = ["Recogniser", "posed"]

FADE = 0.015
"""Seconds; the width of the bell under which one pose becomes the next: the best of five for
`tuning.merit` on a third of the speech that is judged, which is more than fair to an opponent."""
_CONTROLS = (
    "jawOpen", "mouthClose", "mouthPucker", "mouthFunnel", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthLowerDownLeft",
    "mouthLowerDownRight",
)  # fmt: skip
_POSES = {
    #       jaw  close pucker funnel stretch    roll  upper      lower
    "sil": (0.00, 0.00, 0.0, 0.0, 0.00, 0.00, 0.0, 0.00, 0.00, 0.00, 0.00),
    "pp": (0.08, 0.08, 0.0, 0.0, 0.00, 0.00, 0.1, 0.00, 0.00, 0.00, 0.00),
    "ff": (0.06, 0.00, 0.0, 0.0, 0.00, 0.00, 0.7, 0.20, 0.20, 0.00, 0.00),
    "th": (0.14, 0.00, 0.0, 0.0, 0.00, 0.00, 0.0, 0.05, 0.05, 0.20, 0.20),
    "dd": (0.12, 0.00, 0.0, 0.0, 0.05, 0.05, 0.0, 0.05, 0.05, 0.15, 0.15),
    "ss": (0.06, 0.00, 0.0, 0.0, 0.20, 0.20, 0.0, 0.10, 0.10, 0.25, 0.25),
    "ch": (0.07, 0.00, 0.2, 0.5, 0.00, 0.00, 0.0, 0.10, 0.10, 0.10, 0.10),
    "kk": (0.15, 0.00, 0.0, 0.0, 0.05, 0.05, 0.0, 0.05, 0.05, 0.15, 0.15),
    "rr": (0.13, 0.00, 0.2, 0.3, 0.00, 0.00, 0.0, 0.00, 0.00, 0.10, 0.10),
    "ww": (0.06, 0.00, 0.7, 0.1, 0.00, 0.00, 0.0, 0.00, 0.00, 0.00, 0.00),
    "aa": (0.40, 0.00, 0.0, 0.0, 0.00, 0.00, 0.0, 0.10, 0.10, 0.20, 0.20),
    "eh": (0.26, 0.00, 0.0, 0.0, 0.20, 0.20, 0.0, 0.10, 0.10, 0.20, 0.20),
    "iy": (0.13, 0.00, 0.0, 0.0, 0.35, 0.35, 0.0, 0.10, 0.10, 0.20, 0.20),
    "oh": (0.28, 0.00, 0.3, 0.3, 0.00, 0.00, 0.0, 0.00, 0.00, 0.05, 0.05),
    "uw": (0.11, 0.00, 0.7, 0.2, 0.00, 0.00, 0.0, 0.00, 0.00, 0.00, 0.00),
}


def posed(phones: tuple[Phone, ...], seconds: float) -> np.ndarray:
    """Viseme poses of phones, one after the other: ARKit controls, shape (frames, 61), float32.

    Parameters
    ----------
    phones : tuple of Phone
        Covering the line.
    seconds : float
        Length of the line.
    """
    times = np.arange(int(np.ceil(seconds * FPS)) + 1) / FPS
    poses = np.array([_POSES[viseme] for viseme in VISEMES])
    held = np.zeros((len(times), len(_CONTROLS)))
    for phone in phones:
        pose = poses[VISEMES.index(PHONES[phone.symbol].viseme)]
        held[between(times, phone.start, phone.end)] = pose
    controls = control_set("arkit")
    values = np.zeros((len(times), len(controls)), np.float32)
    for column, curve in zip(controls.indices(*_CONTROLS), held.T, strict=True):
        values[:, column] = smoothed(curve, FADE * FPS)
    return values


class Recogniser:
    """Samples to ARKit controls by way of recognised phones."""

    def __init__(self) -> None:
        self._recogniser = PhoneRecogniser()

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """ARKit controls at the rate of the judge, shape (frames, 61), float32."""
        return posed(self._recogniser.phones(samples), len(samples) / SAMPLE_RATE)
