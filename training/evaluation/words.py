"""What an actor gains from knowing the words: those of a script, or those a recogniser hears."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from rigtalk.core.actor import Actor
from rigtalk.core.direction import Direction
from rigtalk.core.script import Script
from rigtalk.core.speech.recognise import recognise

from ..corpus.utterance import Utterance
from .breakdown import grouped
from .conditions import CONDITIONS
from .evaluate import Performed, perform_all, speaking, speech_figures
from .material import Material
from .report import Section

__all__ = ["with_words"]

_SHOWN = (
    "closure_recall",
    "false_seals_per_s",
    "shut_vowels",
    "rounding_mm",
    "bite_contact",
    "openness_r",
    "fast_share",
)

RECOGNISED = "words recognised"
CLEAN = "clean"
UNDER = ("telephone", "white noise, 10 dB")
"""Conditions besides clean recordings; a recogniser takes minutes for each."""
WRONG = 6
"""Every word of this number of a careless script is missing, and another one stands twice."""


def with_words(
    actor: Actor, material: Material, progress: Callable[[str], None] = lambda what: None
) -> Section:
    """Figures of speech, by condition and by what is known of the words.

    Parameters
    ----------
    actor : Actor
    material : Material
    progress : callable
        Called with what is done next.

    Raises
    ------
    RigtalkError
        If pocketsphinx is not installed.
    """
    rows: dict[str, dict[str, float]] = {}
    for condition in (CLEAN, *UNDER):
        change = CONDITIONS.get(condition)
        rng = np.random.default_rng(0)
        lines = [
            line if change is None else change(line, rng, material.utterances)
            for line in material.utterances
        ]
        sources: dict[str, Callable[[Utterance], str]] = {
            RECOGNISED: lambda line: recognise(line.samples),
            "script": lambda line: line.text,
        }
        if condition == CLEAN:
            sources["careless script"] = lambda line: _careless(line.text)
        for name, words in sources.items():
            progress(f"{condition}, {name}")
            spoken = _speak(actor, material, lines, words)
            rows[f"{condition}, {name}"] = speech_figures(spoken)
            if name == RECOGNISED and condition == CLEAN:
                rows |= _by_group(spoken, material)
    about = (
        "Recognised: by pocketsphinx, from the sound alone. Script: the text that the labels were "
        "aligned with, so these rows say how well lips follow a script; careless: every sixth word "
        "is missing and another one stands twice."
    )
    return Section("When the words are known", about, _SHOWN, rows)


def _by_group(spoken: Iterable[Performed], material: Material) -> dict[str, dict[str, float]]:
    """The same by corpus and sex."""
    return {
        f"{name} ({len(lines)}), {RECOGNISED}": speech_figures(lines)
        for name, lines in sorted(grouped(spoken, material).items())
    }


def _speak(
    actor: Actor,
    material: Material,
    lines: Iterable[Utterance],
    words: Callable[[Utterance], str],
) -> list[Performed]:
    spoken = []
    for line in lines:
        text = words(line)
        direction = Direction(script=Script(text)) if text.strip() else None
        spoken += perform_all(speaking(actor, direction), [line], material.probe)
    return spoken


def _careless(text: str) -> str:
    words = text.split()
    kept = [word for at, word in enumerate(words, 1) if at % WRONG]
    return " ".join(f"{word} {word}" if at % WRONG == 3 else word for at, word in enumerate(kept))
