"""The judge: an actor and its opponents on real speech that nobody trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rigtalk.core.actor import Actor
from rigtalk.core.audio import Clip
from rigtalk.core.direction import Direction
from rigtalk.core.judge.captures import CaptureTally, face_curves, face_errors
from rigtalk.core.judge.emotions import NEUTRAL
from rigtalk.core.judge.figures import SpeechTally
from rigtalk.core.judge.probe import MouthTrack, Probe
from rigtalk.core.judge.reference import load_reference
from rigtalk.core.judge.regions import matrix_distance, region_curves, region_matrix
from rigtalk.core.judge.signals import mean
from rigtalk.core.judge.take import FPS
from rigtalk.core.judge.upper_face import brow_figures

from ..articulation import articulate
from ..corpus.captures import (
    Take,
    captured_jaw,
    captured_lower_lip,
    captured_rounding,
)
from ..corpus.utterance import Utterance
from .follower import CLOSING, TUNED
from .material import Material, at_judged_rate, captured_values, load_material
from .report import Report, Section

__all__ = [
    "FPS",
    "Material",
    "Performed",
    "Speaker",
    "evaluate",
    "judge",
    "perform_all",
    "speaking",
    "speech_figures",
    "target_figures",
]

Speaker = Callable[[np.ndarray], np.ndarray]
"""Samples at 16 kHz to ARKit controls at `FPS`, shape (frames, 61)."""
_CAPTURED = {
    "jaw": captured_jaw,
    "rounding": captured_rounding,
    "lower_lip": captured_lower_lip,
}


@dataclass(frozen=True)
class Performed:
    """A line and how somebody spoke it.

    Attributes
    ----------
    utterance : Utterance
    values : ndarray, shape (frames, 61)
        ARKit controls at `FPS`.
    track : MouthTrack
    """

    utterance: Utterance
    values: np.ndarray
    track: MouthTrack


def perform_all(speaker: Speaker, utterances: Iterable[Utterance], probe: Probe) -> list[Performed]:
    """Let somebody speak lines."""
    spoken = []
    for utterance in utterances:
        values = speaker(utterance.samples)
        spoken.append(Performed(utterance, values, probe.track(values)))
    return spoken


def speech_figures(performed: Iterable[Performed]) -> dict[str, float]:
    """Figures of lips against phones, over all lines together."""
    tally = SpeechTally(FPS)
    for line in performed:
        tally.add(line.track, line.utterance.phones)
    return tally.figures()


def face_figures(performed: Sequence[Performed], material: Material) -> dict[str, float]:
    """Figures of brows and regions, averaged over lines of neutral speech."""
    truth = load_reference().matrices[NEUTRAL]
    rows = []
    for line in performed:
        pitch, loudness = material.prosody(line.utterance)
        row = brow_figures(
            material.probe.brow_height(line.values), FPS, pitch=pitch, loudness=loudness
        )
        matrix = region_matrix(region_curves(line.values))
        rows.append(row | {"region_distance": matrix_distance(matrix, truth)})
    return {
        name: mean([row[name] for row in rows if np.isfinite(row[name])])
        for name in (rows[0] if rows else ())
    }


def capture_figures(speaker: Speaker, material: Material) -> dict[str, float]:
    """Figures against captured mouths; empty without takes."""
    tally = CaptureTally(FPS)
    for take in material.takes:
        tally.add(*_compared(speaker(take.samples), take, material.probe))
    return tally.figures()


def judge(speaker: Speaker, material: Material) -> dict[str, float]:
    """Figures of one speaker; see `rigtalk.core.judge.table.FIGURES`."""
    return judge_performed(
        perform_all(speaker, material.utterances, material.probe), speaker, material
    )


def judge_performed(
    performed: Sequence[Performed], speaker: Speaker, material: Material
) -> dict[str, float]:
    """As `judge`, for lines that have been performed already."""
    return (
        speech_figures(performed)
        | face_figures(performed, material)
        | capture_figures(speaker, material)
    )


def evaluate(
    actor_path: str | Path | None = None,
    *,
    material: Material | None = None,
    baselines: bool = True,
    recogniser: bool = False,
    breakdown: bool = False,
    progress: Callable[[str], None] = lambda what: None,
) -> Report:
    """Judge an actor.

    Parameters
    ----------
    actor_path : str or Path, optional
        ONNX; the embedded actor if absent.
    material : Material, optional
        From `load_material`, which is called if absent.
    baselines : bool
        Also judge the loudness follower, tuned for movement and tuned for closures, and what the
        training targets themselves would get.
    recogniser : bool
        Also judge a phone recogniser, and with `breakdown` the actor when it knows the words; both
        take minutes.
    breakdown : bool
        Also judge the actor by corpus, sex, condition and emotion and over closure thresholds,
        which takes minutes.
    progress : callable
        Called with what is done next.

    Raises
    ------
    RigtalkError
        If the actor cannot be loaded or there is nothing to judge on.
    """
    material = material or load_material()
    actor = Actor.load(actor_path)
    speaker = speaking(actor)
    progress("actor")
    performed = perform_all(speaker, material.utterances, material.probe)
    rows: dict[str, Mapping[str, float]] = {"actor": judge_performed(performed, speaker, material)}
    if baselines:
        for name, other in (("loudness", TUNED), ("loudness-shut", CLOSING)):
            progress(name)
            rows[name] = judge(other, material)
    if recogniser:
        from .recogniser import Recogniser  # pocketsphinx is needed for nothing else here

        progress("recogniser")
        rows["recogniser"] = judge(Recogniser(), material)
    if baselines:
        progress("targets")
        rows["targets"] = target_figures(material)
    sections: tuple[Section, ...] = ()
    curves: Mapping[str, Sequence[tuple[float, float, str]]] = {}
    if breakdown:
        from .breakdown import break_down, threshold_curves

        sections = break_down(actor, performed, material, progress)
        if recogniser and actor.network.tells_phones:
            from .words import with_words  # pocketsphinx again

            sections = (*sections, with_words(actor, material, progress))
        progress("closure thresholds")
        curves = threshold_curves(actor, material)
    people = {utterance.speaker for utterance in material.utterances}
    seconds = sum(utterance.duration for utterance in material.utterances)
    return Report(
        rows,
        {
            "head": material.probe.name,
            "sentences": len(material.utterances),
            "people": len(people),
            "minutes": round(seconds / 60, 1),
            "takes": " ".join(take.name for take in material.takes) or "none",
        },
        sections,
        curves,
    )


def speaking(actor: Actor, direction: Direction | None = None) -> Speaker:
    """An actor as a speaker, with one direction for all lines."""
    return lambda samples: actor.perform(Clip(samples), direction, fps=FPS).values


def target_figures(material: Material) -> dict[str, float]:
    """What the articulation model gets when it is told the phones: the goal of the training."""
    rng = np.random.default_rng(0)
    spoken = []
    for utterance in material.utterances:
        made = articulate(utterance.phones, utterance.duration, rng=rng).arkit
        values = at_judged_rate(made, 50.0)
        spoken.append(Performed(utterance, values, material.probe.track(values)))
    return speech_figures(spoken) | face_figures(spoken, material)


def _compared(
    values: np.ndarray, take: Take, probe: Probe
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, float]]:
    """Curves of a performance and of the take, by name, and the distances between the faces.

    Jaw, rounding and lower lip of the take are as they were captured, before any mapping.
    """
    truth = captured_values(take)
    captured = face_curves(truth, probe)
    for name, read in _CAPTURED.items():
        captured[name] = at_judged_rate(read(take)[:, None], take.fps)[:, 0]
    # Eyes and brows were not captured.
    errors = face_errors(values, truth, probe, upper=False)
    return face_curves(values, probe), captured, errors
