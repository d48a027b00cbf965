"""Looking a captured take over before anything is learnt from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from rigtalk.core.direction import Direction
from rigtalk.core.features import QUIETEST_DB, log_mel, reference_level
from rigtalk.rigs import ControlSet, control_set, mapping
from rigtalk.rigs.errors import RigtalkError

from ..articulation import frame_count
from ..disguise import as_heard
from ..model import Actor
from ..prepare import line_levels
from .captures import Capture, CaptureFiles, read_capture
from .faults import Believed, Finding, believe
from .synchrony import RATE, Alignment, Motion, align

__all__ = ["CheckedTake", "check", "check_files", "emotion_row", "heard", "performed"]

LONGEST_LAG = 0.5
"""Seconds of constant lag that are corrected unasked: more is likely to be a mistake."""
NOTICED_LAG = 0.012
NOTICED_DRIFT, LEAST_WINDOWS = 0.05, 5
MOST_STRETCH = 0.01
"""Clocks differ by less; what differs by more was written at a wrong frame rate."""
LEAST_AGREEMENT, FAR_AGREEMENT, POOR_AGREEMENT = 0.40, 0.52, 0.50
"""Correlation with the trained actor's motion, nearly in step and far from it. FACEGOOD's takes
reach .62-.76 with their own sound; with another take's, the best of all lags and stretches is
.2-.35 for two minutes and .45 for 40 s."""
ABOVE_CHANCE = 0.05
MOST_SCATTER = 0.04
LEAST_SECONDS, LEAST_SPEECH = 5.0, 3.0
LEAST_COVER = 0.5
CLIPPED_SHARE = 1e-3
TELLING = (
    (("jawOpen",), ("mouthClose",), 1.0),
    (("mouthPucker", "mouthFunnel"), (), 0.5),
    (("mouthLowerDownLeft", "mouthLowerDownRight"), (), 0.4),
    (("mouthUpperUpLeft", "mouthUpperUpRight"), (), 0.2),
    (("mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight"), (), 0.2),
)
"""What is compared to find the lag: ARKit controls added, controls taken off, and weight."""


@dataclass(frozen=True, eq=False)
class CheckedTake:
    """A take and all that was found.

    Attributes
    ----------
    name : str
    samples : ndarray, shape (s,), float32
        16 kHz.
    controls : ControlSet
    values : ndarray, shape (n, controls), float32
        In step with the samples, at 50 Hz from 0 s.
    known : ndarray, shape (n, controls), bool
        What can be believed of them.
    emotions : mapping of str to float
    alignment : Alignment
    findings : tuple of Finding
    """

    name: str
    samples: np.ndarray
    controls: ControlSet
    values: np.ndarray
    known: np.ndarray
    emotions: Mapping[str, float]
    alignment: Alignment | None
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        """Whether nothing can be learnt from it."""
        return any(finding.weight == "refused" for finding in self.findings)

    @property
    def seconds(self) -> float:
        """Of the recording."""
        return len(self.samples) / 16000.0


def emotion_row(emotions: Mapping[str, float]) -> np.ndarray:
    """Intensities as the actor gets them, shape (7,), float32."""
    return Direction(dict(emotions)).emotion_at(np.zeros(1))[0]


def heard(samples: np.ndarray) -> np.ndarray:
    """Features of a whole recording, shape (2n, 64), float32."""
    return as_heard(line_levels(samples, frame_count(len(samples) / 16000.0))[0])


@torch.no_grad()
def performed(
    actor: Actor, samples: np.ndarray, emotions: Mapping[str, float]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """What an actor does on a recording.

    Returns
    -------
    curves : dict of ndarray
        ``arkit`` and ``metahuman``, (n, controls), at 50 Hz.
    silence : ndarray, shape (n,)
        Probability that nobody speaks.
    """
    features = torch.from_numpy(heard(samples))
    row = torch.from_numpy(emotion_row(emotions))
    said = actor(features[None], row.expand(1, len(features) // 2, -1))
    curves = {name: getattr(said, name)[0].numpy() for name in ("arkit", "metahuman")}
    return curves, torch.sigmoid(said.silence[0]).numpy()


def check_files(
    files: CaptureFiles, actor: Actor, *, longest_lag: float = LONGEST_LAG
) -> CheckedTake:
    """Read a take and look it over; what cannot be read is refused."""
    try:
        capture = read_capture(files)
    except RigtalkError as error:
        nothing = np.zeros((0, 0), dtype=np.float32)
        return CheckedTake(
            name=files.name,
            samples=np.zeros(0, dtype=np.float32),
            controls=control_set("arkit"),
            values=nothing,
            known=nothing.astype(bool),
            emotions=files.emotions,
            alignment=None,
            findings=(Finding("unreadable", "refused", str(error)),),
        )
    return check(capture, actor, longest_lag=longest_lag)


def check(capture: Capture, actor: Actor, *, longest_lag: float = LONGEST_LAG) -> CheckedTake:
    """Look a take over, and put right what can be.

    Parameters
    ----------
    capture : Capture
    actor : Actor
        A trained one, which says how a mouth would move to this recording.
    longest_lag : float
        Seconds of constant lag that may be corrected.
    """
    curves, silence = performed(actor, capture.samples, capture.emotions)
    spoken = curves[capture.controls.name]
    believed = believe(capture, spoken.std(axis=0))
    findings = [*_sound(capture.samples, silence), *_lengths(capture), *believed.findings]
    alignment = None
    if not any(finding.weight == "refused" for finding in findings):
        alignment = align(
            capture.times,
            _motion(believed.values, believed.known.any(axis=0), capture.controls.name),
            _motion(spoken, np.ones(len(capture.controls), dtype=bool), capture.controls.name),
        )
        findings += _synchrony(alignment, capture, longest_lag)
    frames = frame_count(len(capture.samples) / 16000.0)
    values, known = _in_step(capture, believed, alignment, frames)
    return CheckedTake(
        name=capture.name,
        samples=capture.samples,
        controls=capture.controls,
        values=values,
        known=known,
        emotions=capture.emotions,
        alignment=alignment,
        findings=tuple(findings),
    )


def _motion(values: np.ndarray, known: np.ndarray, name: str) -> Motion:
    """What is compared of some curves."""
    shown = np.where(known, values, 0.0)
    arkit = mapping(name, "arkit").apply(control_set(name).clip(shown))
    index = control_set("arkit").indices
    curves, weights = [], []
    for plus, minus, weight in TELLING:
        curve = arkit[:, index(*plus)].sum(axis=1)
        if minus:
            curve = curve - arkit[:, index(*minus)].sum(axis=1)
        curves.append(curve)
        weights.append(weight if curve.std() > 0.01 else 0.0)
    return Motion(np.stack(curves, axis=1), np.sqrt(np.array(weights)))


def _sound(samples: np.ndarray, silence: np.ndarray) -> list[Finding]:
    seconds = len(samples) / 16000.0
    if seconds < LEAST_SECONDS:
        return [
            Finding(
                "short",
                "refused",
                f"{seconds:.1f} s of sound; a take needs {LEAST_SECONDS:g} s, better a minute",
            )
        ]
    speech = float((silence < 0.5).mean()) * seconds
    if reference_level(log_mel(samples)) <= QUIETEST_DB or speech < LEAST_SPEECH:
        return [
            Finding("silence", "refused", f"{speech:.1f} s of speech; is it the right recording?")
        ]
    if float((np.abs(samples) > 0.999).mean()) > CLIPPED_SHARE:
        return [Finding("overload", "note", "the recording is clipped; lower the input gain")]
    return []


def _lengths(capture: Capture) -> list[Finding]:
    sound, curves = len(capture.samples) / 16000.0, float(capture.times[-1] - capture.times[0])
    if curves < LEAST_SECONDS:
        return [
            Finding(
                "short",
                "refused",
                f"{curves:.1f} s of curves; a take needs {LEAST_SECONDS:g} s, better a minute",
            )
        ]
    if min(sound, curves) < LEAST_COVER * max(sound, curves):
        return [
            Finding(
                "length",
                "note",
                f"{sound:.1f} s of sound and {curves:.1f} s of curves; only what both hold is used",
            )
        ]
    return []


def _synchrony(found: Alignment, capture: Capture, longest_lag: float) -> list[Finding]:
    near = abs(found.lag) <= LONGEST_LAG and abs(found.stretch - 1.0) <= MOST_STRETCH
    # Who says a line twice agrees with himself elsewhere: far from being in step, chance counts.
    least = LEAST_AGREEMENT if near else max(FAR_AGREEMENT, found.chance + ABOVE_CHANCE)
    if found.agreement < least:
        return [
            Finding(
                "stranger",
                "refused",
                f"its mouth does not move to this recording (correlation {found.agreement:.2f} at "
                f"best, {least:.2f} needed); is it another take's sound?",
            )
        ]
    findings = []
    fps = 1.0 / capture.step
    if found.scatter > MOST_SCATTER:
        return [
            Finding(
                "jumps",
                "refused",
                f"its lag jumps about by {1000 * found.scatter:.0f} ms; frames or sound were lost "
                "without a trace: cut the take where it is in step, or record it again",
            )
        ]
    if abs(found.stretch - 1.0) > MOST_STRETCH:
        return [
            Finding(
                "rate",
                "refused",
                f"its curves run {found.stretch:.3f} times as fast as the sound: recorded at "
                f"{fps / found.stretch:.4g} fps and written as {fps:.4g}? Export them at their own "
                "rate",
            )
        ]
    stretch, lag = _applied(found, capture)
    drift = (1.0 - stretch) * float(capture.times[-1] - capture.times[0])
    if drift:
        way = "later" if drift > 0 else "earlier"
        findings.append(
            Finding(
                "drift",
                "corrected",
                f"the face comes {way} and {way}, by {1000 * abs(drift):.0f} ms at the end "
                f"({100 * abs(stretch - 1):.2f} %); put in step. A 29.97 or 59.94 fps "
                "timecode read as 30 or 60 drifts by 0.10 %",
            )
        )
    if abs(lag) > longest_lag:
        findings.append(
            Finding(
                "lag",
                "refused",
                f"the face comes {_told(lag)} the sound; trim one of them, or allow it with "
                f"--longest-lag {np.ceil(abs(lag) + 0.1):.0f}",
            )
        )
    elif lag:
        findings.append(
            Finding("lag", "corrected", f"the face comes {_told(lag)} the sound; put in step")
        )
    if found.agreement < POOR_AGREEMENT:
        findings.append(
            Finding(
                "poor",
                "note",
                f"its mouth follows this recording only loosely (correlation "
                f"{found.agreement:.2f}); look at it once",
            )
        )
    return findings


def _applied(found: Alignment, capture: Capture) -> tuple[float, float]:
    """Stretch and lag that are taken out; what is too small to be told from chance stays."""
    duration = float(capture.times[-1] - capture.times[0])
    if abs(found.drift(duration)) > NOTICED_DRIFT and found.windows >= LEAST_WINDOWS:
        return found.stretch, found.lag
    lag = found.lag + found.drift(duration) / 2
    return 1.0, lag if abs(lag) > NOTICED_LAG else 0.0


def _told(lag: float) -> str:
    size = f"{1000 * abs(lag):.0f} ms" if abs(lag) < 1.0 else f"{abs(lag):.2f} s"
    return f"{size} {'after' if lag > 0 else 'before'}"


def _in_step(
    capture: Capture, believed: Believed, found: Alignment | None, frames: int
) -> tuple[np.ndarray, np.ndarray]:
    """Values and what is known of them, at 50 Hz, on the clock of the sound."""
    stretch, lag = _applied(found, capture) if found else (1.0, 0.0)
    times = stretch * capture.times - lag
    at = np.arange(frames) / RATE
    columns = [np.interp(at, times, column) for column in believed.values.T]
    after = np.clip(np.searchsorted(times, at, side="right"), 1, len(times) - 1)
    inside = (at >= times[0]) & (at <= times[-1]) & ~believed.gaps[after - 1]
    known = believed.known[after] & believed.known[after - 1] & inside[:, None]
    return np.stack(columns, axis=1).astype(np.float32), known
