"""Controls and control sets: what a rig can do, as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .errors import RigtalkError

__all__ = ["REGIONS", "Control", "ControlSet"]

REGIONS = ("brows", "eyes", "nose", "cheeks", "jaw", "mouth", "tongue", "neck", "ears", "head")


@dataclass(frozen=True)
class Control:
    """One thing that a rig can do.

    Attributes
    ----------
    name : str
        The control's name in its convention, such as ``jawOpen``.
    region : str
        One of `REGIONS`.
    side : str
        ``"L"``, ``"R"`` or ``"C"``, from the character's point of view.
    low, high : float
        Range of the values. Weights run 0-1 or -1-1; angles are radians.
    mirror : str
        The control that does the same on the other side; the control itself at the centre.
    mirror_sign : float
        -1 where mirroring flips the value (yaw, roll, sideways axes), else 1.
    rest : float
        The value at rest; 0 for everything but a few settings.
    setting : bool
        A switch or multiplier of the rig itself: left at rest, never part of a performance.
    """

    name: str
    region: str
    side: str
    low: float
    high: float
    mirror: str
    mirror_sign: float = 1.0
    rest: float = 0.0
    setting: bool = False


@dataclass(frozen=True)
class ControlSet:
    """An ordered, versioned list of controls.

    Attributes
    ----------
    name : str
        Such as ``"arkit"``, ``"metahuman-board"`` or ``"oculus"``.
    version : int
        Raised whenever a control is added, removed, renamed or moved.
    controls : tuple of Control
    title : str
        The name for people.
    """

    name: str
    version: int
    controls: tuple[Control, ...]
    title: str = ""

    def __len__(self) -> int:
        return len(self.controls)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(control.name for control in self.controls)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    def index(self, name: str) -> int:
        """Column of a control.

        Raises
        ------
        RigtalkError
            If the set has no such control.
        """
        try:
            return self._index[name]
        except KeyError:
            raise RigtalkError(f"the control set {self.name!r} has no control {name!r}") from None

    def indices(self, *names: str) -> np.ndarray:
        """Columns of several controls, shape (n,)."""
        return np.array([self.index(name) for name in names], dtype=np.intp)

    def in_region(self, *regions: str) -> np.ndarray:
        """Columns of the controls in the given regions, shape (n,)."""
        return np.array(
            [i for i, c in enumerate(self.controls) if c.region in regions], dtype=np.intp
        )

    @cached_property
    def lows(self) -> np.ndarray:
        """Lowest value of each control, shape (n,), float32."""
        return np.array([c.low for c in self.controls], dtype=np.float32)

    @cached_property
    def highs(self) -> np.ndarray:
        """Highest value of each control, shape (n,), float32."""
        return np.array([c.high for c in self.controls], dtype=np.float32)

    @cached_property
    def rests(self) -> np.ndarray:
        """Resting value of each control, shape (n,), float32."""
        return np.array([c.rest for c in self.controls], dtype=np.float32)

    def clip(self, values: np.ndarray) -> np.ndarray:
        """Values brought into range; values (..., n)."""
        return np.clip(values, self.lows, self.highs)

    def mirrored(self, values: np.ndarray) -> np.ndarray:
        """The same expression on the other side of the face; values (..., n)."""
        order = self.indices(*(c.mirror for c in self.controls))
        signs = np.array([c.mirror_sign for c in self.controls], dtype=values.dtype)
        return values[..., order] * signs
