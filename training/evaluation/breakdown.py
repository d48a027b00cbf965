"""An actor's figures by corpus, by voice, in noise, in every emotion, and over thresholds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from rigtalk.core.actor import Actor
from rigtalk.core.direction import EMOTIONS, Direction
from rigtalk.core.judge.emotions import NEUTRAL
from rigtalk.core.judge.reference import load_reference

from ..corpus.utterance import Utterance
from .conditions import CONDITIONS, UNHEARD_VOICES, groups_of, synthetic
from .evaluate import Performed, perform_all, speaking, speech_figures
from .follower import CLOSING
from .material import Material
from .report import Section

__all__ = ["break_down", "grouped", "threshold_curves"]

LEVELS = (1.0, 0.4)
"""Intensities that are asked for."""
EMOTION_LINES = 36
CURVE_LINES = 54
"""Lines, evenly chosen of all: every emotion and every threshold performs them again."""
THRESHOLDS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97)
RANGES_DB = (15.0, 20.0, 25.0, 30.0, 35.0, 41.0)
"""Of the loudness follower, which has no threshold: the level at which its lips are shut."""
_SPEECH = (
    "closure_recall",
    "false_seals_per_s",
    "shut_vowels",
    "rounding_mm",
    "bite_contact",
    "silence_mm",
    "silence_p95_mm",
    "openness_r",
    "openness_lag_ms",
    "fast_share",
)
_FELT = ("emotion_recovered", "closure_recall", "false_seals_per_s", "rounding_mm", "fast_share")


def break_down(
    actor: Actor,
    performed: Sequence[Performed],
    material: Material,
    progress: Callable[[str], None] = lambda what: None,
) -> tuple[Section, ...]:
    """Every section of the report.

    Parameters
    ----------
    actor : Actor
    performed : sequence of Performed
        All lines of the material, clean and neutral, as the actor speaks them.
    material : Material
    progress : callable
        Called with what is done next.
    """
    groups = grouped(performed, material)
    order = [n for n in ("LibriSpeech", "VCTK", "others", "women", "men") if n in groups]
    voices = {f"{name} ({len(groups[name])})": speech_figures(groups[name]) for name in order}
    about = "Numbers of sentences in brackets."
    progress("synthetic voices")
    made = synthetic(material.utterances)
    if made:
        spoken = perform_all(speaking(actor), made, material.probe)
        voices[f"synthetic ({len(made)})"] = speech_figures(spoken)
        about += (
            f" Synthetic: espeak-ng's {', '.join(UNHEARD_VOICES)}, which are not in the corpus "
            "(other voices of this engine are)."
        )
    return (
        Section("By voice", about, _SPEECH, voices),
        _conditions(actor, performed, material, progress),
        _emotions(actor, material, progress),
    )


def grouped(performed: Iterable[Performed], material: Material) -> dict[str, list[Performed]]:
    """Lines by corpus and by sex."""
    groups: dict[str, list[Performed]] = {}
    for line in performed:
        for group in groups_of(line.utterance, dict(material.sexes)):
            groups.setdefault(group, []).append(line)
    return groups


def _conditions(
    actor: Actor,
    performed: Sequence[Performed],
    material: Material,
    progress: Callable[[str], None],
) -> Section:
    rows = {"clean": speech_figures(performed)}
    for name, condition in CONDITIONS.items():
        progress(name)
        rng = np.random.default_rng(0)
        heard = [condition(u, rng, material.utterances) for u in material.utterances]
        rows[name] = speech_figures(perform_all(speaking(actor), heard, material.probe))
    about = (
        "Telephone is 300 to 3400 Hz; noise is 10 dB below the speech; babble is four other "
        "people; child-like is pitch, formants and tempo up by a quarter."
    )
    return Section("Under conditions", about, _SPEECH, rows)


def _emotions(actor: Actor, material: Material, progress: Callable[[str], None]) -> Section:
    lines = _some(material, EMOTION_LINES)
    reader = load_reference().reader
    asked = [(NEUTRAL, 1.0), *((name, level) for level in LEVELS for name in EMOTIONS)]
    rows: dict[str, dict[str, float]] = {}
    for name, level in asked:
        progress(f"{name} {level:g}")
        direction = Direction() if name == NEUTRAL else Direction({name: level})
        spoken = perform_all(speaking(actor, direction), lines, material.probe)
        read = [next(iter(reader.read(line.values))) == name for line in spoken]
        title = NEUTRAL if name == NEUTRAL else f"{name} {level:g}"
        rows[title] = speech_figures(spoken) | {"emotion_recovered": float(np.mean(read))}
    for level in LEVELS:
        of_level = [row for title, row in rows.items() if title.endswith(f" {level:g}")]
        rows[f"mean at {level:g}"] = {
            name: float(np.mean([row[name] for row in of_level])) for name in _FELT
        }
    about = (
        f"{len(lines)} sentences in each mood. Recovered: a classifier that learnt how emotions "
        "look from ground truth reads the one that was asked."
    )
    return Section("In every emotion", about, _FELT, rows)


def threshold_curves(actor: Actor, material: Material) -> dict[str, list[tuple[float, float, str]]]:
    """Closure recall against false closures, over the actor's closure threshold.

    Returns
    -------
    dict of str to list of (float, float, str)
        For the actor and for a loudness follower: false closures per second, recall, and the
        threshold in words.
    """
    lines = _some(material, CURVE_LINES)
    own = actor.network.closure_threshold
    curves: dict[str, list[tuple[float, float, str]]] = {"actor": [], "loudness": []}
    for threshold in sorted({*THRESHOLDS, own}, reverse=True):
        other = Actor(replace(actor.network, closure_threshold=threshold))
        figures = speech_figures(perform_all(speaking(other), lines, material.probe))
        name = f"{threshold:g} (shipped)" if threshold == own else f"{threshold:g}"
        curves["actor"].append((figures["false_seals_per_s"], figures["closure_recall"], name))
    for range_db in sorted(RANGES_DB, reverse=True):
        follower = replace(CLOSING, range_db=range_db)
        figures = speech_figures(perform_all(follower, lines, material.probe))
        point = (figures["false_seals_per_s"], figures["closure_recall"], f"{range_db:g} dB")
        curves["loudness"].append(point)
    return curves


def _some(material: Material, count: int) -> list[Utterance]:
    utterances = material.utterances
    return list(utterances[:: max(1, len(utterances) // count)][:count])
