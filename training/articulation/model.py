"""Phones, loudness and emotion to the movement of a face: the ground truth of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from rigtalk.core.direction import EMOTIONS
from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError

from .affect import accents, emotion_units, felt, gains, prosody_units, sway
from .contact import add_events, give_way, meet
from .gestures import (
    FRAME,
    Closures,
    closures,
    reduction,
    score,
    spoken_channels,
)
from .line import TimedPhone, checked, prominence, silence
from .style import Style
from .tables import Primitives, phone_table, primitives

__all__ = ["FRAME_RATE", "Targets", "TimedPhone", "articulate", "frame_count"]

FRAME_RATE = 1.0 / FRAME
"""Frames in a second: 50."""


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
        In order, not overlapping; symbols are those of `rigtalk.core.speech.phones`. Time that no
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
    symbols, spans, stresses = checked(phones, duration)
    count = frame_count(duration) if frames is None else frames
    feeling = felt(_feeling(emotion, count))
    parts = primitives()

    standing = prominence(symbols, spans, loudness)
    quiet = silence(symbols, spans, count)
    seals = closures(symbols, spans, count, speed=style.speed)
    moved = _speech(
        symbols,
        spans,
        size=reduction(symbols, spans, stresses) * (1.0 + parts.loudness * standing),
        feeling=feeling,
        style=style,
        rng=rng,
        parts=parts,
    )
    emphasis = accents(symbols, spans, stresses, prominence=standing)
    drift = sway(count, rng)
    activity = np.clip(gaussian_filter1d(1.0 - quiet, 5.0, mode="nearest"), 0.0, 1.0)
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
    return _targets(units, seals, quiet, parts)


def _feeling(emotion: np.ndarray | None, count: int) -> np.ndarray:
    if emotion is None:
        return np.zeros((count, len(EMOTIONS)))
    rows = np.atleast_2d(np.asarray(emotion, dtype=np.float64))
    if rows.ndim != 2 or rows.shape[1] != len(EMOTIONS) or len(rows) == 0:
        raise RigtalkError(f"emotion has shape {np.shape(emotion)}: it must be (frames, 7)")
    if not (np.isfinite(rows).all() and rows.min() >= 0.0 and rows.max() <= 1.0):
        raise RigtalkError("emotion must be finite and from 0 to 1")
    return rows[np.minimum(np.arange(count), len(rows) - 1)]


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
