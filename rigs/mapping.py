"""One rig's controls as another's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from .channels import channel_steps
from .controls import ControlSet
from .errors import RigtalkError
from .loading import control_set, read_table, table_names
from .poses import pose_steps
from .visemes import viseme_steps

__all__ = ["Mapping", "mapping"]

Step = Callable[[np.ndarray], np.ndarray]

_FRAMES_AT_ONCE = 4096
"""Bounds the working memory: an hour of frames needs only its result."""

_KINDS: dict[str, Callable[[dict[str, Any], ControlSet, ControlSet], tuple[Step, Step]]] = {
    "poses": pose_steps,
    "channels": channel_steps,
    "visemes": viseme_steps,
}


@dataclass(frozen=True)
class Mapping:
    """How curves for one control set become curves for another.

    Attributes
    ----------
    source, target : ControlSet
    steps : tuple of (callable, ControlSet)
        Functions over arrays (frames, controls), each with the set that it arrives at.
    """

    source: ControlSet
    target: ControlSet
    steps: tuple[tuple[Step, ControlSet], ...]

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Values for the target.

        Parameters
        ----------
        values : ndarray, shape (frames, n_source) or (n_source,)
            Weights and angles in the ranges of the source.

        Returns
        -------
        ndarray, shape (frames, n_target) or (n_target,), float32
            In the ranges of the target. What nothing in the source moves is at rest.

        Raises
        ------
        RigtalkError
            If the number of columns is not that of the source, or a value is not finite.
        """
        given = np.asarray(values, dtype=np.float32)
        if given.ndim not in (1, 2) or given.shape[-1] != len(self.source):
            raise RigtalkError(
                f"curves of shape {given.shape} are not for the rig {self.source.name!r}, "
                f"which has {len(self.source)} controls"
            )
        if not np.isfinite(given).all():
            column = int(np.argwhere(~np.isfinite(given))[0][-1])
            raise RigtalkError(
                f"the curve of {self.source.names[column]} holds a value that is not a number"
            )
        frames = np.atleast_2d(given)
        result = np.empty((len(frames), len(self.target)), dtype=np.float32)
        for start in range(0, len(frames), _FRAMES_AT_ONCE):
            part = frames[start : start + _FRAMES_AT_ONCE].astype(np.float64)
            for step, controls in self.steps:
                part = controls.clip(step(part))
            result[start : start + _FRAMES_AT_ONCE] = part
        return result.reshape(*given.shape[:-1], len(self.target))

    @cached_property
    def lost(self) -> tuple[str, ...]:
        """Source controls that the target does not show: moving them changes nothing."""
        lows, highs = self.source.lows, self.source.highs
        changes = np.zeros(len(self.source), dtype=bool)
        for base in (self.source.rests, (lows + highs) / 2):
            for end in (lows, highs):
                moved = np.tile(base, (len(base), 1))
                np.fill_diagonal(moved, end)
                changes |= (np.abs(self.apply(moved) - self.apply(base)) > 1e-6).any(axis=1)
        return tuple(np.array(self.source.names)[~changes].tolist())


@lru_cache(maxsize=32)
def mapping(source: str, target: str) -> Mapping:
    """The mapping from one control set to another, by way of others where there is no direct one.

    Parameters
    ----------
    source, target : str
        Names of control sets. The same name twice gives the mapping that changes nothing.

    Raises
    ------
    RigtalkError
        If a set is unknown or nothing leads from one to the other.
    """
    start, goal = control_set(source), control_set(target)
    routes: dict[str, tuple[tuple[Step, ControlSet], ...]] = {source: ()}
    waiting = [source]
    steps = _steps()
    while waiting and target not in routes:
        here = waiting.pop(0)
        for (begin, end), step in steps.items():
            if begin == here and end not in routes:
                routes[end] = (*routes[here], (step, control_set(end)))
                waiting.append(end)
    if target not in routes:
        raise RigtalkError(f"nothing maps the rig {source!r} to {target!r}")
    return Mapping(start, goal, routes[target])


def _steps() -> dict[tuple[str, str], Step]:
    """Every direct way between two sets, from the mapping tables."""
    steps: dict[tuple[str, str], Step] = {}
    for name in table_names("mapping"):
        table = read_table(name)
        source, target = table["source"], table["target"]
        forward, backward = _KINDS[table["kind"]](table, control_set(source), control_set(target))
        steps[source, target] = forward
        steps[target, source] = backward
    return steps
