"""Channels of a control board as expressions, and back.

A channel drives one expression above 0 and perhaps another below 0; a few run through several
expressions in turn, as a swallow does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .controls import ControlSet

__all__ = ["ChannelsFromExpressions", "ExpressionsFromChannels", "Phases", "channel_steps"]

_NOTHING = 1e-6


@dataclass(frozen=True)
class Phases:
    """A channel that runs through expressions, each full at its position and linear in between.

    Attributes
    ----------
    channel : int
    expressions : ndarray of int, shape (n,)
    positions : ndarray, shape (n,)
        Rising, above 0.
    ends : float or None
        Where the last expression has faded out; None if it stays.
    """

    channel: int
    expressions: np.ndarray
    positions: np.ndarray
    ends: float | None

    def forward(self, position: np.ndarray) -> np.ndarray:
        """Expressions (frames, n) at positions (frames,)."""
        knots = [0.0, *self.positions, *([] if self.ends is None else [self.ends])]
        full = np.eye(len(knots))[1 : 1 + len(self.positions)]
        return np.stack([np.interp(position, knots, row) for row in full], axis=1)

    def backward(self, expressions: np.ndarray) -> np.ndarray:
        """Positions (frames,) at expressions (frames, n); exact for what `forward` makes.

        The last expression alone means that it is fading out, so that the position there runs from
        `ends`; with nothing left to show, the position is 0.
        """
        position = expressions @ self.positions
        if self.ends is None:
            return position
        last = expressions[:, -1]
        alone = (expressions[:, :-1].sum(axis=1) < _NOTHING) & (last > _NOTHING)
        fading = self.ends - (self.ends - self.positions[-1]) * last
        return np.where(alone, fading, position)


@dataclass(frozen=True)
class ExpressionsFromChannels:
    """Channels to expressions.

    Attributes
    ----------
    drivers : ndarray of int, shape (n_expressions,)
        The channel that drives each expression.
    signs : ndarray, shape (n_expressions,)
        1 or -1: the side of the channel; 0 for expressions of `phases`.
    shared : tuple of (int, int)
        A channel, and one that it is added to.
    phases : tuple of Phases
    """

    drivers: np.ndarray
    signs: np.ndarray
    shared: tuple[tuple[int, int], ...]
    phases: tuple[Phases, ...]

    def __call__(self, channels: np.ndarray) -> np.ndarray:
        asked = channels.copy()
        for channel, other in self.shared:
            asked[:, other] += channels[:, channel]
        expressions = asked[:, self.drivers] * self.signs
        for phases in self.phases:
            expressions[:, phases.expressions] = phases.forward(channels[:, phases.channel])
        return expressions


@dataclass(frozen=True)
class ChannelsFromExpressions:
    """Expressions to channels; `drivers`, `signs` and `phases` as in `ExpressionsFromChannels`.

    Attributes
    ----------
    rests : ndarray, shape (n_channels,)
        Values of the channels that drive no expression.
    """

    drivers: np.ndarray
    signs: np.ndarray
    phases: tuple[Phases, ...]
    rests: np.ndarray

    def __call__(self, expressions: np.ndarray) -> np.ndarray:
        channels = np.tile(self.rests.astype(expressions.dtype), (len(expressions), 1))
        # A channel has one expression on each side at most: two additions without repeated columns.
        for side in (1.0, -1.0):
            driven = np.flatnonzero(self.signs == side)
            channels[:, self.drivers[driven]] += side * expressions[:, driven]
        for phases in self.phases:
            channels[:, phases.channel] = phases.backward(expressions[:, phases.expressions])
        return channels


def channel_steps(
    table: dict[str, Any], source: ControlSet, target: ControlSet
) -> tuple[ExpressionsFromChannels, ChannelsFromExpressions]:
    """The two directions of a table of kind ``channels``."""
    prefix = table["target_prefix"]
    drivers = np.zeros(len(target), dtype=np.intp)
    signs = np.zeros(len(target))
    for channel, row in table["channels"].items():
        for side, sign in (("plus", 1.0), ("minus", -1.0)):
            if side in row:
                expression = target.index(prefix + row[side])
                drivers[expression] = source.index(channel)
                signs[expression] = sign
    shared = tuple(
        (source.index(channel), source.index(other))
        for channel, others in table["shared"].items()
        for other in others
    )
    phases = tuple(
        Phases(
            source.index(channel),
            target.indices(*(prefix + name for name in row["expressions"])),
            np.array(row["positions"]),
            row.get("ends"),
        )
        for channel, row in table["phases"].items()
    )
    return (
        ExpressionsFromChannels(drivers, signs, shared, phases),
        ChannelsFromExpressions(drivers, signs, phases, source.rests),
    )
