"""What the network says of a stretch of a line, made a face: strengths, closures, layers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rigtalk.rigs import ControlSet, mapping

from .closures import STEP_RATE, closure_weight, rest_weight
from .direction import Direction
from .interpolation import interpolate
from .layers import Layers
from .lips import LIPS, Lips
from .meeting import firmness, parted
from .steps import Steps

__all__ = ["Face", "Heard"]

GAIN_REGIONS = {
    "mouth": ("mouth", "tongue"),
    "jaw": ("jaw",),
    "brows": ("brows",),
    "eyes": ("eyes",),
    "cheeks": ("cheeks", "nose"),
}
"""Regions of controls that each strength of a direction scales; the others are layers."""
SPEAKING = ("mouth", "tongue", "jaw")
"""Regions that articulate."""
MUMBLED = 0.25
"""Share of the articulation left at a strength of speech of 0: a mumble, not a still mouth."""


@dataclass(frozen=True, eq=False)
class Heard:
    """What the network says of a stretch.

    Attributes
    ----------
    steps : Steps
        As it is felt.
    plain : ndarray, shape (steps, controls), float32
        Curves of the same words said without a feeling.
    left : int
        Step at which the stretch begins.
    """

    steps: Steps
    plain: np.ndarray
    left: int


@dataclass(frozen=True, eq=False)
class Face:
    """The face of one take, for a control set that the network plays.

    Attributes
    ----------
    direction : Direction
    layers : Layers
    threshold : float
        Probability from which a lip closure is certain.
    played : str
        Name of the control set.
    """

    direction: Direction
    layers: Layers
    threshold: float
    played: str

    @property
    def controls(self) -> ControlSet:
        """What the columns of all values are."""
        return self._lips.controls

    @property
    def needs_plain(self) -> bool:
        """Whether a face in full needs to know how the words are said without a feeling."""
        asked = {region for _, gains in self.direction.strength_keys for region in gains}
        speaks = "speech" in asked or self.direction.gain("speech") != 1.0
        return speaks and self.direction.emotional

    def whole(self, heard: Heard, times: np.ndarray) -> np.ndarray:
        """The finished face at some times (seconds), shape (n, controls), float32."""
        return self.dressed(self.felt(heard, times), times)

    def dressed(self, felt: np.ndarray, times: np.ndarray) -> np.ndarray:
        """A face that speaks and feels, with the layers."""
        return self.controls.clip(felt + self.mapped(self.layers.at(times)))

    def felt(self, heard: Heard, times: np.ndarray) -> np.ndarray:
        """The face as it speaks and feels, without the layers."""
        return self._finished(heard, heard.steps[0], times)

    def spoken(self, heard: Heard, times: np.ndarray) -> np.ndarray:
        """The same words without the feeling.

        Lips meet at the moments at which the feeling face brings them together, so that any share
        of the difference between the two is a face whose lips meet.
        """
        return self._finished(heard, heard.plain, times)

    def mapped(self, layer: np.ndarray) -> np.ndarray:
        """Curves of a layer, ARKit's, for the control set that is played."""
        return mapping("arkit", self.played).apply(layer)

    @property
    def _lips(self) -> Lips:
        return LIPS[self.played]

    def _articulated(self, curves: np.ndarray, heard: Heard, times: np.ndarray) -> np.ndarray:
        """Curves with the articulation, which is what the words alone move, made more or less."""
        speech = self.direction.gain_over("speech", times)
        if np.all(speech == 1.0):
            return curves
        plain = interpolate(heard.plain, times * STEP_RATE - heard.left)
        more = np.reshape(_articulation(speech) - 1.0, (-1, 1)).astype(np.float32)
        speaking = np.zeros(len(self.controls), dtype=np.float32)
        speaking[self.controls.in_region(*SPEAKING)] = 1.0
        if self._lips.relative:  # a share of the gap: it follows the jaw by itself
            speaking[self._together] = 0.0
        return curves + more * (plain * speaking)

    def _finished(self, heard: Heard, curves: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Curves, step by step, as a face at some times."""
        _, closure, silence = heard.steps
        lips = self._lips
        curves = parted(lips, curves, closure, silence, self.threshold)
        at_steps = (heard.left + np.arange(len(curves))) / STEP_RATE
        said = self._strengthened(heard, curves, at_steps)
        firm = firmness(lips, said, closure, self.threshold)
        positions = times * STEP_RATE - heard.left
        closed = np.maximum(
            closure_weight(closure, self.threshold, positions),
            interpolate(firm[:, None], positions)[:, 0],
        )
        return lips.apply(
            self._strengthened(heard, interpolate(curves, positions), times),
            closed=self._pressing(times) * closed,
            rest=rest_weight(silence, positions),
            breath=self.layers.jaw(times),
        )

    def _strengthened(self, heard: Heard, curves: np.ndarray, times: np.ndarray) -> np.ndarray:
        """Curves at some times with the strengths of the direction."""
        return self.controls.clip(self._articulated(curves, heard, times) * self._gains(times))

    def _pressing(self, times: np.ndarray) -> float | np.ndarray:
        """Share of a closure that is made: a mouth turned off does not press."""
        mouth = self.direction.gain_over("mouth", times)
        if isinstance(mouth, float):
            return min(1.0, 4.0 * mouth)
        return np.minimum(1.0, 4.0 * mouth).astype(np.float32)

    def _gains(self, times: np.ndarray) -> np.ndarray:
        """Strength of each control, shape (1 or n, controls), float32."""
        controls, direction = self.controls, self.direction
        rows = len(times) if direction.strength_keys else 1
        gains = np.ones((rows, len(controls)), dtype=np.float32)
        for strength, regions in GAIN_REGIONS.items():
            gain = np.reshape(direction.gain_over(strength, times), (-1, 1))
            gains[:, controls.in_region(*regions)] = gain
        # What closes a gap follows the jaw that opens it.
        jaw = np.reshape(direction.gain_over("jaw", times), (-1, 1))
        gains[:, self._together] = 1.0 if self._lips.relative else jaw
        return gains

    @property
    def _together(self) -> np.ndarray:
        """Columns that bring the lips together over an open jaw."""
        lips = self._lips
        return lips.controls.indices(*(lips.prefix + name for name in lips.together))


def _articulation(speech: float | np.ndarray) -> float | np.ndarray:
    """Factor of what the words move: `MUMBLED` at 0, 1 at 1, 2 at 2."""
    return np.where(np.less(speech, 1.0), MUMBLED + (1.0 - MUMBLED) * np.asarray(speech), speech)
