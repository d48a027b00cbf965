"""The strip below the viewport, as batches for the GPU: made once, drawn often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import blf
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader

from ..translations.text import translated
from .layout import Box, Span, envelope, polyline, runs, ticks
from .line import MouthCurves, PreviewLine
from .peaks import Peaks
from .theme import Colours

__all__ = ["HEIGHT", "Painting", "Seen"]

HEIGHT = 106.0
"""Of the strip at a scale of 1, in pixels."""
LABELS, WAVE, CURVES, TITLE = (3, 15), (18, 50), (54, 86), (88, 103)
"""Heights of its rows over its lower edge; without curves the waveform has their room too."""
PADDING = 8.0
LABEL_WIDTH = 56.0
LINE_WIDTH = 1.6
QUIET = 0.05
"""A recording is shown as tall as the strip allows, unless it is below this share of full scale."""
LOUDNESS = 0.65
"""Power of the samples that is shown, so that soft speech is seen beside loud."""
SMALL = 0.3
"""Curves are shown as tall as the strip allows, but not if they stay below this."""
HIDDEN = 32.0
"""Labels nearer to the playhead than this give way to its own."""
DIM = 0.4
"""Lines other than the current one are drawn with this much of their colour."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A line and all that is shown of it.

    Attributes
    ----------
    line : PreviewLine
    peaks : Peaks or None
        None as long as nobody has listened.
    frames : ndarray, shape (n,)
        Frames of `mouth`.
    mouth : MouthCurves
    current : bool
        Whether it is the one that the strip is about.
    fault : str
        Why there is no waveform.
    """

    line: PreviewLine
    peaks: Peaks | None
    frames: np.ndarray
    mouth: MouthCurves
    current: bool
    fault: str = ""


@dataclass(frozen=True, eq=False)
class _Part:
    """A batch, and the name and strength of its colour."""

    batch: Any
    colour: str
    alpha: float = 1.0
    wide: bool = False


class Painting:
    """What does not change while a line plays: everything but the playhead.

    Parameters
    ----------
    seen : sequence of Seen
    span : Span
        Frames that are shown.
    box : Box
        Where the strip goes in its region.
    scale : float
        Of the user interface.
    fps : float
    """

    def __init__(
        self, seen: Sequence[Seen], *, span: Span, box: Box, scale: float, fps: float
    ) -> None:
        self._span, self._box, self._scale, self._fps = span, box, scale, fps
        self._inner = box.inset(PADDING * scale)
        self._flat = gpu.shader.from_builtin("UNIFORM_COLOR")
        self._wide = gpu.shader.from_builtin("POLYLINE_UNIFORM_COLOR")
        self._texts: list[tuple[str, float, float]] = []
        spoken = any(len(item.mouth.jaw) for item in seen)
        self._wave = self._row((WAVE[0], WAVE[1] if spoken else CURVES[1]))
        self._title = next((item for item in seen if item.current), None)
        self._parts = [self._rectangles([box], "back"), *self._ticks()]
        for item in sorted(seen, key=lambda item: item.current):
            self._parts += self._line(item)
        self._head = self._rectangles([Box(-0.5, 0, 1, 1)], "playhead")

    def draw(
        self, frame: float, colours: Colours, size: tuple[float, float], points: float
    ) -> None:
        """Draw into the active frame buffer.

        Parameters
        ----------
        frame : float
            Where the playhead is.
        colours : Colours
        size : (float, float)
            Pixels of the region, for the width of lines.
        points : float
            Height of text in pixels.
        """
        gpu.state.blend_set("ALPHA")
        for part in self._parts:
            red, green, blue, alpha = colours.named(part.colour)
            shader = self._wide if part.wide else self._flat
            shader.bind()
            shader.uniform_float("color", (red, green, blue, alpha * part.alpha))
            if part.wide:
                shader.uniform_float("viewportSize", size)
                shader.uniform_float("lineWidth", LINE_WIDTH * self._scale)
            part.batch.draw(shader)
        shown = self._span.holds(frame)
        playhead = float(self._span.x(np.array([frame]), self._inner)[0]) if shown else -1e9
        for text, x, y in self._texts:
            if abs(x - playhead) > HIDDEN * self._scale:
                self._write(text, x, y, colours.named("faint"), points)
        self._draw_title(colours, points)
        if shown:
            self._draw_playhead(frame, playhead, colours, points)
        gpu.state.blend_set("NONE")

    def _row(self, row: tuple[int, int]) -> Box:
        return self._inner.part(row[0] * self._scale, row[1] * self._scale)

    def _rectangles(self, boxes: Sequence[Box], colour: str, alpha: float = 1.0) -> _Part:
        corners = np.array(
            [[(b.x, b.y), (b.right, b.y), (b.right, b.top), (b.x, b.top)] for b in boxes],
            dtype=np.float32,
        ).reshape(-1, 2)
        order = np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32).reshape(1, -1, 3)
        indices = (order + 4 * np.arange(len(boxes), dtype=np.int32)[:, None, None]).reshape(-1, 3)
        batch = batch_for_shader(self._flat, "TRIS", {"pos": corners}, indices=indices)
        return _Part(batch, colour, alpha)

    def _ticks(self) -> list[_Part]:
        row, wave, top = self._row(LABELS), self._wave, self._row(CURVES).top
        frames, _ = ticks(self._span, self._inner.width, LABEL_WIDTH * self._scale)
        if not len(frames):
            return []
        places = self._span.x(frames, self._inner)
        for frame, x in zip(frames, places, strict=True):
            self._texts.append((str(frame), float(x), row.y))
        width = max(1.0, round(self._scale))
        marks = [Box(round(float(x)), wave.y, width, top - wave.y) for x in places]
        return [self._rectangles(marks, "grid")]

    def _line(self, item: Seen) -> list[_Part]:
        strength = 1.0 if item.current else DIM
        left, right = self._span.x(np.array([item.line.first, item.line.last]), self._inner)
        low, high = max(left, self._inner.x), min(right, self._inner.right)
        if not high > low:
            return []
        parts = self._waveform(item, low, high, strength)
        parts += self._mouth(item, low, high, strength)
        wave, top = self._wave, self._row(CURVES).top
        width = max(1.0, round(self._scale))
        edges = [Box(x, wave.y, width, top - wave.y) for x in (left, right) if low <= x <= high]
        return [*parts, self._rectangles(edges, "edge", strength)] if edges else parts

    def _waveform(self, item: Seen, low: float, high: float, strength: float) -> list[_Part]:
        if item.peaks is None:
            return []
        box = Box(low, self._wave.y, high - low, self._wave.height)
        count = max(2, int(high - low))
        frames = self._frames(np.array([low, high]))
        begin, end = (frames - item.line.start_frame) / self._fps
        lows, highs = item.peaks.columns(float(begin), float(end), count)
        loudest = max(item.peaks.loudest, QUIET)
        lows, highs = (np.sign(x) * (np.abs(x) / loudest) ** LOUDNESS for x in (lows, highs))
        points = envelope(lows, highs, box)
        return [_Part(batch_for_shader(self._flat, "TRI_STRIP", {"pos": points}), "wave", strength)]

    def _mouth(self, item: Seen, low: float, high: float, strength: float) -> list[_Part]:
        if not len(item.mouth.jaw):
            return []
        row = self._row(CURVES)
        x = self._span.x(item.frames, self._inner)
        half = 0.5 * self._inner.width / (self._span.last - self._span.first)
        inside = (x >= low - half) & (x <= high + half)
        if inside.sum() < 2:
            return []
        tallest = max(item.mouth.jaw.max(), item.mouth.lips.max(), SMALL)
        x = x[inside]
        jaw, lips = item.mouth.jaw[inside] / tallest, item.mouth.lips[inside] / tallest
        parts = []
        marks = []
        for first, last in runs(item.mouth.sealed[inside]):
            begin, end = max(x[first] - half, low), min(x[last] + half, high)
            marks.append(Box(begin, row.y, max(end - begin, self._scale), row.height))
        if marks:
            feet = [Box(m.x, m.y - 3 * self._scale, m.width, 3 * self._scale) for m in marks]
            parts.append(self._rectangles(marks, "sealed", 0.15 * strength))
            parts.append(self._rectangles(feet, "sealed", strength))
        curve = polyline(x, jaw, row)
        area = np.repeat(curve, 2, axis=0)
        area[::2, 1] = row.y
        flat = batch_for_shader(self._flat, "TRI_STRIP", {"pos": area})
        parts.append(_Part(flat, "jaw", 0.3 * strength))
        for values, colour in ((curve, "jaw"), (polyline(x, lips, row), "lips")):
            flat = np.pad(values, ((0, 0), (0, 1)))  # this shader wants three coordinates
            batch = batch_for_shader(self._wide, "LINE_STRIP", {"pos": flat})
            parts.append(_Part(batch, colour, strength, wide=True))
        return parts

    def _frames(self, x: np.ndarray) -> np.ndarray:
        share = (x - self._inner.x) / self._inner.width
        return self._span.first + share * (self._span.last - self._span.first)

    def _draw_title(self, colours: Colours, points: float) -> None:
        row = self._row(TITLE)
        right = row.right
        item = self._title
        legend = _legend() if item is not None and len(item.mouth.jaw) else {}
        for colour, word in legend.items():
            width, _ = _measured(word, points)
            right -= width
            y = row.y + 2 * self._scale
            self._write(word, right, y, colours.named(colour), points, centre=False)
            right -= 10 * self._scale
        text = translated("Add a line to see it here")
        if item is not None:
            text = item.fault or item.line.name
        text = _shortened(text, right - row.x, points)
        self._write(
            text, row.x, row.y + 2 * self._scale, colours.named("text"), points, centre=False
        )

    def _draw_playhead(self, frame: float, x: float, colours: Colours, points: float) -> None:
        text = f"{frame:g}"
        width, _ = _measured(text, points)
        labels, top = self._row(LABELS), self._row(CURVES).top
        half = width / 2 + 4 * self._scale
        self._flat.bind()
        self._flat.uniform_float("color", colours.named("playhead"))
        stem = Box(x, labels.top, 2 * self._scale, top - labels.top)
        tag = Box(x, labels.y - 2 * self._scale, 2 * half, labels.height + 2 * self._scale)
        for box in (stem, tag):
            with gpu.matrix.push_pop():
                gpu.matrix.translate((box.x, box.y))
                gpu.matrix.scale((box.width, box.height))
                self._head.batch.draw(self._flat)
        self._write(text, x, labels.y, colours.named("playhead_text"), points)

    def _write(
        self,
        text: str,
        x: float,
        y: float,
        colour: tuple[float, float, float, float],
        points: float,
        *,
        centre: bool = True,
    ) -> None:
        width, _ = _measured(text, points)
        blf.position(0, round(x - width / 2 if centre else x), round(y), 0)
        blf.color(0, *colour)
        blf.draw(0, text)


def _measured(text: str, points: float) -> tuple[float, float]:
    blf.size(0, points)
    width, height = blf.dimensions(0, text)
    return width, height


def _shortened(text: str, width: float, points: float) -> str:
    """As much of a text as there is room for."""
    if _measured(text, points)[0] <= width:
        return text
    while text and _measured(f"{text}…", points)[0] > width:
        text = text[: max(0, len(text) - 1 - len(text) // 8)]
    return f"{text}…" if text else ""


def _legend() -> dict[str, str]:
    return {
        "sealed": translated("Sealed"),
        "lips": translated("Lips"),
        "jaw": translated("Jaw"),
    }
