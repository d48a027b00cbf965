"""How one speaker says one line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rigtalk.rigs.errors import RigtalkError

__all__ = ["Style"]

_RANGES = {
    "articulation": (0.3, 2.0),
    "speed": (0.5, 2.0),
    "asymmetry": (0.0, 3.0),
    "expression": (0.0, 2.0),
    "variation": (0.0, 2.0),
}


@dataclass(frozen=True, kw_only=True)
class Style:
    """A manner of speaking; 1 is ordinary everywhere.

    Attributes
    ----------
    articulation : float
        Size of the movements: 0.6 mumbles, 1.4 exaggerates.
    speed : float
        How fast the organs are: below 1 they blur neighbouring sounds, above 1 they snap.
    asymmetry : float
        Difference between the sides of the face; 0 is a mirror image.
    expression : float
        Size of the brows' and lids' movements that go with accents.
    variation : float
        Differences between takes of the same line; 0 leaves the rng without effect on amplitudes.
    """

    articulation: float = 1.0
    speed: float = 1.0
    asymmetry: float = 1.0
    expression: float = 1.0
    variation: float = 1.0

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise RigtalkError(
                    f"style: {name} is {value:g}: it must be from {low:g} to {high:g}"
                )

    @classmethod
    def sample(cls, rng: np.random.Generator) -> Style:
        """A speaker at random; each attribute averages 1."""

        def around(low: float, high: float, spread: float) -> float:
            return float(np.clip(1.0 + spread * rng.standard_normal(), low, high))

        return cls(
            articulation=around(0.6, 1.4, 0.14),
            speed=around(0.75, 1.25, 0.10),
            asymmetry=around(0.0, 2.0, 0.5),
            expression=around(0.2, 1.8, 0.4),
        )
