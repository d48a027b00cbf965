"""How like two pictures are."""

from __future__ import annotations

import numpy as np

__all__ = ["gmsd", "psnr", "ssim"]


def psnr(first: np.ndarray, second: np.ndarray, where: np.ndarray | None = None) -> float:
    """Peak signal-to-noise ratio in decibels of pictures (h, w, 3) of 0-1; at most 99.

    Parameters
    ----------
    where : np.ndarray, shape (h, w), bool, optional
        Pixels that count.
    """
    square = (np.asarray(first, np.float64) - second) ** 2
    if where is not None:
        square = square[where]
    mean = float(square.mean()) if square.size else 0.0
    return float(min(99.0, -10 * np.log10(max(mean, 1e-30))))


def ssim(first: np.ndarray, second: np.ndarray) -> float:
    """Structural similarity of pictures (h, w, 3) of 0-1, by a Gaussian window of 11 pixels.

    Wang and others, 2004, "Image quality assessment: from error visibility to structural
    similarity", eq. 13 with their constants; a mean over channels and over whole windows.
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    mean_a, mean_b = _blurred(a), _blurred(b)
    own_a, own_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    shared = _blurred(a * b) - mean_a * mean_b
    c1, c2 = 0.01**2, 0.03**2
    top = (2 * mean_a * mean_b + c1) * (2 * shared + c2)
    bottom = (mean_a**2 + mean_b**2 + c1) * (own_a + own_b + c2)
    return float((top / bottom).mean())


def gmsd(first: np.ndarray, second: np.ndarray) -> float:
    """Gradient magnitude similarity deviation: 0 is alike, 0.3 is far apart.

    A full-reference measure that follows people's judgements well without a network (Xue and
    others, 2014, "Gradient magnitude similarity deviation"). Pictures (h, w, 3) of 0-1.
    """
    sides = []
    for picture in (first, second):
        gray = np.asarray(picture, np.float64) @ [0.299, 0.587, 0.114] * 255
        even = gray[: gray.shape[0] // 2 * 2, : gray.shape[1] // 2 * 2]
        half = (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
        rows = half[:-2] + half[1:-1] + half[2:]
        columns = half[:, :-2] + half[:, 1:-1] + half[:, 2:]
        across = (rows[:, 2:] - rows[:, :-2]) / 3
        down = (columns[2:] - columns[:-2]) / 3
        sides.append(np.hypot(across, down))
    similar = (2 * sides[0] * sides[1] + 170) / (sides[0] ** 2 + sides[1] ** 2 + 170)
    return float(similar.std())


def _blurred(picture: np.ndarray) -> np.ndarray:
    """Filtered by the window, where it lies wholly within the picture."""
    taps = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    taps /= taps.sum()
    for axis in (0, 1):
        size = picture.shape[axis] - 10
        picture = sum(
            tap * np.take(picture, range(i, i + size), axis=axis) for i, tap in enumerate(taps)
        )
    return picture
