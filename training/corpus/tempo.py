"""Faster and slower speech at the same pitch."""

from __future__ import annotations

import numpy as np

from .utterance import SAMPLE_RATE

__all__ = ["retimed"]

_HOP = 320
"""Samples between pieces of the result: 20 ms, of twice which a piece is long."""
_REACH = 112
"""Samples by which a piece may be moved to fit: 7 ms, half a pitch period at 70 Hz. At a tempo of
no less than 0.75 neighbouring pieces then stay in order."""
_COARSE = 4
_PULL = 0.03
"""Likeness that a piece must gain to be taken from as far as it may be: in silence and in steady
sounds every place fits."""
_FADE = (0.5 - 0.5 * np.cos(np.pi * (np.arange(_HOP) + 0.5) / _HOP)).astype(np.float32)


def retimed(samples: np.ndarray, tempo: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Speech at another tempo, by waveform similarity (WSOLA; Verhelst and Roelands 1993).

    Parameters
    ----------
    samples : ndarray, shape (n,), float32
        16 kHz.
    tempo : float
        0.75-1.4: above 1 it becomes shorter.

    Returns
    -------
    samples : ndarray, shape (m,), float32
        Speech of n / tempo samples.
    before, after : ndarray, shape (pieces,)
        Times in seconds that belong together, both rising: each piece was taken from where it fits,
        so that the change is not quite even.
    """
    length = round(len(samples) / tempo)
    if len(samples) < 4 * _HOP or length < 2 * _HOP:
        ends = np.array([0.0, len(samples) / SAMPLE_RATE])
        return samples, ends, ends
    pieces = -(-length // _HOP) + 1
    margin = 2 * _HOP
    behind = max(0, int(pieces * _HOP * tempo) + 2 * margin - len(samples))
    source = np.pad(samples, (margin, behind)).astype(np.float32)
    centres = _centres(source, margin + np.arange(pieces) * (_HOP * tempo))
    blocks = source[centres[:, None] + np.arange(-_HOP, _HOP)]
    result = blocks[:-1, _HOP:] * _FADE[::-1] + blocks[1:, :_HOP] * _FADE
    before = (centres - margin) / SAMPLE_RATE
    after = np.arange(pieces) * (_HOP / SAMPLE_RATE)
    return result.reshape(-1)[:length], before, after


def _centres(source: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each piece is taken from: near where it is wanted, and like what would have come."""
    coarse = source[: len(source) // _COARSE * _COARSE].reshape(-1, _COARSE).mean(axis=1)
    size, reach = _HOP // _COARSE, _REACH // _COARSE
    views = np.lib.stride_tricks.sliding_window_view(coarse, size)
    power = np.convolve(coarse**2, np.ones(size, np.float32), "valid") + 1e-8
    scale = power**-0.5
    fine = np.lib.stride_tricks.sliding_window_view(source, _HOP)
    pull = _PULL * np.abs(np.linspace(-1, 1, 2 * reach + 1, dtype=np.float32))
    centres = np.empty(len(wanted), np.int64)
    centres[0] = round(wanted[0])
    for k in range(1, len(wanted)):
        natural = int(centres[k - 1])
        first = (int(wanted[k]) - _HOP) // _COARSE - reach
        looked = slice(first, first + 2 * reach + 1)
        template = coarse[natural // _COARSE : natural // _COARSE + size]
        likeness = (views[looked] @ template) * scale[looked]
        likeness -= pull * np.sqrt(template @ template + 1e-8)
        found = (first + int(np.argmax(likeness))) * _COARSE
        near = fine[found - _COARSE : found + _COARSE + 1] - source[natural : natural + _HOP]
        centres[k] = found - _COARSE + int(np.argmin((near * near).sum(axis=1))) + _HOP
    return centres
