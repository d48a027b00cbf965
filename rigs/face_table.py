"""The table of a face of bones, with its right side, which is written as the mirror of the left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .controls import ControlSet

__all__ = ["FaceTable", "other_side"]

Rows = dict[str, np.ndarray]
"""Control to a vector (3,) along left, back and up, or to shares (2,) without a side."""

_FLIPPED = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class FaceTable:
    """Reads a table of the form of ``bones_rigify``.

    Attributes
    ----------
    table : dict
    controls : ControlSet
    """

    table: dict[str, Any]
    controls: ControlSet

    @cached_property
    def moves(self) -> dict[str, Rows]:
        """Where each bone goes, in mouth widths."""
        both: dict[str, Rows] = defaultdict(dict)
        for bone, rows in self.table["moves"].items():
            for control, value in rows.items():
                vector = np.array(value)
                both[bone][control] = vector
                both[other_side(bone)].setdefault(self._mirror(control), _FLIPPED * vector)
        return dict(both)

    @cached_property
    def jaw(self) -> Rows:
        """Where the jaw goes besides turning, in mouth widths."""
        both: Rows = {}
        for control, value in self.table["jaw"].items():
            both[control] = np.array(value)
            both.setdefault(self._mirror(control), _FLIPPED * np.array(value))
        return both

    @property
    def jaw_bone(self) -> str:
        return str(self.table["turn"]["bone"])

    @property
    def opening(self) -> tuple[str, str, float]:
        """The bone that says how far the jaw is open, the control, and the mouth widths."""
        turn = self.table["turn"]
        control = next(name for name in turn if name not in ("bone", "at"))
        return turn["at"], control, turn[control]

    @cached_property
    def rides(self) -> dict[str, float]:
        """Share of the jaw's movement that each bone follows."""
        return _both(self.table["rides"])

    @cached_property
    def follows(self) -> dict[str, dict[str, float]]:
        """Share of another bone's movement that each bone follows."""
        return {
            side: {
                bone if side == follower else other_side(bone): share
                for bone, share in leaders.items()
            }
            for follower, leaders in self.table["follows"].items()
            for side in dict.fromkeys((follower, other_side(follower)))
        }

    @cached_property
    def seals(self) -> tuple[tuple[str, str], ...]:
        """Upper and lower bones that meet."""
        pairs = [tuple(pair) for pair in self.table["seal"]["pairs"]]
        mirrored = [(other_side(upper), other_side(lower)) for upper, lower in pairs]
        return tuple(dict.fromkeys((*pairs, *mirrored)))

    @property
    def seal(self) -> tuple[str, float]:
        """The control that brings lips together, and the upper one's share of the way."""
        return self.table["seal"]["control"], self.table["seal"]["share"]

    @cached_property
    def lids(self) -> tuple[tuple[str, str, Rows], ...]:
        """Upper lid, lower lid, and shares of the way between them for each."""
        part = self.table["lids"]
        rows = _rows(part, "upper", "lower")
        mirrored = {self._mirror(control): shares for control, shares in rows.items()}
        other = (other_side(part["upper"]), other_side(part["lower"]), mirrored)
        return (part["upper"], part["lower"], rows), other

    @cached_property
    def gaze(self) -> tuple[tuple[str, str, Rows], ...]:
        """Target, eye, and where the target goes in shares of its distance."""
        part = self.table["gaze"]
        rows = _rows(part, "target", "eye")
        mirrored = {self._mirror(control): _FLIPPED * v for control, v in rows.items()}
        other = (other_side(part["target"]), other_side(part["eye"]), mirrored)
        return (part["target"], part["eye"], rows), other

    @cached_property
    def shown(self) -> dict[str, dict[str, float]]:
        """Bone to the controls that it shows, each with how much."""
        shown: dict[str, dict[str, float]] = defaultdict(dict)
        for bone, rows in (*self.moves.items(), (self.jaw_bone, self.jaw)):
            shown[bone] |= {control: float(np.abs(v).max()) for control, v in rows.items()}
        _, control, size = self.opening
        shown[self.jaw_bone][control] = size
        for pair in self.seals:
            for bone in pair:
                shown[bone][self.seal[0]] = 1.0
        for upper, lower, rows in self.lids:
            for bone, which in ((upper, 0), (lower, 1)):
                shown[bone] |= {control: abs(float(v[which])) for control, v in rows.items()}
        for target, eye, rows in self.gaze:
            shown[target] |= {control: float(np.abs(v).max()) for control, v in rows.items()}
            shown.setdefault(eye, {})
        return dict(shown)

    def _mirror(self, control: str) -> str:
        return self.controls.controls[self.controls.index(control)].mirror


def other_side(bone: str) -> str:
    """The bone of the other side; the bone itself in the middle."""
    parts = bone.split(".")
    return ".".join({"L": "R", "R": "L"}.get(part, part) for part in parts)


def _both(shares: Mapping[str, float]) -> dict[str, float]:
    return {side: n for bone, n in shares.items() for side in (bone, other_side(bone))}


def _rows(part: Mapping[str, Any], *names: str) -> Rows:
    return {control: np.array(value) for control, value in part.items() if control not in names}
