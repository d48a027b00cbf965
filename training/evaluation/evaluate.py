"""The judge: an actor and its opponents on real speech that nobody trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rigtalk.core.actor import Actor
from rigtalk.core.audio import Clip
from rigtalk.core.judge.captures import CaptureTally, face_curves, face_errors
from rigtalk.core.judge.figures import SpeechTally
from rigtalk.core.judge.heads import embedded_probe, ict_probe
from rigtalk.core.judge.probe import Probe
from rigtalk.core.judge.take import FPS
from rigtalk.rigs.errors import RigtalkError

from ..articulation import articulate, facegood_to_arkit
from ..corpus.captures import (
    HELD_OUT,
    Take,
    captured_jaw,
    captured_lower_lip,
    captured_rounding,
    read_takes,
)
from ..corpus.dataset import Corpus
from ..corpus.utterance import Utterance
from .follower import CLOSING, TUNED
from .report import Report

__all__ = [
    "FPS",
    "Material",
    "Speaker",
    "at_judged_rate",
    "captured_values",
    "evaluate",
    "judge",
    "load_material",
    "target_figures",
]

Speaker = Callable[[np.ndarray], np.ndarray]
"""Samples at 16 kHz to ARKit controls at `FPS`, shape (frames, 61)."""
_CAPTURED = {
    "jaw": captured_jaw,
    "rounding": captured_rounding,
    "lower_lip": captured_lower_lip,
}
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Material:
    """What actors are judged on.

    Attributes
    ----------
    utterances : tuple of Utterance
    takes : tuple of Take
    probe : Probe
    """

    utterances: tuple[Utterance, ...]
    takes: tuple[Take, ...]
    probe: Probe


def load_material(
    *,
    cache: Path = _ROOT / ".cache" / "corpus",
    shared: Path = _ROOT.parent / "shared" / "data",
    split: str = "real-validation",
    takes: Sequence[str] = tuple(sorted(HELD_OUT)),
    head: str | None = None,
) -> Material:
    """Validation speech, held-out takes and a head to measure on.

    Parameters
    ----------
    cache : Path
        With the real speech that `build_real` aligned.
    shared : Path
        With ``captures`` and ``heads``; without them there are no takes, and the embedded head.
    split : str
        Of `rigtalk.training.corpus.dataset.SPLITS`.
    takes : sequence of str
    head : str, optional
        ``"ict"`` or ``"embedded"``; by default the first that is there.

    Raises
    ------
    RigtalkError
        If no speech has been aligned, or a head is unknown or absent.
    """
    ict = shared / "heads" / "ict_facekit.npz"
    head = head or ("ict" if ict.is_file() else "embedded")
    if head not in ("ict", "embedded"):
        raise RigtalkError(f"unknown head {head!r}: choose from ict, embedded")
    captures = shared / "captures"
    return Material(
        utterances=tuple(entry.utterance() for entry in Corpus(cache, split)),
        takes=read_takes(captures, names=takes) if captures.is_dir() else (),
        probe=ict_probe(ict) if head == "ict" else embedded_probe(),
    )


def judge(speaker: Speaker, material: Material) -> dict[str, float]:
    """Figures of one speaker; see `report.FIGURES`."""
    speech, capture = SpeechTally(FPS), CaptureTally(FPS)
    for utterance in material.utterances:
        values = speaker(utterance.samples)
        speech.add(material.probe.track(values), utterance.phones)
    for take in material.takes:
        capture.add(*_compared(speaker(take.samples), take, material.probe))
    return speech.figures() | capture.figures()


def evaluate(
    actor_path: str | Path | None = None,
    *,
    material: Material | None = None,
    baselines: bool = True,
    recogniser: bool = False,
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
        Also judge a phone recogniser, which takes half a minute.

    Raises
    ------
    RigtalkError
        If the actor cannot be loaded or there is nothing to judge on.
    """
    material = material or load_material()
    actor = Actor.load(actor_path)
    rows: dict[str, Mapping[str, float]] = {
        "actor": judge(lambda samples: actor.perform(Clip(samples), fps=FPS).values, material)
    }
    if baselines:
        rows["loudness"] = judge(TUNED, material)
        rows["loudness-shut"] = judge(CLOSING, material)
        rows["targets"] = target_figures(material)
    if recogniser:
        from .recogniser import Recogniser  # pocketsphinx is needed for nothing else here

        rows["recogniser"] = judge(Recogniser(), material)
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
    )


def target_figures(material: Material) -> dict[str, float]:
    """What the articulation model gets when it is told the phones: the goal of the training."""
    tally = SpeechTally(FPS)
    rng = np.random.default_rng(0)
    for utterance in material.utterances:
        values = articulate(utterance.phones, utterance.duration, rng=rng).arkit
        tally.add(material.probe.track(at_judged_rate(values, 50.0)), utterance.phones)
    return tally.figures()


def captured_values(take: Take) -> np.ndarray:
    """A take as ARKit controls at `FPS`, shape (frames, 61), float32."""
    return at_judged_rate(facegood_to_arkit(take.values, take.names), take.fps)


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


def at_judged_rate(values: np.ndarray, fps: float) -> np.ndarray:
    """Curves brought to `FPS`, linear in between."""
    times = np.arange(int((len(values) - 1) / fps * FPS) + 1) / FPS * fps
    low = np.minimum(times.astype(np.intp), max(len(values) - 2, 0))
    part = (times - low)[:, None].astype(np.float32)
    return values[low] * (1 - part) + values[np.minimum(low + 1, len(values) - 1)] * part
