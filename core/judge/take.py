"""Judging one take: curves against the recording that they were made for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..audio import Clip
from ..errors import RigtalkError
from ..performance import Performance
from ..speech.timing import UNKNOWN, Phone, cover
from .captures import CaptureTally, face_curves, face_errors
from .emotions import MOODS
from .figures import CONTACT_MM, SpeechTally
from .heads import embedded_probe
from .pitch import loudness_of, pitch_of
from .probe import MouthTrack, Probe
from .reference import Reference, load_reference
from .regions import matrix_distance, region_curves, region_matrix
from .seals import Seals, find_seals, seal_curve
from .signals import fast_share
from .table import FIGURES
from .upper_face import brow_figures

__all__ = ["FPS", "JudgedTake", "at_judged_times", "judge_take"]

FPS = 60.0
"""Frames a second at which everything is measured."""
SLACK = 0.25
"""Seconds by which curves, sound and labels may differ in length without a word."""
APART = 0.5
"""Share of the longer of two that the shorter must last, to belong together."""
_FRAME = 1e-6


@dataclass(frozen=True, eq=False)
class JudgedTake:
    """What was measured.

    Attributes
    ----------
    figures : mapping of str to float
        By the names of `table.FIGURES`; NaN where there was nothing to measure, absent where
        nothing was given to measure it by.
    notes : tuple of str
        What a reader of the figures must know, a line each.
    emotion : mapping of str to float
        How likely the face looks like each mood, likeliest first.
    asked : str or None
    track : MouthTrack
        At `FPS`.
    brow_height : ndarray, shape (frames,)
    samples : ndarray
        The sound, 16 kHz.
    phones : tuple of Phone
        Empty without labels.
    seals : Seals or None
    seal_curve : sequence of (float, float, float)
        From `seals.seal_curve`.
    captured : MouthTrack or None
    head : str
    """

    figures: Mapping[str, float]
    notes: tuple[str, ...]
    emotion: Mapping[str, float]
    asked: str | None
    track: MouthTrack
    brow_height: np.ndarray
    samples: np.ndarray
    phones: tuple[Phone, ...] = ()
    seals: Seals | None = None
    seal_curve: Sequence[tuple[float, float, float]] = ()
    captured: MouthTrack | None = None
    head: str = "embedded"

    def with_notes(self, notes: Sequence[str]) -> JudgedTake:
        """The same with more to say in front."""
        return replace(self, notes=(*notes, *self.notes))


def judge_take(
    curves: Performance,
    clip: Clip,
    *,
    phones: Sequence[Phone] | None = None,
    captures: Performance | None = None,
    asked: str | None = None,
    probe: Probe | None = None,
    reference: Reference | None = None,
) -> JudgedTake:
    """Measure curves against the sound, the phones and a capture.

    Parameters
    ----------
    curves : Performance
        For any control set that maps to ARKit.
    clip : Clip
    phones : sequence of Phone, optional
        As labelled; without them only figures that need none are measured.
    captures : Performance, optional
        The face that really spoke.
    asked : str, optional
        Emotion that the curves should show, or ``"neutral"``.
    probe : Probe, optional
        The head to measure on; the embedded one if absent.
    reference : Reference, optional
        The embedded one if absent.

    Raises
    ------
    RigtalkError
        If curves, sound, labels or captures differ so much in length that they cannot belong
        together, or the emotion is unknown.
    """
    if asked is not None and asked not in MOODS:
        raise RigtalkError(f"unknown emotion {asked!r}: choose from {', '.join(MOODS)}")
    probe = probe or embedded_probe()
    reference = reference or load_reference()
    notes: list[str] = []
    values = at_judged_times(curves, clip.duration, "the curves", notes)
    figures: dict[str, float] = {}
    track = probe.track(values)
    known: tuple[Phone, ...] = ()
    seals: Seals | None = None
    curve: Sequence[tuple[float, float, float]] = ()
    if phones is not None:
        known = _covering(phones, clip.duration, len(values) / FPS, notes)
        tally = SpeechTally(FPS)
        tally.add(track, known)
        figures |= tally.figures()
        seals = find_seals(track.opening, known, FPS)
        curve = seal_curve([(track.opening, known)], FPS)
        if probe.reach > CONTACT_MM:
            figures["bite_contact"] = float("nan")
            notes.append(
                f"on the head {probe.name!r} the lower lip comes no nearer to the teeth than "
                f"{probe.reach:.1f} mm: contact in f and v is not judged"
            )
        if not seals.closures:
            notes.append("there is no p, b or m in it: closure recall is none")
    else:
        figures["fast_share"] = fast_share(track.gap, FPS)
    brows = probe.brow_height(values)
    pitch, loudness = pitch_of(clip.samples), loudness_of(clip.samples)
    figures |= brow_figures(brows, FPS, pitch=pitch, loudness=loudness)
    emotion = reference.reader.read(values)
    mood = asked or next(iter(emotion))
    matrix = region_matrix(region_curves(values))
    figures["region_distance"] = matrix_distance(matrix, reference.matrices[mood])
    if asked is not None:
        figures["emotion_recovered"] = float(next(iter(emotion)) == asked)
    captured = None
    if captures is not None:
        truth = at_judged_times(captures, clip.duration, "the captures", notes)
        captured = probe.track(truth)
        figures |= _against(values, truth, probe, notes)
    return JudgedTake(
        figures={name: figures[name] for name in FIGURES if name in figures},
        notes=tuple(notes),
        emotion=emotion,
        asked=asked,
        track=track,
        brow_height=brows,
        samples=clip.samples,
        phones=known,
        seals=seals,
        seal_curve=curve,
        captured=captured,
        head=probe.name,
    )


def at_judged_times(curves: Performance, seconds: float, what: str, notes: list[str]) -> np.ndarray:
    """Curves as ARKit controls at `FPS` from the beginning of the sound to its end.

    Parameters
    ----------
    curves : Performance
    seconds : float
        Length of the sound.
    what : str
        ``"the curves"``, for messages.
    notes : list of str
        Gets a line for everything that was done about the times.

    Returns
    -------
    ndarray, shape (frames, 61), float32

    Raises
    ------
    RigtalkError
        If they are much longer or shorter than the sound.
    """
    start = curves.start
    if start < -SLACK or start >= seconds:
        # Live Link Face stamps the time of day.
        notes.append(f"{what} are stamped {_clock(start)}: their first frame is taken for 0 s")
        start = 0.0
        curves = curves.shifted(-curves.start)
    lasts = start + (len(curves) - 1) / curves.fps
    if min(lasts, seconds) < APART * max(lasts, seconds) - 0.5 / FPS:
        raise RigtalkError(
            f"{what} last {lasts:.2f} s and the sound {seconds:.2f} s: they do not belong together"
        )
    if lasts > seconds + SLACK:
        notes.append(
            f"{what} last {lasts - seconds:.2f} s longer than the sound; the rest is not judged"
        )
    elif lasts < seconds - SLACK:
        notes.append(f"{what} end {seconds - lasts:.2f} s before the sound; the rest is not judged")
    count = int(np.floor(min(lasts, seconds) * FPS + _FRAME * FPS)) + 1
    return curves.to("arkit").at(np.arange(count) / FPS)


def _clock(seconds: float) -> str:
    whole = int(seconds) % 86400
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _covering(
    phones: Sequence[Phone], seconds: float, judged: float, notes: list[str]
) -> tuple[Phone, ...]:
    """Phones that cover what is judged."""
    first, last = phones[0].start, phones[-1].end
    if first >= seconds or last > 2.0 * seconds + 1.0:
        raise RigtalkError(
            f"the labels run from {first:.2f} to {last:.2f} s, the sound ends at {seconds:.2f} s: "
            "they do not belong together"
        )
    if last > seconds + SLACK:
        notes.append(f"the labels end {last - seconds:.2f} s after the sound; the rest is left out")
    elif last < seconds - 4.0 * SLACK:
        notes.append(
            f"the labels end {seconds - last:.2f} s before the sound; the rest counts as silence"
        )
    unknown = sum(phone.duration for phone in phones if phone.symbol == UNKNOWN)
    if unknown:
        notes.append(f"{unknown:.2f} s are labelled as nothing known and are not judged")
    return cover(phones, min(seconds, judged))


def _against(
    values: np.ndarray, truth: np.ndarray, probe: Probe, notes: list[str]
) -> dict[str, float]:
    count = min(len(values), len(truth))
    values, truth = values[:count], truth[:count]
    moves = probe.brow_height(truth).std() > 1e-3
    if not moves:
        notes.append("the brows of the captures do not move: no upper-face dynamics deviation")
    tally = CaptureTally(FPS)
    errors = face_errors(values, truth, probe, upper=bool(moves))
    tally.add(face_curves(values, probe), face_curves(truth, probe), errors)
    return tally.figures() | ({} if moves else {"fdd_mm": float("nan")})
