"""espeak-ng: a formant synthesiser with exact phone times, through its C library."""

from __future__ import annotations

import ctypes
import ctypes.util
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import soxr

from rigtalk.core.speech.phones import SILENCE, from_ipa
from rigtalk.rigs.errors import RigtalkError

from .stress import mark_stress
from .utterance import SAMPLE_RATE, Phone, Utterance, cover
from .voices import Manner, Voice

__all__ = ["available", "pronounce", "synthesise"]

OFFSET = -0.003
"""Seconds to add to the engine's times so that they agree with hand labels."""
_CLOSURES = {
    **dict.fromkeys(("p", "t", "k", "ch"), 0.040),
    **dict.fromkeys(("b", "d", "g", "jh"), 0.020),
}
"""Seconds by which the engine's stops begin too late: it reports the burst, and counts the closed
lips or tongue before it to the sound that precedes. Measured on the level around 500 stops."""

_SYNCHRONOUS, _UTF8, _IPA = 2, 1, 2
_PHONEME_EVENTS_IN_IPA = 1 | 2
_PHONEME, _LIST_TERMINATED = 7, 0
_RATE, _PITCH, _RANGE = 1, 3, 4
_USUAL_RATE, _USUAL_PITCH, _USUAL_RANGE = 165, 50, 50


class _Name(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Name),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class _Engine:
    """The library, started once; it keeps its state in globals of its own."""

    def __init__(self) -> None:
        path = ctypes.util.find_library("espeak-ng")
        if path is None:
            raise RigtalkError("espeak-ng is not installed: install libespeak-ng1")
        self._library = ctypes.CDLL(path)
        self.rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, None, _PHONEME_EVENTS_IN_IPA)
        if self.rate <= 0:
            raise RigtalkError("espeak-ng does not start: install espeak-ng-data")
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._blocks: list[np.ndarray] = []
        self._events: list[tuple[int, str]] = []
        self._callback = _Callback(self._collect)
        self._library.espeak_SetSynthCallback(self._callback)

    def _collect(self, samples: ctypes._Pointer, count: int, events: ctypes._Pointer) -> int:
        if count > 0:
            self._blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        i = 0
        while events[i].type != _LIST_TERMINATED:
            if events[i].type == _PHONEME:
                name = bytes(events[i].id.string).decode("utf-8", "replace")
                self._events.append((events[i].sample, name))
            i += 1
        return 0

    def choose(self, voice: str) -> None:
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise RigtalkError(f"espeak-ng has no voice {voice!r}")

    def set_manner(self, manner: Manner) -> None:
        pitch = _USUAL_PITCH + 60.0 * np.log2(manner.pitch)
        settings = {
            _RATE: _USUAL_RATE / manner.stretch,
            _PITCH: np.clip(pitch, 0, 99),
            _RANGE: np.clip(_USUAL_RANGE * manner.liveliness, 0, 99),
        }
        for parameter, value in settings.items():
            self._library.espeak_SetParameter(parameter, int(value), 0)

    def speak(self, text: str) -> tuple[np.ndarray, list[tuple[int, str]]]:
        self._blocks, self._events = [], []
        data = text.encode()
        self._library.espeak_Synth(data, len(data) + 1, 0, 0, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        samples = np.concatenate(self._blocks) if self._blocks else np.zeros(0, np.int16)
        return samples, self._events

    def ipa(self, text: str) -> str:
        data = ctypes.create_string_buffer(text.encode())
        at = ctypes.c_void_p(ctypes.addressof(data))
        clauses = []
        while at.value:
            clause = self._library.espeak_TextToPhonemes(ctypes.byref(at), _UTF8, _IPA)
            clauses.append((clause or b"").decode("utf-8", "replace"))
        return " ".join(clauses)


@cache
def _engine() -> _Engine:
    return _Engine()


def available() -> bool:
    """Whether the library is installed."""
    return ctypes.util.find_library("espeak-ng") is not None


def pronounce(text: str, *, voice: str = "en-us") -> str:
    """IPA of a text, with stress marks.

    Raises
    ------
    RigtalkError
        If espeak-ng is not installed or has no such voice.
    """
    engine = _engine()
    engine.choose(voice)
    return engine.ipa(text)


def synthesise(text: str, voice: Voice, manner: Manner) -> Utterance | None:
    """A sentence with its phones, or None where the engine gave nothing usable.

    Raises
    ------
    RigtalkError
        If espeak-ng is not installed or has no such voice.
    """
    engine = _engine()
    engine.choose(voice.name)
    engine.set_manner(manner)
    raw, events = engine.speak(text)
    if len(raw) < engine.rate // 4:
        return None
    samples = soxr.resample(raw.astype(np.float32) / 32768.0, engine.rate, SAMPLE_RATE)
    duration = len(samples) / SAMPLE_RATE
    phones: list[Phone] = []
    for (start, name), (end, _) in pairwise([*events, (len(raw), "")]):
        # "(de)" marks a change of language; it has no sound of its own.
        parts = () if name.startswith("(") else from_ipa(name)
        edges = np.linspace(start, end, len(parts) + 1) / engine.rate + OFFSET
        if name and not parts and phones:
            # A sound we have no phone for, such as a length mark, belongs to the one before.
            phones[-1] = Phone(
                phones[-1].start, float(end / engine.rate + OFFSET), phones[-1].symbol
            )
        phones += [
            Phone(float(a), float(b), symbol)
            for (a, b), symbol in zip(pairwise(edges), parts, strict=True)
        ]
    phones = _with_closures(phones)
    if sum(phone.symbol != SILENCE for phone in phones) < 2:
        return None
    covered = mark_stress(cover(phones, duration), engine.ipa(text))
    return Utterance(samples, covered, voice.speaker, "espeak", voice.language, text)


def _with_closures(phones: list[Phone]) -> list[Phone]:
    """Phones whose stops begin with the closure instead of the burst."""
    moved: list[Phone] = []
    for phone in phones:
        start = phone.start
        if moved and phone.symbol in _CLOSURES:
            before = moved[-1]
            start -= min(_CLOSURES[phone.symbol], before.duration / 2)
            moved[-1] = replace(before, end=start)
        moved.append(replace(phone, start=start))
    return moved
