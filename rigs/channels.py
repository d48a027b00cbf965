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
    shared : ndarray, shape (n_channels, n_channels)
        Which channels a channel is added to.
    signs : ndarray, shape (n_channels, n_expressions)
        1, -1 or 0.
    phases : tuple of Phases
    """

    shared: np.ndarray
    signs: np.ndarray
    phases: tuple[Phases, ...]

    def __call__(self, channels: np.ndarray) -> np.ndarray:
        expressions = (channels + channels @ self.shared) @ self.signs
        for phases in self.phases:
            expressions[:, phases.expressions] = phases.forward(channels[:, phases.channel])
        return expressions


@dataclass(frozen=True)
class ChannelsFromExpressions:
    """Expressions to channels; `signs` and `phases` as in `ExpressionsFromChannels`.

    Attributes
    ----------
    rests : ndarray, shape (n_channels,)
        Values of the channels that drive no expression.
    """

    signs: np.ndarray
    phases: tuple[Phases, ...]
    rests: np.ndarray

    def __call__(self, expressions: np.ndarray) -> np.ndarray:
        channels = self.rests + expressions @ self.signs.T
        for phases in self.phases:
            channels[:, phases.channel] = phases.backward(expressions[:, phases.expressions])
        return channels


def channel_steps(
    table: dict[str, Any], source: ControlSet, target: ControlSet
) -> tuple[ExpressionsFromChannels, ChannelsFromExpressions]:
    """The two directions of a table of kind ``channels``."""
    prefix = table["target_prefix"]
    signs = np.zeros((len(source), len(target)))
    for channel, row in table["channels"].items():
        for side, sign in (("plus", 1.0), ("minus", -1.0)):
            if side in row:
                signs[source.index(channel), target.index(prefix + row[side])] = sign
    shared = np.zeros((len(source), len(source)))
    for channel, others in table["shared"].items():
        shared[source.index(channel), source.indices(*others)] = 1.0
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
        ExpressionsFromChannels(shared, signs, phases),
        ChannelsFromExpressions(signs, phases, source.rests),
    )
