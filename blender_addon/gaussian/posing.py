"""Puts expressions on a character for a moment, without keys and without a trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import Performance
from rigtalk.rigs import control_set, mapping
from rigtalk.rigs.controls import ControlSet

from .. import compat
from ..animation.channel import owners_of
from ..changing import Change, changed
from ..characters.places import Place
from ..characters.targets import Target

__all__ = ["Poser", "held"]

_ONE_WAY = {"metahuman-board": "metahuman"}
"""Sets whose controls do different things above and below 0, with one that moves them by controls
of one way each."""
_HANDLERS = (
    "frame_change_pre",
    "frame_change_post",
    "depsgraph_update_pre",
    "depsgraph_update_post",
    "render_init",
    "render_pre",
    "render_post",
    "render_write",
    "render_stats",
    "render_complete",
    "render_cancel",
)


class Poser:
    """A character's channels, to be set by controls.

    Attributes
    ----------
    target : Target
    controls : ControlSet
        Those that expressions are made of: the character's own, or finer ones that move them.
    names : tuple of str
        Controls that may move something, in the order of the set.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        own = target.controls
        self.controls: ControlSet = control_set(_ONE_WAY.get(own.name, own.name))
        self._way = mapping(self.controls.name, own.name)
        self._places = [Place(c.owner, c.path, c.index) for c in target.channels]
        used = {name for channel in target.channels for name in channel.controls}
        moving = used if own is self.controls else self._movers(used)
        settings = {each.name for each in self.controls.controls if each.setting}
        self.names = tuple(n for n in self.controls.names if n in moving - settings)

    def set(self, weights: Mapping[str, float]) -> None:
        """Move the character; controls that are not named are at rest."""
        for place, value in zip(self._places, self._values(weights), strict=True):
            place.write(value)

    def read(self) -> list[float]:
        """What is on the channels."""
        return [place.read() for place in self._places]

    def write(self, values: list[float]) -> None:
        """Put back what `read` gave."""
        for place, value in zip(self._places, values, strict=True):
            place.write(value)

    def _row(self, weights: Mapping[str, float]) -> np.ndarray:
        """Values of the character's own controls, shape (1, n)."""
        row = self.controls.rests[None].copy()
        for name, value in weights.items():
            row[0, self.controls.index(name)] = value
        return self._way.apply(row)

    def _values(self, weights: Mapping[str, float]) -> list[float]:
        performance = Performance(self._row(weights), 1.0, self.target.controls)
        return [float(channel.values(performance)[0]) for channel in self.target.channels]

    def _movers(self, used: set[str]) -> set[str]:
        """Controls that move one of the character's own that are used."""
        tried = np.tile(self.controls.rests, (len(self.controls), 1))
        np.fill_diagonal(tried, self.controls.highs)
        changes = np.abs(self._way.apply(tried) - self._way.apply(self.controls.rests))
        moved = changes[:, self.target.controls.indices(*used)].max(axis=1, initial=0.0)
        return {n for n, change in zip(self.controls.names, moved, strict=True) if change > 1e-6}


@contextmanager
def held(poser: Poser) -> Iterator[None]:
    """Nothing but the poser moves the character; at the end all is as it was.

    Raises
    ------
    RigtalkError
        If the character cannot be edited.
    """
    if poser.target.problem:
        raise RigtalkError(poser.target.problem)
    before = poser.read()
    with _no_handlers(), ExitStack() as stack:
        stack.enter_context(changed(_animation(poser.target)))
        try:
            yield
        finally:
            poser.write(before)


@contextmanager
def _no_handlers() -> Iterator[None]:
    """Scripts that move or change things when a frame is shown or rendered have to wait."""
    lists = [getattr(bpy.app.handlers, name) for name in _HANDLERS]
    before = [list(functions) for functions in lists]
    for functions in lists:
        functions.clear()
    try:
        yield
    finally:
        for functions, kept in zip(lists, before, strict=True):
            functions[:] = kept


def _animation(target: Target) -> list[Change]:
    """What switches off all that is keyed on the data-blocks of the channels; drivers go on."""
    wanted: list[Change] = []
    for owner in owners_of(target.channels):
        data: Any = owner.animation_data
        if data is None:
            continue
        if len(data.nla_tracks):
            wanted.append((data, "use_nla", False))
        holder = compat.curves_to_read(owner)
        wanted += [(curve, "mute", True) for curve in (holder.fcurves if holder else ())]
    return wanted
