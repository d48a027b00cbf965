"""The closure threshold of an actor, chosen by what lips do on a face."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from rigtalk.core.actor import Actor

from .assess import FALSE_SEALS
from .evaluation.evaluate import perform_all, speaking, speech_figures
from .evaluation.material import Material

__all__ = ["CANDIDATES", "choose_on_faces"]

CANDIDATES = (
    0.3, 0.4, 0.5, 0.6, 0.7, 0.77, 0.84, 0.88, 0.91, 0.935, 0.955, 0.97, 0.98, 0.987, 0.992, 0.996,
)  # fmt: skip
"""Nearly even steps of recall: networks are sure of most closures."""


def choose_on_faces(
    export: Callable[[Path, float], None],
    material: Material,
    *,
    false_seals: float = FALSE_SEALS,
    candidates: Sequence[float] = CANDIDATES,
) -> float:
    """The lowest threshold with at most so many false closures per second of speech.

    Closure by closure a threshold on the network's word would be too kind: the curves themselves
    bring lips together, too. So the whole actor speaks, and its lips are measured.

    Parameters
    ----------
    export : callable
        Writes the actor as ONNX with a threshold.
    material : Material
        Speech of people whom the actor has not heard.
    false_seals : float
        Per second of speech.
    candidates : sequence of float
        Rising.

    Returns
    -------
    float
        The highest of them where none is good enough.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "actor.onnx"

        def good(threshold: float) -> bool:
            export(path, threshold)
            performed = perform_all(speaking(Actor.load(path)), material.utterances, material.probe)
            return speech_figures(performed)["false_seals_per_s"] <= false_seals

        low, high = 0, len(candidates) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if good(candidates[middle]) else (middle + 1, high)
    return candidates[low]
