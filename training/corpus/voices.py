"""Synthetic voices and the manners in which they speak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["VOICES", "Manner", "Voice", "varied_manner"]


@dataclass(frozen=True)
class Voice:
    """One voice of an engine.

    Attributes
    ----------
    engine : str
        ``flite``, ``festival``, ``hts`` or ``espeak``.
    name : str
        As the engine calls it.
    speaker : str
        The person who was recorded, or the synthetic speaker; the same person may speak through
        several engines.
    language : str
        ISO 639-1 code, or ``cmn``.
    share : float
        Part of the engine's hours.
    """

    engine: str
    name: str
    speaker: str
    language: str = "en"
    share: float = 1.0


@dataclass(frozen=True)
class Manner:
    """How a sentence is spoken.

    Attributes
    ----------
    stretch : float
        Durations relative to the voice's own.
    pitch : float
        Mean pitch relative to the voice's own.
    liveliness : float
        Movement of the pitch relative to the voice's own.
    """

    stretch: float = 1.0
    pitch: float = 1.0
    liveliness: float = 1.0


def varied_manner(rng: np.random.Generator) -> Manner:
    """A manner between hurried and drawling, low and high, flat and lively."""
    return Manner(
        stretch=float(np.exp(rng.normal(0.0, 0.16)).clip(0.68, 1.5)),
        pitch=float(np.exp(rng.normal(0.0, 0.18)).clip(0.7, 1.5)),
        liveliness=float(np.exp(rng.normal(0.1, 0.4)).clip(0.4, 2.5)),
    )


_ESPEAK_VARIANTS = (
    "", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5", "klatt",
    "klatt2", "klatt3", "klatt4", "adam", "Alex", "Alicia", "Andrea", "Annie", "antonio", "aunty",
    "belinda", "benjamin", "boris", "caleb", "Denis", "ed", "edward", "Gene", "grandma", "grandpa",
    "Hugo", "iven2", "Jacky", "john", "Lee", "linda", "Marco", "max", "Michael", "michel", "Mike",
    "norbert", "paul", "quincy", "rob", "robert", "sandro", "shelby", "steph", "steph2", "travis",
    "victor", "Zac", "whisper", "whisperf", "croak", "anika",
)  # fmt: skip
_ESPEAK_ENGLISH = ("en-us", "en", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbcwmd", "en-029")
_ESPEAK_WORLD = {
    "de": "de", "fr": "fr", "es": "es", "it": "it", "pt": "pt-br", "nl": "nl", "pl": "pl",
    "ru": "ru", "cmn": "cmn", "sv": "sv", "tr": "tr", "ja": "ja",
}  # fmt: skip
_ESPEAK_FURTHER = {
    "fi": "fi", "cs": "cs", "hu": "hu", "el": "el", "id": "id", "ko": "ko", "ro": "ro",
}  # fmt: skip
"""Apart from the others, so that the names of shards that have been made stay what they are."""
_HTS_BODIES = {
    "small-child": 1.2, "child": 1.4, "girl": 1.2, "boy": 1.2, "soprano": 0.8, "alto": 1.0,
    "tenor": 1.2, "baritone": 1.2, "bass": 1.0, "gnome": 0.5, "giantess": 0.5,
}  # fmt: skip


def _espeak_voices() -> list[Voice]:
    voices = []
    for i, variant in enumerate(_ESPEAK_VARIANTS):
        suffix = f"+{variant}" if variant else ""
        speaker = f"espeak-{variant or 'default'}"
        accent = _ESPEAK_ENGLISH[i % len(_ESPEAK_ENGLISH)]
        voices.append(Voice("espeak", accent + suffix, speaker))
        world = _ESPEAK_FURTHER if i % 2 else _ESPEAK_WORLD
        language, name = list(world.items())[(i // 2) % len(world)]
        voices.append(Voice("espeak", name + suffix, speaker, language, 0.6))
    return voices


VOICES = (
    Voice("flite", "slt", "slt", share=1.1),
    Voice("flite", "rms", "rms", share=1.3),
    Voice("flite", "awb", "awb", share=1.3),
    Voice("flite", "kal16", "kal", share=0.5),
    Voice("festival", "cmu_us_slt_arctic_hts", "slt", share=0.7),
    Voice("festival", "kal_diphone", "kal", share=0.7),
    Voice("festival", "ked_diphone", "ked", share=1.2),
    *(Voice("hts", body, f"slt-{body}", share=share) for body, share in _HTS_BODIES.items()),
    *_espeak_voices(),
)
"""Every voice of the corpus. Their terms put no condition on a model that is trained on them."""
