"""Blinks: when they come and how lids move.

Rates and their rise in talk after Bentivoglio et al., "Analysis of blink rate patterns in normal
subjects" (1997): 17 a minute at rest, 26 in conversation. Lids close in about a third of the time
in which they open (Trutoiu et al., "Modeling and animating eye blinks", 2011).
"""

from __future__ import annotations

import numpy as np

from ..direction import EMOTIONS, Direction
from ..prosody import Prosody
from .events import add_events, ease

__all__ = ["Blinks"]

RATE = 18.0
"""Blinks a minute, before phrase ends add theirs."""
SPREAD = 0.5
"""Standard deviation of the logarithm of the interval."""
SHORTEST = 0.6
"""Seconds between the beginnings of two blinks."""
PHRASE_END = 0.55
"""Share of blinks drawn to a pause that begins within `REACH` seconds of them."""
REACH = 0.9
RATE_FACTORS = {"joy": 1.1, "sadness": 0.85, "anger": 0.75, "surprise": 0.35, "fear": 0.45}
"""What an emotion at full intensity multiplies the rate by."""
HOLD = 0.045
"""Seconds shut, so that a frame at 24 fps shows it."""


class Blinks:
    """The blinks of one take.

    Parameters
    ----------
    prosody : Prosody
    direction : Direction
        ``blinks`` below 1 makes them shallower, above 1 more frequent; each blink keeps the depth
        that was asked for when it begins.
    rng : numpy.random.Generator
    """

    def __init__(self, prosody: Prosody, direction: Direction, *, rng: np.random.Generator) -> None:
        self.begins = _draw_times(prosody, direction, rng)
        depth = np.minimum(direction.gain_over("blinks", self.begins), 1.0)
        count = len(self.begins)
        self._close = rng.uniform(0.07, 0.10, count)
        self._open = rng.uniform(0.16, 0.26, count)
        full = rng.random(count) > 0.12
        self._depth = depth * np.where(full, 1.0, rng.uniform(0.55, 0.8, count))
        self._uneven = rng.uniform(0.0, 0.006, count)  # seconds by which the right eye lags
        self.ends = self.begins + self._close + HOLD + self._open + 0.006

    def curves(self, times: np.ndarray) -> dict[str, np.ndarray]:
        """ARKit curves at some times (seconds, rising), each shape (n,)."""
        left, right = np.zeros(len(times)), np.zeros(len(times))
        add_events(left, times, self.begins, self.ends, shape=self._lid)
        add_events(
            right,
            times,
            self.begins,
            self.ends,
            shape=lambda event, t: self._lid(event, t - self._uneven[event]),
        )
        return {
            "eyeBlinkLeft": left,
            "eyeBlinkRight": right,
            # The ring muscle that shuts the lids also lifts the cheek and lowers the brow a little.
            "eyeSquintLeft": 0.08 * left,
            "eyeSquintRight": 0.08 * right,
            "browDownLeft": 0.03 * left,
            "browDownRight": 0.03 * right,
        }

    def _lid(self, event: int, t: np.ndarray) -> np.ndarray:
        shut = ease(t / self._close[event])
        opened = np.clip((t - self._close[event] - HOLD) / self._open[event], 0.0, 1.0)
        # Lids start to open fast and settle slowly.
        return self._depth[event] * (shut - ease(opened**0.7))


def _draw_times(prosody: Prosody, direction: Direction, rng: np.random.Generator) -> np.ndarray:
    pauses = prosody.phrases[:, 1]
    times: list[float] = []
    time = float(rng.uniform(0.2, 1.0) * _median(direction, 0.0))
    while time < prosody.duration:
        drawn, snap, late = time, rng.random(), rng.uniform(0.02, 0.16)
        if len(pauses):
            nearest = float(pauses[np.argmin(np.abs(pauses - time))])
            if abs(nearest - time) < REACH and snap < PHRASE_END:
                drawn = nearest + late
        if not times or drawn - times[-1] >= SHORTEST:
            times.append(drawn)
        emotion = direction.emotion_at(np.array([time]))[0]
        slower = float(
            np.prod(
                [
                    RATE_FACTORS.get(name, 1.0) ** e
                    for name, e in zip(EMOTIONS, emotion, strict=True)
                ]
            )
        )
        median = _median(direction, time)
        time += max(SHORTEST, median * float(np.exp(SPREAD * rng.standard_normal())) / slower)
    return np.array(times)


def _median(direction: Direction, time: float) -> float:
    """Seconds between two blinks at some time, before what is felt."""
    more = max(float(np.max(direction.gain_over("blinks", np.array([time])))), 1.0)
    return float(60.0 / (RATE * more) * np.exp(-(SPREAD**2) / 2))
