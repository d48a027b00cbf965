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
        values = np.zeros((len(times), len(self._controls)), dtype=np.float32)
        for _, curves in self._curves(times):
            self._add(curves, values)
        return self._controls.clip(values)

    def apart(self, times: np.ndarray) -> dict[str, np.ndarray]:
        """The same curves by layer, each what it adds.

        Parameters
        ----------
        times : ndarray, shape (n,)
            Seconds, rising.

        Returns
        -------
        dict of str to ndarray, shape (n, 61), float32
            ``"blinks"``, ``"gaze"``, ``"head"`` and, for the nostrils of a breath, ``"emotion"``.
        """
        parts = {
            name: np.zeros((len(times), len(self._controls)), dtype=np.float32)
            for name in ("blinks", "gaze", "head", "emotion")
        }
        for name, curves in self._curves(times):
            self._add(curves, parts[name])
        return parts

    def _curves(self, times: np.ndarray) -> list[tuple[str, dict[str, np.ndarray]]]:
        """Layers and what each adds, in one order."""
        head, breath = self._head.curves(times), self._breath.curves(times)
        # The eyes hold still against all that moves the head, breath included.
        carried = {name: curve + breath.get(name, 0.0) for name, curve in head.items()}
        return [
            ("blinks", self._blinks.curves(times)),
            ("gaze", self._gaze.curves(times, carried)),
            ("head", head),
            ("head", {name: curve for name, curve in breath.items() if name in head}),
            ("emotion", {name: curve for name, curve in breath.items() if name not in head}),
        ]

    def _add(self, curves: dict[str, np.ndarray], values: np.ndarray) -> None:
        for name, curve in curves.items():
            values[:, self._controls.index(name)] += curve

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
