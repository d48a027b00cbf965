"""Gaze: saccades between fixations around a listener straight ahead, with lids that follow.

Saccade lengths of time after Bahill et al., "The main sequence" (1975): 21 ms and 2.2 ms a degree.
"""

from __future__ import annotations

import numpy as np

from ..direction import Direction
from ..prosody import Prosody
from .events import ease

__all__ = ["Gaze"]

FIXATION = 0.85
"""Median seconds between saccades."""
SMALL = np.radians([1.8, 1.1])
"""Spread of the fixations on a face, yaw and pitch: eyes, mouth and back."""
AVERSION = 0.35
"""Chance that a phrase begins with a look aside, as people do to think."""
AWAY = np.radians([7.5, 3.5])
"""Size of a look aside."""
ASIDE = (0.4, 1.1)
"""Seconds that a look aside lasts, at most."""
MICRO = 0.4
"""Share of microsaccades: to nearly the same place."""
COUNTER = 0.85
"""Share of the head's turn that the eyes take back to stay on their target."""
YAW_FULL, PITCH_FULL = 0.6, 0.54
"""Radians at which an eyeLook weight is 1; slopes of a real Live Link Face recording."""
LID_DOWN, LID_UP = 0.45, 0.35
"""How far the upper lid follows the eye down (as eyeBlink) and up (as eyeWide)."""
LIMITS = np.radians([28.0, 20.0])


class Gaze:
    """The eyes of one take.

    Parameters
    ----------
    prosody : Prosody
    direction : Direction
        ``gaze`` scales it.
    rng : numpy.random.Generator
    """

    def __init__(self, prosody: Prosody, direction: Direction, *, rng: np.random.Generator) -> None:
        self._direction = direction
        times, targets = _draw_fixations(prosody, rng)
        self._times, self._targets = times, targets
        before = np.vstack([targets[:1], targets[:-1]])
        degrees = np.degrees(np.linalg.norm(targets - before, axis=1))
        self._before, self._lengths = before, 0.021 + 0.0022 * degrees

    def curves(self, times: np.ndarray, head: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """ARKit curves at some times (seconds, rising), each shape (n,), given the head's."""
        now = np.maximum(np.searchsorted(self._times, times, side="right") - 1, 0)
        done = ease((times - self._times[now]) / self._lengths[now])[:, None]
        target = self._before[now] + done * (self._targets[now] - self._before[now])
        turned = np.stack([head["headYaw"], head["headPitch"]], axis=1)
        gain = np.reshape(self._direction.gain_over("gaze", times), (-1, 1))
        angles = np.clip(gain * (target - COUNTER * turned), -LIMITS, LIMITS)
        yaw, pitch = angles.T
        right, left = np.maximum(yaw, 0.0) / YAW_FULL, np.maximum(-yaw, 0.0) / YAW_FULL
        down, up = np.maximum(pitch, 0.0) / PITCH_FULL, np.maximum(-pitch, 0.0) / PITCH_FULL
        return {
            "eyeLookInLeft": right,
            "eyeLookOutRight": right,
            "eyeLookOutLeft": left,
            "eyeLookInRight": left,
            "eyeLookDownLeft": down,
            "eyeLookDownRight": down,
            "eyeLookUpLeft": up,
            "eyeLookUpRight": up,
            "eyeBlinkLeft": LID_DOWN * down,
            "eyeBlinkRight": LID_DOWN * down,
            "eyeWideLeft": LID_UP * up,
            "eyeWideRight": LID_UP * up,
            "leftEyeYaw": yaw,
            "rightEyeYaw": yaw,
            "leftEyePitch": pitch,
            "rightEyePitch": pitch,
        }


def _draw_fixations(prosody: Prosody, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Begin of each fixation in seconds (n,) and where it looks, yaw and pitch (n, 2)."""
    times, targets = [0.0], [rng.normal(0.0, 1.0, 2) * SMALL]
    onsets = iter([*prosody.phrases[:, 0].tolist(), np.inf])
    onset = next(onsets)
    time, away = 0.0, False
    while True:
        stay = max(0.15, FIXATION * float(np.exp(0.6 * rng.standard_normal())))
        # Nobody thinks aside for long: the next look is at the listener again.
        time += min(stay, rng.uniform(*ASIDE)) if away else stay
        if time >= prosody.duration:
            return np.array(times), np.array(targets)
        leaves = False
        while onset <= time:
            leaves = not away and bool(rng.random() < AVERSION)
            onset = next(onsets)
        target = rng.normal(0.0, 1.0, 2) * SMALL
        if leaves:
            target += AWAY * np.array([rng.choice([-1.0, 1.0]), rng.uniform(-1.0, 1.0)])
        elif not away and rng.random() < MICRO:
            target = targets[-1] + 0.15 * rng.normal(0.0, 1.0, 2) * SMALL
        away = leaves
        times.append(time)
        targets.append(target)
