"""Phones, loudness and emotion to the movement of a face: the ground truth of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.ndimage import gaussian_filter1d

from rigtalk.core.direction import EMOTIONS
from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError

from ..phones import SILENCE, SYMBOL_IDS, VOWELS
from .affect import accents, emotion_units, felt, gains, prosody_units, sway
from .contact import add_events, give_way, meet
from .gestures import (
    FRAME,
    Closures,
    closures,
    covered,
    reduction,
    score,
    spoken_channels,
)
from .style import Style
from .tables import Primitives, phone_table, primitives

__all__ = ["FRAME_RATE", "Targets", "TimedPhone", "articulate", "frame_count"]

FRAME_RATE = 1.0 / FRAME
"""Frames in a second: 50."""
_LAX = frozenset({"ah", "er", "ih", "uh"})
_SHORTEST_PAUSE = 0.06
"""Seconds; a shorter silence is a stop's closure or a slip of the labels."""


class TimedPhone(Protocol):
    """What `articulate` reads of a phone: seconds, symbol, stress (0, 1 or 2)."""

    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def symbol(self) -> str: ...
    @property
    def stress(self) -> int: ...


@dataclass(frozen=True)
class Targets:
    """What a face does while a line is spoken, 50 frames a second, frame ``k`` at ``k * 0.02`` s.

    Attributes
    ----------
    arkit : ndarray, shape (frames, 61), float32
        Zero for blinks, gaze and head, which are layers of their own.
    metahuman : ndarray, shape (frames, 251), float32
        The same motion, with what ARKit has no control for.
    closure : ndarray, shape (frames,), float32
        1 while lips are sealed for p, b or m; edges one frame wide.
    silence : ndarray, shape (frames,), float32
        1 while nobody speaks; edges one frame wide.
    """

    arkit: np.ndarray
    metahuman: np.ndarray
    closure: np.ndarray
    silence: np.ndarray


def frame_count(duration: float) -> int:
    """Frames of a line of so many seconds: one at 0, the last not after the end."""
    return int(np.floor(duration * FRAME_RATE + 1e-6)) + 1


def articulate(
    phones: Sequence[TimedPhone],
    duration: float,
    *,
    rng: np.random.Generator,
    loudness: np.ndarray | None = None,
    emotion: np.ndarray | None = None,
    style: Style | None = None,
    frames: int | None = None,
) -> Targets:
    """The movement of a face that speaks these phones.

    Parameters
    ----------
    phones : sequence of TimedPhone
        In order, not overlapping; symbols are those of `rigtalk.training.phones`. Time that no
        phone covers is silence.
    duration : float
        Seconds of the line.
    rng : numpy.random.Generator
        Chooses the take.
    loudness : ndarray, shape (n,), optional
        50 Hz, on any scale: only its ups and downs within the line count.
    emotion : ndarray, shape (n, 7) or (7,), optional
        Columns of `rigtalk.core.direction.EMOTIONS`, 0-1, at 50 Hz. Shorter arrays go on as they
        end.
    style : Style, optional
        Manner of speaking; ordinary where not given.
    frames : int, optional
        Frames to make; `frame_count` of the duration where not given.

    Returns
    -------
    Targets

    Raises
    ------
    RigtalkError
        If the phones, the loudness or the emotion cannot be used.
    """
    style = style or Style()
    symbols, spans, stresses = _checked(phones, duration)
    count = frame_count(duration) if frames is None else frames
    feeling = felt(_feeling(emotion, count))
    parts = primitives()

    prominence = _prominence(symbols, spans, loudness)
    silence = _silence(symbols, spans, count)
    seals = closures(symbols, spans, count, speed=style.speed)
    moved = _speech(
        symbols,
        spans,
        size=reduction(symbols, spans, stresses) * (1.0 + 0.16 * prominence),
        feeling=feeling,
        style=style,
        rng=rng,
        parts=parts,
    )
    emphasis = accents(symbols, spans, stresses, prominence=prominence)
    drift = sway(count, rng)
    activity = np.clip(gaussian_filter1d(1.0 - silence, 5.0, mode="nearest"), 0.0, 1.0)
    units = np.zeros((2, count, len(parts.units)))
    units += emotion_units(
        feeling,
        primitives=parts,
        activity=activity,
        emphasis=emphasis,
        drift=drift,
        style=style,
        rng=rng,
    )
    beat = prosody_units(
        primitives=parts,
        emphasis=emphasis,
        symbols=symbols,
        spans=spans,
        emotion=feeling,
        drift=drift,
        style=style,
        rng=rng,
    )
    units = 1.0 - (1.0 - units) * (1.0 - beat)
    units[:, :, : parts.spoken] = moved * _sides(parts, style, rng)
    add_events(
        units,
        seals,
        symbols=symbols,
        spans=spans,
        drift=drift,
        style=style,
        rng=rng,
        parts=parts,
    )
    give_way(units, seals.seal, activity, parts)
    meet(units, seals.seal, activity, parts)
    return _targets(units, seals, silence, parts)


