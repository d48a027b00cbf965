"""The same speech in another voice, room, microphone, noise and file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import scipy.signal
import soxr

from . import backgrounds, dynamics, spectra
from .backgrounds import coloured_noise, room_response
from .codecs import coded, random_codec
from .tempo import retimed
from .utterance import SAMPLE_RATE, Utterance, cover

__all__ = ["CHANCES", "EFFECTS", "Augmentation", "coloured_noise", "revoice", "spoil"]

Babble = Callable[[int], np.ndarray]
CHANCES: Mapping[str, float] = MappingProxyType(
    {
        "room": 0.30,
        "noise": 0.35,
        "hum": 0.05,
        "music": 0.07,
        "crowd": 0.08,
        "microphone": 0.25,
        "gain control": 0.06,
        "compressor": 0.10,
        "denoiser": 0.10,
        "gate": 0.08,
        "clipping": 0.06,
        "telephone": 0.10,
        "codec": 0.20,
    }
)
"""How often each effect is heard in speech that is spoilt at all."""


@dataclass(frozen=True)
class Augmentation:
    """How often and how strongly each thing happens; chances 0-1, decibels and factors as ranges.

    Attributes
    ----------
    body_chance, formants, pitch : float, (float, float), (float, float)
        Another person: factor of the formants, and of the pitch relative to that. 1.35 makes a
        child of a woman, 0.8 a large man of a man.
    tempo_chance, tempo : float, (float, float)
        Faster or slower than the person speaks, at the same pitch.
    clean_chance : float
        Nothing is spoilt but the level.
    chances : mapping of str to float
        Of each effect otherwise; those of `CHANCES`.
    reverberation, direct_db : (float, float), (float, float)
        Seconds until the sound of the room has fallen by 60 dB; the direct sound above it, which
        says how far away the speaker is.
    noise_db : (float, float)
        Level of the speech above noise, music and the like.
    level_db : (float, float)
        Peak level of the result.
    faint_chance, faint_db : float, (float, float)
        Peak level of a recording that is all but lost in the steps of its 16 bits.
    offset_chance, offset : float, (float, float)
        A constant that is added, as a part of the peak.
    """

    body_chance: float = 0.6
    formants: tuple[float, float] = (0.80, 1.35)
    pitch: tuple[float, float] = (0.85, 1.20)
    tempo_chance: float = 0.35
    tempo: tuple[float, float] = (0.78, 1.30)
    clean_chance: float = 0.3
    chances: Mapping[str, float] = field(default_factory=lambda: CHANCES)
    reverberation: tuple[float, float] = (0.08, 0.6)
    direct_db: tuple[float, float] = (-3.0, 16.0)
    noise_db: tuple[float, float] = (5.0, 40.0)
    level_db: tuple[float, float] = (-30.0, -1.0)
    faint_chance: float = 0.05
    faint_db: tuple[float, float] = (-66.0, -40.0)
    offset_chance: float = 0.04
    offset: tuple[float, float] = (-0.3, 0.3)

    @classmethod
    def only(cls, *effects: str, **settings: object) -> Augmentation:
        """Nothing but some effects, and those always.

        Parameters
        ----------
        *effects : str
            Keys of `CHANCES`.
        **settings
            Other fields.
        """
        quiet: dict[str, object] = {
            "body_chance": 0.0,
            "tempo_chance": 0.0,
            "clean_chance": 0.0,
            "chances": dict.fromkeys(effects, 1.0),
            "faint_chance": 0.0,
            "offset_chance": 0.0,
        }
        return cls(**{**quiet, **settings})  # type: ignore[arg-type]  # fields by name


def revoice(
    utterance: Utterance, rng: np.random.Generator, *, config: Augmentation | None = None
) -> Utterance:
    """The utterance as a child, a smaller or a larger person would say it, faster or slower, or as
    it is; the phones move with the sound.
    """
    config = config or Augmentation()
    if rng.random() < config.body_chance:
        formants = _factor(rng, config.formants)
        # Resampling moves formants, pitch and tempo together. Now and then pitch goes its own way.
        apart = _factor(rng, config.pitch) if rng.random() < 0.5 else 1.0
        utterance = _resampled(utterance, formants * apart)
        if apart != 1.0 and len(utterance.samples):
            moved = spectra.warped(utterance.samples, 1.0 / apart)
            utterance = replace(utterance, samples=moved)
    if rng.random() < config.tempo_chance:
        utterance = _retimed(utterance, _factor(rng, config.tempo))
    return utterance


def spoil(
    samples: np.ndarray,
    rng: np.random.Generator,
    *,
    config: Augmentation | None = None,
    babble: Babble | None = None,
) -> np.ndarray:
    """Speech in another room, noise, microphone, codec and level; nothing moves in time.

    Parameters
    ----------
    samples : ndarray, shape (n,), float32
        16 kHz.
    rng : numpy.random.Generator
        The same state gives the same result.
    config : Augmentation, optional
    babble : callable, optional
        Gives n samples of other people's speech, to be used as a crowd; without it the crowd is
        made of the line itself.

    Returns
    -------
    ndarray, shape (n,), float32
        Within -1 and 1.
    """
    config = config or Augmentation()
    speech = samples.astype(np.float32)
    if len(speech) == 0 or not np.abs(speech).max() > 0:
        return speech
    if rng.random() >= config.clean_chance:
        for name, effect in EFFECTS.items():
            if rng.random() < config.chances.get(name, 0.0):
                speech = effect(speech, _Circumstances(rng, config, babble))
    return _levelled(speech, rng, config)


@dataclass(frozen=True)
class _Circumstances:
    """What effects need besides the speech."""

    rng: np.random.Generator
    config: Augmentation
    babble: Babble | None

    def beside(self, speech: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """Speech with a noise of unit power below it."""
        loud = np.percentile(np.abs(speech[::4]), 90)
        below = self.rng.uniform(*self.config.noise_db)
        return speech + noise * np.float32(loud * 10.0 ** (-below / 20.0))


def _room(speech: np.ndarray, given: _Circumstances) -> np.ndarray:
    room = room_response(
        given.rng,
        seconds=float(given.rng.uniform(*given.config.reverberation)),
        direct_db=float(given.rng.uniform(*given.config.direct_db)),
    )
    return scipy.signal.fftconvolve(speech, room)[: len(speech)]


def _noise(speech: np.ndarray, given: _Circumstances) -> np.ndarray:
    slope = float(given.rng.uniform(0.0, 2.0))
    return given.beside(speech, coloured_noise(given.rng, len(speech), slope=slope))


def _crowd(speech: np.ndarray, given: _Circumstances) -> np.ndarray:
    if given.babble is None:
        return given.beside(speech, backgrounds.crowd(given.rng, speech))
    people = [given.babble(len(speech)) for _ in range(given.rng.integers(2, 6))]
    return given.beside(speech, backgrounds.unit(np.sum(people, axis=0)))


def _denoised(speech: np.ndarray, given: _Circumstances) -> np.ndarray:
    # A recording that was cleaned was noisy.
    slope = float(given.rng.uniform(0.0, 1.5))
    noisy = given.beside(speech, coloured_noise(given.rng, len(speech), slope=slope))
    return spectra.denoised(noisy, given.rng)


EFFECTS: Mapping[str, Callable[[np.ndarray, _Circumstances], np.ndarray]] = MappingProxyType(
    {
        "room": _room,
        "noise": _noise,
        "hum": lambda speech, given: given.beside(speech, backgrounds.hum(given.rng, len(speech))),
        "music": lambda speech, given: given.beside(
            speech, backgrounds.music(given.rng, len(speech))
        ),
        "crowd": _crowd,
        "microphone": lambda speech, given: spectra.microphone(speech, given.rng),
        "gain control": lambda speech, given: dynamics.gain_controlled(speech, given.rng),
        "compressor": lambda speech, given: dynamics.compressed(speech, given.rng),
        "denoiser": _denoised,
        "gate": lambda speech, given: dynamics.gated(speech, given.rng),
        "clipping": lambda speech, given: dynamics.clipped(speech, given.rng),
        "telephone": lambda speech, given: spectra.telephone(speech, given.rng),
        "codec": lambda speech, given: coded(speech, random_codec(given.rng)),
    }
)
"""What may happen to speech, in the order in which it happens between a mouth and a file."""


def _levelled(speech: np.ndarray, rng: np.random.Generator, config: Augmentation) -> np.ndarray:
    faint = rng.random() < config.faint_chance
    level = rng.uniform(*(config.faint_db if faint else config.level_db))
    peak = np.float32(10.0 ** (level / 20.0))
    highest = float(np.abs(speech).max())
    if not highest > 0:
        return speech.astype(np.float32)
    speech = speech * np.float32(peak / highest)
    if rng.random() < config.offset_chance:
        speech = np.clip(speech + peak * np.float32(rng.uniform(*config.offset)), -1.0, 1.0)
    if faint:
        speech = dynamics.quantised(speech, 16.0)
    return speech.astype(np.float32)


def _resampled(utterance: Utterance, factor: float) -> Utterance:
    samples = soxr.resample(utterance.samples, SAMPLE_RATE * factor, SAMPLE_RATE, quality="MQ")
    # By the factor itself: the length is rounded to samples.
    phones = [replace(p, start=p.start / factor, end=p.end / factor) for p in utterance.phones]
    return replace(utterance, samples=samples, phones=cover(phones, len(samples) / SAMPLE_RATE))


def _retimed(utterance: Utterance, tempo: float) -> Utterance:
    samples, before, after = retimed(utterance.samples, tempo)
    starts, ends = (np.interp(t, before, after) for t in (utterance.starts, utterance.ends))
    phones = [
        replace(phone, start=float(start), end=float(end))
        for phone, start, end in zip(utterance.phones, starts, ends, strict=True)
    ]
    return replace(utterance, samples=samples, phones=cover(phones, len(samples) / SAMPLE_RATE))


def _factor(rng: np.random.Generator, limits: tuple[float, float]) -> float:
    return float(np.exp(rng.uniform(*np.log(limits))))
