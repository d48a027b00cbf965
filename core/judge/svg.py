"""Small drawings: curves over time and charts, as SVG text without anything from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

__all__ = ["Frame", "band", "chart", "chart_frame", "envelope", "line", "text", "ticks"]


@dataclass(frozen=True)
class Frame:
    """A rectangle of a drawing and the values that its edges stand for.

    Attributes
    ----------
    x, y, width, height : float
        Pixels, from the top left.
    left, right, bottom, top : float
        Values at the edges.
    """

    x: float
    y: float
    width: float
    height: float
    left: float
    right: float
    bottom: float
    top: float

    def across(self, value: np.ndarray | float) -> np.ndarray:
        """Pixels of values along x."""
        share = (np.asarray(value, float) - self.left) / max(self.right - self.left, 1e-9)
        return self.x + share * self.width

    def up(self, value: np.ndarray | float) -> np.ndarray:
        """Pixels of values along y, kept inside."""
        share = (np.asarray(value, float) - self.bottom) / max(self.top - self.bottom, 1e-9)
        return self.y + (1.0 - np.clip(share, 0.0, 1.0)) * self.height


def envelope(curve: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """A curve thinned out for drawing: lowest and highest value of each stretch.

    Parameters
    ----------
    curve : ndarray, shape (n,)
    most : int
        Stretches to keep.

    Returns
    -------
    positions, values : ndarray, shape (m,)
        Positions in samples; the curve itself where it has at most twice `most` samples.
    """
    if len(curve) <= 2 * most:
        return np.arange(len(curve)), np.asarray(curve)
    edges = np.linspace(0, len(curve), most + 1).astype(np.intp)
    low = np.minimum.reduceat(curve, edges[:-1])
    high = np.maximum.reduceat(curve, edges[:-1])
    return np.repeat((edges[:-1] + edges[1:]) / 2.0, 2), np.stack([low, high], axis=1).ravel()


def line(frame: Frame, x: np.ndarray, y: np.ndarray, kind: str) -> str:
    """A curve through points; `kind` is its class."""
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(frame.across(x), frame.up(y), strict=True))
    return f'<polyline class="{kind}" points="{points}"/>' if points else ""


def band(frame: Frame, start: float, end: float, kind: str, about: str = "") -> str:
    """A stretch of a frame, with a title that shows when pointed at."""
    left, right = (float(edge) for edge in np.clip(frame.across(np.array([start, end])),
                   frame.x, frame.x + frame.width))  # fmt: skip
    title = f"<title>{escape(about)}</title>" if about else ""
    size = f'width="{max(right - left, 1.0):.1f}" height="{frame.height:.1f}"'
    return f'<rect class="{kind}" x="{left:.1f}" y="{frame.y:.1f}" {size}>{title}</rect>'


def text(x: float, y: float, words: str, kind: str = "") -> str:
    """Words with their baseline at a place."""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def ticks(low: float, high: float, most: int) -> list[float]:
    """Round values between two, at most so many."""
    span = max(high - low, 1e-9)
    step = 10.0 ** np.floor(np.log10(span / most))
    for factor in (1, 2, 5, 10):
        if span / (step * factor) <= most:
            step *= factor
            break
    first = np.ceil(low / step - 1e-9) * step
    return [float(round(v, 9)) + 0.0 for v in np.arange(first, high + step * 1e-6, step)]


def chart(
    lines: Iterable[tuple[Sequence[float], Sequence[float], str]],
    *,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    titles: tuple[str, str],
    marks: str = "",
    size: tuple[float, float] = (440.0, 260.0),
) -> str:
    """A chart with axes.

    Parameters
    ----------
    lines : iterable of (sequence of float, sequence of float, str)
        x, y and class of each curve.
    x_range, y_range : (float, float)
    titles : (str, str)
        Of the axes.
    marks : str
        More SVG, over the grid; made with `chart_frame` of the same ranges.
    size : (float, float)
        Pixels.
    """
    frame = chart_frame(x_range, y_range, size)
    parts = [f'<svg viewBox="0 0 {size[0]:g} {size[1]:g}" role="img">']
    for value in ticks(*y_range, 5):
        y = float(frame.up(value))
        parts.append(f'<path class="grid" d="M{frame.x:g} {y:.1f}h{frame.width:g}"/>')
        parts.append(text(frame.x - 6, y + 4, f"{value:g}", "end"))
    for value in ticks(*x_range, 6):
        x = float(frame.across(value))
        parts.append(f'<path class="grid" d="M{x:.1f} {frame.y:g}v{frame.height:g}"/>')
        parts.append(text(x, frame.y + frame.height + 16, f"{value:g}", "mid"))
    parts.append(marks)
    parts += [line(frame, np.asarray(x), np.asarray(y), kind) for x, y, kind in lines]
    parts.append(text(frame.x + frame.width / 2, size[1] - 4, titles[0], "mid soft"))
    parts.append(text(frame.x, frame.y - 8, titles[1], "soft"))
    return "".join([*parts, "</svg>"])


def chart_frame(
    x_range: tuple[float, float], y_range: tuple[float, float], size: tuple[float, float]
) -> Frame:
    """Where `chart` draws its curves."""
    return Frame(46, 22, size[0] - 58, size[1] - 64, *x_range, *y_range)