def _checked(
    phones: Sequence[TimedPhone], duration: float
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Symbols, spans (n, 2) and stresses (n,), with silence in the gaps."""
    if not (np.isfinite(duration) and duration >= 0.0):
        raise RigtalkError(f"the duration is {duration:g} s: it must be finite and not negative")
    symbols: list[str] = []
    spans: list[tuple[float, float]] = []
    stresses: list[int] = []
    now = 0.0
    for phone in phones:
        if phone.symbol not in SYMBOL_IDS:
            raise RigtalkError(f"unknown phone {phone.symbol!r}: see rigtalk.training.phones")
        if not (np.isfinite(phone.start) and phone.end >= phone.start >= now - 1e-3):
            raise RigtalkError(
                f"the phone {phone.symbol!r} runs from {phone.start:g} to {phone.end:g} s: phones "
                "must follow each other in time"
            )
        start = max(phone.start, now)
        if start > now + 1e-6:
            symbols.append(SILENCE)
            spans.append((now, start))
            stresses.append(0)
        symbols.append(phone.symbol)
        spans.append((start, max(phone.end, start)))
        stresses.append(phone.stress)
        now = spans[-1][1]
    if duration > now + 1e-6:
        symbols.append(SILENCE)
        spans.append((now, duration))
        stresses.append(0)
    where, levels = np.array(spans).reshape(-1, 2), np.array(stresses, dtype=int)
    return symbols, where, levels if levels.any() else _guessed_stress(symbols, where)


def _guessed_stress(symbols: list[str], spans: np.ndarray) -> np.ndarray:
    """Where labels tell no stress: long vowels have it, and short ones of the lax kind do not."""
    lengths = spans[:, 1] - spans[:, 0]
    weak = np.array([symbol in _LAX for symbol in symbols], dtype=bool) & (lengths < 0.09)
    vowel = np.array([symbol in VOWELS for symbol in symbols], dtype=bool)
    return np.select([vowel & ~weak & (lengths >= 0.09), vowel & ~weak], [1, 2], 0)


def _feeling(emotion: np.ndarray | None, count: int) -> np.ndarray:
    if emotion is None:
        return np.zeros((count, len(EMOTIONS)))
    rows = np.atleast_2d(np.asarray(emotion, dtype=np.float64))
    if rows.ndim != 2 or rows.shape[1] != len(EMOTIONS) or len(rows) == 0:
        raise RigtalkError(f"emotion has shape {np.shape(emotion)}: it must be (frames, 7)")
    if not (np.isfinite(rows).all() and rows.min() >= 0.0 and rows.max() <= 1.0):
        raise RigtalkError("emotion must be finite and from 0 to 1")
    return rows[np.minimum(np.arange(count), len(rows) - 1)]


def _prominence(symbols: list[str], spans: np.ndarray, loudness: np.ndarray | None) -> np.ndarray:
    """Loudness of each vowel against the line's vowels, in deviations, shape (phones,)."""
    standing = np.zeros(len(symbols))
    vowel = np.array([symbol in VOWELS for symbol in symbols], dtype=bool)
    if loudness is None or vowel.sum() < 2 or len(loudness) < 2:
        return standing
    level = np.asarray(loudness, dtype=np.float64)
    if level.ndim != 1 or not np.isfinite(level).all():
        raise RigtalkError("loudness must be finite and of shape (frames,)")
    total = np.concatenate([[0.0], np.cumsum(level)])
    inner = np.stack([spans @ [0.8, 0.2], spans @ [0.2, 0.8]], axis=1)
    at = np.clip(inner / FRAME + 0.5, 0.0, len(level))
    low, high = np.interp(at, np.arange(len(total)), total).T
    mean = (high - low) / np.maximum(at[:, 1] - at[:, 0], 1e-3)
    spread = max(float(mean[vowel].std()), 0.02 * float(np.abs(mean[vowel]).max()), 1e-6)
    standing[vowel] = np.clip((mean[vowel] - np.median(mean[vowel])) / spread, -1.8, 1.8)
    return standing


def _silence(symbols: list[str], spans: np.ndarray, count: int) -> np.ndarray:
    silent = np.array([symbol == SILENCE for symbol in symbols], dtype=bool)
    if not silent.size:
        return np.ones(count)
    long = silent & (spans[:, 1] - spans[:, 0] >= _SHORTEST_PAUSE)
    long[[0, -1]] = silent[[0, -1]]
    bounds = np.concatenate([[-1.0], spans[:, 0], [spans[-1, 1], spans[-1, 1] + count * FRAME + 1]])
    bounds[1] = 0.0
    values = np.concatenate([[1.0], long.astype(float), [1.0]])[:, None]
    edges = (np.arange(count + 1) - 0.5) * FRAME
    return covered(bounds, values, edges)[:, 0]


def _speech(
    symbols: list[str],
    spans: np.ndarray,
    *,
    size: np.ndarray,
    feeling: np.ndarray,
    style: Style,
    rng: np.random.Generator,
    parts: Primitives,
) -> np.ndarray:
    """Channels of speech, shape (frames, spoken)."""
    middle = np.clip((spans.mean(axis=1) / FRAME).astype(int), 0, max(len(feeling) - 1, 0))
    jaw, _, slow = gains(feeling[middle] if len(symbols) else feeling[:0])
    effort = parts.gather("effort")[: parts.spoken]
    jitter = np.exp(
        0.09 * style.variation * rng.standard_normal((max(len(symbols), 1), parts.spoken))
    )
    line = score(
        symbols,
        spans,
        gains=size * jaw,
        table=phone_table(),
        effort=effort,
        jitter=jitter,
        duration=len(feeling) * FRAME,
    )
    moved = spoken_channels(line, len(feeling), primitives=parts, style=style, slow=slow)
    mouth = np.array([region in ("mouth", "jaw") for region in parts.regions[: parts.spoken]])
    _, lip_gain, _ = gains(feeling)
    jaw_column = parts.at("jaw")
    moved[:, mouth] *= style.articulation
    moved[:, mouth & (np.arange(parts.spoken) != jaw_column)] *= lip_gain[:, None]
    return moved


def _sides(parts: Primitives, style: Style, rng: np.random.Generator) -> np.ndarray:
    """Gains of left and right, shape (2, 1, spoken); the two sides of a mouth are no twins."""
    lean = style.asymmetry * (
        0.05 * rng.standard_normal() + 0.02 * rng.standard_normal(parts.spoken)
    )
    return np.stack([1.0 + lean, 1.0 - lean])[:, None, :]


def _targets(units: np.ndarray, seals: Closures, silence: np.ndarray, parts: Primitives) -> Targets:
    values = units.astype(np.float32)
    arkit, metahuman = (
        values[0] @ matrix[0] + values[1] @ matrix[1] for matrix in (parts.arkit, parts.metahuman)
    )
    faces = control_set("arkit")
    close, jaw = faces.index("mouthClose"), faces.index("jawOpen")
    arkit = np.clip(arkit, 0.0, 1.0)
    arkit[:, close] = seals.seal * arkit[:, jaw]
    return Targets(
        arkit=arkit,
        metahuman=np.clip(metahuman, 0.0, 1.0),
        closure=seals.label.astype(np.float32),
        silence=silence.astype(np.float32),
    )
