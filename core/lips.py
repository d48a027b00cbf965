"""Lips that really meet: what each control set does to seal them and to rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rigtalk.rigs import ControlSet, control_set

__all__ = ["LIPS", "Lips"]

SEALED_JAW = 0.22
"""jawOpen behind sealed lips, at most: lips cannot stay shut over a dropped jaw."""
RESTING_JAW = 0.25
"""Share of jawOpen kept at rest, behind closed lips."""
NO_GAP = 0.001
"""Below this jawOpen there is no gap for lips to close (as in the mapping between rigs)."""


@dataclass(frozen=True)
class Lips:
    """How one control set seals its lips.

    Attributes
    ----------
    control_set : str
        Name of the set.
    prefix : str
        What its names begin with, left out below.
    sealed : mapping of str to float
        Share that is left of a control in a full closure, by beginning of its name.
    resting : mapping of str to float
        The same at rest.
    press : mapping of str to float
        What a control has at least in a full closure.
    answers : mapping of str to float
        Shapes that part the lips a little even with a shut jaw, such as a smile, and how much
        ``mouthPress`` on their side answers each of them while the lips are together. Measured on
        the embedded head.
    together : tuple of str
        Controls that bring the lips together over an open jaw.
    relative : bool
        Whether `together` counts as a share of the gap (1 closes it) or in units of jawOpen.
    closers : tuple of str
        Beginnings of controls besides `together` that bring the lips nearer; they give way where
        lips must part.
    bite : tuple of str
        Controls that roll the lower lip in for f and v.
    """

    control_set: str
    prefix: str
    sealed: Mapping[str, float]
    resting: Mapping[str, float]
    press: Mapping[str, float]
    answers: Mapping[str, float]
    together: tuple[str, ...]
    relative: bool
    closers: tuple[str, ...]
    bite: tuple[str, ...]

    @cached_property
    def controls(self) -> ControlSet:
        return control_set(self.control_set)

    @cached_property
    def jaw(self) -> int:
        """Column of jawOpen."""
        return self.controls.index(f"{self.prefix}jawOpen")

    @cached_property
    def closing(self) -> np.ndarray:
        """Columns of all that brings the lips nearer."""
        begins = tuple(self.prefix + name for name in (*self.together, *self.closers))
        return np.flatnonzero([name.startswith(begins) for name in self.controls.names])

    @cached_property
    def biting(self) -> np.ndarray:
        """Columns that roll the lower lip in."""
        return np.array(self.controls.indices(*(self.prefix + name for name in self.bite)))

    @cached_property
    def _tables(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return (
            self._expand(self.sealed, 1.0),
            self._expand(self.resting, 1.0),
            self._expand(self.press, 0.0),
        )

    @cached_property
    def _pressing(self) -> tuple[np.ndarray, np.ndarray]:
        """Columns that press the lips, and their answer to each control (controls, columns)."""
        controls = self.controls.controls
        columns = [
            i for i, c in enumerate(controls) if c.name.startswith(f"{self.prefix}mouthPress")
        ]
        sides = np.array([[c.side in ("C", controls[i].side) for i in columns] for c in controls])
        return np.array(columns), self._expand(self.answers, 0.0)[:, None] * sides

    def _expand(self, table: Mapping[str, float], default: float) -> np.ndarray:
        row = np.full(len(self.controls), default, dtype=np.float32)
        for i, name in enumerate(self.controls.names):
            for begin, share in table.items():
                if name.removeprefix(self.prefix).startswith(begin):
                    row[i] = share
        return row

    def apply(
        self, values: np.ndarray, *, closed: np.ndarray, rest: np.ndarray, breath: np.ndarray
    ) -> np.ndarray:
        """Curves with lips that meet.

        Parameters
        ----------
        values : ndarray, shape (n, controls), float32
            Curves as the network gives them.
        closed, rest : ndarray, shape (n,)
            From `closure_weight` and `rest_weight`.
        breath : ndarray, shape (n,)
            jawOpen that breathing adds at rest.

        Returns
        -------
        ndarray, shape (n, controls), float32
            Where either weight is 1 nothing holds the lips apart: what raises one or lowers the
            other is 0 and the gap over the jaw is closed.
        """
        sealed, resting, press = self._tables
        closed, rest = closed[:, None], rest[:, None]
        shut = 1.0 - (1.0 - closed) * (1.0 - rest)  # (n, 1)
        out = values * (1.0 - closed * (1.0 - sealed)) * (1.0 - rest * (1.0 - resting))
        out = np.maximum(out, closed * press)
        columns, answer = self._pressing
        needed = np.minimum(shut * (out @ answer), 1.0)
        out[:, columns] = np.maximum(out[:, columns], needed)

        jaw = values[:, self.jaw, None]
        jaw = jaw + closed * (np.minimum(jaw, SEALED_JAW) - jaw)
        jaw = jaw * (1.0 - rest * (1.0 - RESTING_JAW)) + rest * breath[:, None]
        out[:, self.jaw] = jaw[:, 0]

        columns = self.controls.indices(*(self.prefix + name for name in self.together))
        full = np.minimum(jaw / NO_GAP, 1.0) if self.relative else jaw
        out[:, columns] = np.minimum(values[:, columns] * (1.0 - shut) + full * shut, full)
        return out


LIPS = {
    lips.control_set: lips
    for lips in (
        Lips(
            control_set="arkit",
            prefix="",
            sealed={
                "mouthLowerDown": 0.0,
                "mouthUpperUp": 0.0,
                "mouthFunnel": 0.0,
                "mouthShrugUpper": 0.2,
                "mouthPucker": 0.5,
                "mouthStretch": 0.6,
                "noseSneer": 0.25,
                "tongueOut": 0.0,
            },
            resting={
                "mouthLowerDown": 0.0,
                "mouthUpperUp": 0.0,
                "mouthFunnel": 0.0,
                "mouthShrugUpper": 0.3,
                "mouthPucker": 0.2,
                "mouthRoll": 0.4,
                "tongueOut": 0.0,
            },
            press={"mouthPress": 0.15, "mouthRollLower": 0.1, "mouthRollUpper": 0.08},
            answers={
                "mouthSmile": 0.15,
                "mouthStretch": 0.35,
                "mouthShrugUpper": 0.25,
                "mouthPucker": 0.12,
                "noseSneer": 0.6,
            },
            together=("mouthClose",),
            relative=False,
            closers=("mouthShrugLower", "mouthPress"),
            bite=("mouthRollLower",),
        ),
        Lips(
            control_set="metahuman",
            prefix="CTRL_expressions_",
            sealed={
                "mouthLowerLipDepress": 0.0,
                "mouthUpperLipRaise": 0.0,
                "mouthFunnel": 0.0,
                "mouthUpperLipRollOut": 0.0,
                "mouthLowerLipRollOut": 0.0,
                "mouthUpperLipBite": 0.0,
                "mouthLowerLipBite": 0.0,
                "jawOpenExtreme": 0.0,
                "jawChinRaiseU": 0.2,
                "mouthLipsPurse": 0.5,
                "mouthStretch": 0.6,
                "mouthSharpCornerPull": 0.6,
                "noseWrinkle": 0.25,
                "tongueOut": 0.0,
            },
            resting={
                "mouthLowerLipDepress": 0.0,
                "mouthUpperLipRaise": 0.0,
                "mouthFunnel": 0.0,
                "mouthUpperLipRoll": 0.4,
                "mouthLowerLipRoll": 0.4,
                "mouthUpperLipRollOut": 0.0,
                "mouthLowerLipRollOut": 0.0,
                "mouthUpperLipBite": 0.0,
                "mouthLowerLipBite": 0.0,
                "jawOpenExtreme": 0.0,
                "jawChinRaiseU": 0.3,
                "mouthLipsPurse": 0.2,
                "mouthLipsTowards": 0.2,
                "tongueOut": 0.0,
            },
            press={
                "mouthPress": 0.15,
                "mouthLowerLipRollIn": 0.1,
                "mouthUpperLipRollIn": 0.08,
            },
            answers={
                "mouthCornerPull": 0.15,
                "mouthSharpCornerPull": 0.15,
                "mouthStretch": 0.35,
                "jawChinRaiseU": 0.25,
                "noseWrinkle": 0.6,
            },
            together=(
                "mouthLipsTogetherUL",
                "mouthLipsTogetherUR",
                "mouthLipsTogetherDL",
                "mouthLipsTogetherDR",
            ),
            relative=True,
            closers=("jawChinRaiseD", "mouthPress", "mouthLipsTowards"),
            bite=("mouthLowerLipRollInL", "mouthLowerLipRollInR"),
        ),
    )
}
"""The control sets that the network drives itself; others follow through `rigs.mapping`."""
