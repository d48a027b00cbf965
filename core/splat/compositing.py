"""From what a renderer draws, colour times alpha in floats, to pixels for files."""

from __future__ import annotations

import numpy as np

__all__ = ["over", "straight"]

_ROWS = 32
"""Rows that are worked on at a time, so that they stay in the cache."""


def over(rgba: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Pixels over a colour.

    Parameters
    ----------
    rgba : np.ndarray, shape (h, w, 4), float32
        Colour times alpha, and alpha.
    background : np.ndarray, shape (3,)
        0-1.

    Returns
    -------
    np.ndarray, shape (h, w, 3), uint8
    """
    pixels = np.empty((*rgba.shape[:2], 3), np.uint8)
    for row in range(0, len(rgba), _ROWS):
        part = rgba[row : row + _ROWS]
        clear = 1 - part[..., 3]
        for i in range(3):  # one by one: numpy is slow with rows of three
            values = part[..., i] + clear * np.float32(background[i])
            values *= 255
            values += 0.5
            pixels[row : row + _ROWS, :, i] = np.clip(values, 0, 255)
    return pixels


def straight(rgba: np.ndarray, bits: int = 8) -> np.ndarray:
    """Pixels with straight alpha, (h, w, 4) uint8, or uint16 for 16 bits."""
    most = (1 << bits) - 1
    alpha = np.clip(rgba[..., 3:], 0, 1)
    colour = np.divide(rgba[..., :3], alpha, out=np.zeros_like(rgba[..., :3]), where=alpha > 0)
    joined = np.concatenate([np.clip(colour, 0, 1), alpha], axis=2)
    return (joined * most + 0.5).astype(np.uint8 if bits == 8 else np.uint16)
