"""Responses: a channel of a character as a sum of controls.

A shape key usually takes a control as it is. A bone takes several (the jaw moves sideways by
jawLeft less jawRight), and an animator may scale, shift, invert or limit any of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from .controls import ControlSet
from .errors import RigtalkError

__all__ = ["Response", "Term"]


@dataclass(frozen=True)
class Term:
    """A control and how much of it counts.

    Attributes
    ----------
    control : str
        Name in the control set.
    gain : float
        In units of the channel for each unit of the control; below 0 it inverts.
    """

    control: str
    gain: float = 1.0


@dataclass(frozen=True)
class Response:
    """What a channel does with the controls: ``offset`` and the sum of the terms, within limits.

    Attributes
    ----------
    terms : tuple of Term
        May be empty: the channel then holds still at `offset`.
    offset : float
        Value of the channel where every control is 0.
    low, high : float or None
        Limits of the channel; None for no limit.

    Raises
    ------
    RigtalkError
        If a number is not finite or the limits are the wrong way round.
    """

    terms: tuple[Term, ...]
    offset: float = 0.0
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        numbers = [self.offset, *(term.gain for term in self.terms)]
        numbers += [limit for limit in (self.low, self.high) if limit is not None]
        if not all(map(math.isfinite, numbers)):
            raise RigtalkError(f"gains, offset and limits must be plain numbers, not {numbers}")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise RigtalkError(
                f"the lower limit {self.low:g} is above the upper limit {self.high:g}: swap them"
            )

    @classmethod
    def of(cls, control: str, gain: float = 1.0) -> Response:
        """The response to one control alone."""
        return cls((Term(control, gain),))

    @property
    def controls(self) -> tuple[str, ...]:
        """The controls that count, each once, in the order of the terms."""
        return tuple(dict.fromkeys(term.control for term in self.terms))

    def apply(self, controls: ControlSet, values: np.ndarray) -> np.ndarray:
        """The channel over time.

        Parameters
        ----------
        controls : ControlSet
        values : ndarray, shape (frames, n)
            Columns as in `controls`.

        Returns
        -------
        ndarray, shape (frames,), float32
            In the unit of the channel.

        Raises
        ------
        RigtalkError
            If a term's control is not in the set, or the columns are not those of the set.
        """
        values = np.asarray(values)
        if values.ndim != 2 or values.shape[1] != len(controls):
            raise RigtalkError(
                f"curves of shape {values.shape} are not for the rig {controls.name!r}, "
                f"which has {len(controls)} controls"
            )
        gains = np.array([term.gain for term in self.terms], dtype=np.float32)
        columns = controls.indices(*(term.control for term in self.terms))
        channel = self.offset + values[:, columns].astype(np.float32) @ gains
        if self.low is not None or self.high is not None:
            channel = np.clip(channel, self.low, self.high)
        return channel.astype(np.float32)

    def scaled(self, factor: float) -> Response:
        """The response in another unit: everything times `factor`, which is above 0."""
        return replace(
            self,
            terms=tuple(replace(term, gain=term.gain * factor) for term in self.terms),
            offset=self.offset * factor,
            low=None if self.low is None else self.low * factor,
            high=None if self.high is None else self.high * factor,
        )
