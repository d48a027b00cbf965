"""Moods: mixtures of emotions and strengths, from a table and from a few words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rigtalk.core.direction import EMOTIONS, STRENGTH_REGIONS
from rigtalk.core.errors import RigtalkError

__all__ = ["NEUTRAL", "Mood", "moods", "parse_mood"]

_TABLE = Path(__file__).with_name("presets.toml")
_TOKEN = re.compile(r"(-?\d+\.?\d*|-?\.\d+)(%?)|[,;+&]|[^\s\d,;+&=.%]+|\S")
_APART = frozenset(",;+&")


@dataclass(frozen=True)
class Mood:
    """What a character feels and how much it shows.

    Attributes
    ----------
    name, title, description : str
    emotions : mapping of str to float
        Intensities 0-1; what is absent is 0.
    strength : mapping of str to float
        Gains 0-2; what is absent is 1.
    """

    name: str
    title: str
    description: str
    emotions: Mapping[str, float]
    strength: Mapping[str, float]

    def scaled(self, amount: float) -> Mood:
        """A share of it: 0 is neutral, 1 the mood itself."""
        return Mood(
            self.name,
            self.title,
            self.description,
            {name: amount * value for name, value in self.emotions.items()},
            {name: 1.0 + amount * (value - 1.0) for name, value in self.strength.items()},
        )

    def joined(self, other: Mood) -> Mood:
        """Both at once: the stronger of each emotion, strengths multiplied."""
        emotions = dict(self.emotions)
        for name, value in other.emotions.items():
            emotions[name] = max(value, emotions.get(name, 0.0))
        strength = dict(self.strength)
        for name, value in other.strength.items():
            strength[name] = min(value * strength.get(name, 1.0), 2.0)
        return Mood("mix", "Mix", "", emotions, strength)


NEUTRAL = Mood("neutral", "Neutral", "No emotion, natural strengths", {}, {})


@lru_cache(maxsize=1)
def moods() -> dict[str, Mood]:
    """Every preset by name, in the order of the menu."""
    with _TABLE.open("rb") as file:
        table = tomllib.load(file)
    return {name: Mood(name=name, **fields) for name, fields in table.items()}


def parse_mood(text: str) -> Mood:
    """The mood that a few words name.

    Parameters
    ----------
    text : str
        Presets (by title or name), emotions, strengths or ``neutral``, whatever their case, each
        with a number where it has one: ``furious``, ``warm 0.5``, ``joy 60%, head 1.3``.

    Raises
    ------
    RigtalkError
        If a word is unknown or a number out of range.
    """
    mood: Mood | None = None
    for words, number in _pairs(text):
        each = _named(words, number)
        mood = each if mood is None else mood.joined(each)
    if mood is None:
        raise RigtalkError("no mood is named")
    return mood


def _pairs(text: str) -> list[tuple[str, float | None]]:
    """Names, and the number behind each."""
    pairs: list[tuple[str, float | None]] = []
    words: list[str] = []
    for token in _TOKEN.finditer(text.replace("=", " ")):
        number = token[1]
        if number is None and token[0] not in _APART:
            words.append(token[0])
        elif words:
            amount = None if number is None else float(number) / (100.0 if token[2] else 1.0)
            pairs.append((" ".join(words), amount))
            words = []
        elif number is not None:
            raise RigtalkError(f"{number} stands alone: write a name before it, as in joy {number}")
    if words:
        pairs.append((" ".join(words), None))
    return pairs


def _named(words: str, number: float | None) -> Mood:
    plain = _plain(words)
    if plain in STRENGTH_REGIONS:
        if number is None or not 0.0 <= number <= 2.0:
            raise RigtalkError(f"{plain} needs a number from 0 to 2, such as {plain} 1.2")
        return Mood(plain, words, "", {}, {plain: number})
    mood = _known().get(plain)
    if mood is None:
        raise RigtalkError(f"no mood or emotion is called {words!r}")
    amount = 1.0 if number is None else number
    if not 0.0 <= amount <= 1.0:
        raise RigtalkError(f"{words} is {amount:g}: it must be from 0 to 1")
    return mood.scaled(amount)


@lru_cache(maxsize=1)
def _known() -> dict[str, Mood]:
    known = {name: Mood(name, name.capitalize(), "", {name: 1.0}, {}) for name in EMOTIONS}
    known["neutral"] = NEUTRAL
    for name, mood in moods().items():
        known[_plain(name)] = known[_plain(mood.title)] = mood
    return known


def _plain(words: str) -> str:
    """As it is compared: small letters, single spaces."""
    return " ".join(re.split(r"[\s_-]+", words.strip().casefold())).strip()
