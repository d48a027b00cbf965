"""All layers of one take, as one set of ARKit curves."""

from __future__ import annotations

import numpy as np

from rigtalk.rigs import control_set

from ..direction import Direction
from ..prosody import Prosody
from .blinks import Blinks
from .breath import Breath
from .feeling import Feeling
from .gaze import Gaze
from .head import Head

__all__ = ["Layers"]


class Layers:
    """Blinks, gaze, head, breath and the swell of feeling of one take.

    Everything is decided when it is made, as events and waves in seconds: curves can be asked for
    at any times, in any order and at any rate, and are always those of the same take.

    Parameters
    ----------
    prosody : Prosody
        Of the whole line.
    direction : Direction
        Seed, emotions and strengths.
    """

    def __init__(self, prosody: Prosody, direction: Direction) -> None:
        self._controls = control_set("arkit")

        # A generator for each layer: a change to one does not give the others new takes.
        def rng(layer: int) -> np.random.Generator:
            return np.random.default_rng([direction.seed, prosody.signature, layer])

        self._blinks = Blinks(prosody, direction, rng=rng(0))
        self._head = Head(prosody, direction, rng=rng(1))
        self._gaze = Gaze(prosody, direction, rng=rng(2))
        self._breath = Breath(prosody, direction, rng=rng(3))
        self._feeling = Feeling(prosody, rng=rng(4))
        self._direction = direction

    def at(self, times: np.ndarray) -> np.ndarray:
        """Curves to add to a performance.

        Parameters
        ----------
        times : ndarray, shape (n,)
            Seconds, rising.

        Returns
        -------
        ndarray, shape (n, 61), float32
            For the control set ``"arkit"``, in range.
        """
        head, breath = self._head.curves(times), self._breath.curves(times)
        # The eyes hold still against all that moves the head, breath included.
        carried = {name: curve + breath.get(name, 0.0) for name, curve in head.items()}
        values = np.zeros((len(times), len(self._controls)), dtype=np.float32)
        for curves in (self._blinks.curves(times), self._gaze.curves(times, carried), head, breath):
            for name, curve in curves.items():
                values[:, self._controls.index(name)] += curve
        return self._controls.clip(values)

    def jaw(self, times: np.ndarray) -> np.ndarray:
        """What the breath adds to jawOpen while the lips are closed, shape (n,), float32."""
        return self._breath.jaw(times).astype(np.float32)

    def emotion(self, times: np.ndarray) -> np.ndarray:
        """The asked emotions as they are felt in this take, shape (n, 7), float32.

        Parameters
        ----------
        times : ndarray, shape (n,)
            Seconds, rising.
        """
        return self._direction.emotion_at(times) * self._feeling.swell(times)[:, None]
