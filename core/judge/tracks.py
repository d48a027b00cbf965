"""The picture of a take: what the mouth does over the waveform and the phones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..features import SAMPLE_RATE
from ..speech.phones import LABIODENTAL, SILENCE
from ..speech.timing import UNKNOWN
from .seals import SEALED_MM
from .svg import Frame, band, envelope, line, text, ticks
from .take import FPS, JudgedTake

__all__ = ["draw_tracks"]

LABEL_WIDTH = 158.0
SPACE = 16.0
PIXELS_PER_SECOND = 130.0
NARROWEST, WIDEST = 900.0, 15000.0
"""Pixels of the whole line; a long one is squeezed, so that ten minutes still scroll well."""
LETTER = 7.0
"""Pixels that a letter of a phone needs."""


@dataclass(frozen=True)
class Track:
    """One row: its title, its unit, its curve, and the range that it shows at least."""

    title: str
    unit: str
    height: float
    curve: Callable[[JudgedTake], np.ndarray]
    captured: str | None
    least: tuple[float, float]


_TRACKS = (
    Track("Lip gap over rest", "mm", 120, lambda t: t.track.opening, "opening", (-1.0, 8.0)),
    Track("Width of the mouth", "mm", 74, lambda t: t.track.width, "width", (44.0, 54.0)),
    Track("Protrusion", "mm", 64, lambda t: t.track.protrusion, "protrusion", (-2.0, 3.0)),
    Track("Lower lip to teeth", "mm", 74, lambda t: t.track.bite, "bite", (0.0, 8.0)),
    Track("Height of the brows", "mm", 56, lambda t: t.brow_height, None, (-1.0, 1.0)),
)


def draw_tracks(take: JudgedTake) -> str:
    """Waveform, phones and curves of a take, as HTML with two drawings: axes, and what scrolls."""
    seconds = max(len(take.track.gap) / FPS, len(take.samples) / SAMPLE_RATE)
    width = float(np.clip(seconds * PIXELS_PER_SECOND, NARROWEST, WIDEST))
    parts: list[str] = []
    labels: list[str] = []
    y = 4.0
    wave = Frame(0, y, width, 64, 0.0, seconds, -1.0, 1.0)
    parts += [*_waveform(wave, take), *_phones(wave, take)]
    labels.append(text(0, y + 34, "Sound", "name"))
    labels.append(text(0, y + 82, "Phones", "name soft"))
    y += wave.height + 26 + SPACE
    for i, track in enumerate(_TRACKS):
        curve = track.curve(take)
        others = (
            [getattr(take.captured, track.captured)] if take.captured and track.captured else []
        )
        low = min(track.least[0], *(float(c.min()) for c in (curve, *others)))
        high = max(track.least[1], *(float(c.max()) for c in (curve, *others)))
        frame = Frame(0, y, width, track.height, 0.0, seconds, low, high)
        parts.append(f'<rect class="floor" x="0" y="{y}" width="{width}" height="{track.height}"/>')
        parts += _silences(frame, take)
        for value in ticks(low, high, 4):
            parts.append(f'<path class="grid" d="M0 {float(frame.up(value)):.1f}h{width:g}"/>')
            labels.append(text(LABEL_WIDTH - 8, float(frame.up(value)) + 4, f"{value:g}", "end"))
        parts += _events(i, frame, take)
        for c, kind in ((others[0] if others else None, "curve captured"), (curve, "curve")):
            if c is not None:
                at, values = envelope(c, int(width))
                parts.append(line(frame, at / FPS, values, kind))
        labels.append(text(0, y + 13, track.title, "name"))
        labels.append(text(0, y + 28, track.unit, "name soft"))
        y += track.height + SPACE
    parts += _clock(y, width, seconds)
    height = y + 18
    return (
        f'<div class="tracks"><svg class="axis" width="{LABEL_WIDTH:g}" height="{height:g}">'
        f'{"".join(labels)}</svg><div class="scroll" tabindex="0"><svg width="{width:g}" '
        f'height="{height:g}" role="img" aria-label="curves over time">{"".join(parts)}'
        "</svg></div></div>"
    )


def _waveform(frame: Frame, take: JudgedTake) -> list[str]:
    peak = max(float(np.abs(take.samples).max(initial=0.0)), 1e-6)
    at, values = envelope(take.samples / peak, min(int(frame.width), 6000))
    return [line(frame, at / SAMPLE_RATE, values, "wave")]


def _phones(wave: Frame, take: JudgedTake) -> list[str]:
    frame = Frame(0, wave.y + wave.height + 6, wave.width, 20, 0, wave.right, 0, 1)
    shut = {id(phone): hit for phone, hit in (take.seals.closures if take.seals else ())}
    parts = []
    for phone in take.phones:
        if phone.symbol == SILENCE:
            continue
        kind = {True: "phone hit", False: "phone miss", None: "phone"}[shut.get(id(phone))]
        about = f"{phone.symbol} {phone.start:.3f}-{phone.end:.3f} s"
        parts.append(band(frame, phone.start, phone.end, kind, about))
        room = phone.duration * wave.width / wave.right
        if phone.symbol != UNKNOWN and room >= LETTER * len(phone.symbol):
            middle = float(frame.across((phone.start + phone.end) / 2))
            parts.append(text(middle, frame.y + 14, phone.symbol, "mid symbol"))
    return parts


def _silences(frame: Frame, take: JudgedTake) -> list[str]:
    return [
        band(frame, phone.start, phone.end, "silence")
        for phone in take.phones
        if phone.symbol == SILENCE
    ]


def _events(row: int, frame: Frame, take: JudgedTake) -> list[str]:
    """Closures, hits and false ones under the gap; f and v under the teeth."""
    if take.seals is None:
        return []
    if row == 3:
        return [
            band(frame, phone.start, phone.end, "contact", f"{phone.symbol} at {phone.start:.2f} s")
            for phone in take.phones
            if phone.symbol in LABIODENTAL
        ]
    if row != 0:
        return []
    parts = [
        band(
            frame,
            phone.start,
            phone.end,
            "hit" if hit else "miss",
            f"{phone.symbol} at {phone.start:.2f} s: {'shut' if hit else 'not shut'}",
        )
        for phone, hit in take.seals.closures
    ]
    parts += [
        band(frame, a, b, "false", f"false closure at {a:.2f} s") for a, b in take.seals.false
    ]
    limit = float(frame.up(SEALED_MM))
    parts.append(f'<path class="limit" d="M0 {limit:.1f}h{frame.width:g}"/>')
    return parts


def _clock(y: float, width: float, seconds: float) -> list[str]:
    frame = Frame(0, y, width, 1, 0.0, seconds, 0, 1)
    parts = []
    for value in ticks(0.0, seconds, max(4, int(width / 90))):
        x = float(frame.across(value))
        parts.append(f'<path class="grid" d="M{x:.1f} {y - 8:g}v6"/>')
        label = f"{int(value) // 60}:{value % 60:04.1f}" if seconds >= 60 else f"{value:g} s"
        parts.append(text(max(x, 4.0 * len(label)), y + 10, label, "mid soft"))
    return parts
