"""What an actor gains from words is measured with the words that it was given."""

from dataclasses import replace

import numpy as np
import pytest

from rigtalk.core.actor import Actor
from rigtalk.core.audio import Clip
from rigtalk.core.direction import Direction
from rigtalk.core.judge.heads import embedded_probe
from rigtalk.training.evaluation import words
from rigtalk.training.evaluation.material import Material
from rigtalk.training.evaluation.words import with_words

from .test_breakdown import spoken


@pytest.fixture
def material() -> Material:
    lines = tuple(
        replace(spoken(name, f"{corpus}_x"), text=f"{name} am ip")
        for name, corpus in (("a", "librispeech"), ("b", "vctk"))
    )
    return Material(lines, (), embedded_probe(), {"a": "F", "b": "M"})


def test_every_row_was_spoken_with_its_words(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[str | None] = []
    plain = Actor.perform

    def perform(self, audio, direction, **options):
        given.append(None if direction is None else direction.script.text)
        return plain(self, audio, None, **options)

    monkeypatch.setattr(Actor, "perform", perform)
    heard = iter(["first words", "", "third words", "fourth words"])
    monkeypatch.setattr(words, "recognise", lambda samples: next(heard))
    monkeypatch.setattr(words, "UNDER", ("telephone",))
    section = with_words(Actor.load(), material)
    assert list(section.rows) == [
        "clean, words recognised",
        "LibriSpeech (1), words recognised",
        "VCTK (1), words recognised",
        "men (1), words recognised",
        "women (1), words recognised",
        "clean, script",
        "clean, careless script",
        "telephone, words recognised",
        "telephone, script",
    ]
    texts = ["a am ip", "b am ip"]
    assert given == ["first words", None, *texts, *texts, "third words", "fourth words", *texts]
    for row in section.rows.values():
        assert set(section.columns) <= set(row)
        assert 0.0 <= row["closure_recall"] <= 1.0


def test_a_careless_script() -> None:
    text = " ".join(map(str, range(1, 13)))
    assert words._careless(text) == "1 2 3 4 4 5 7 8 9 10 11 11"


def test_the_words_reach_the_lips(material: Material) -> None:
    actor = Actor.load()
    line = material.utterances[0]
    (told,) = words._speak(actor, material, [line], lambda each: each.text)
    (plain,) = words._speak(actor, material, [line], lambda each: " ")
    alone = actor.perform(Clip(line.samples), Direction(), fps=60.0).values
    np.testing.assert_array_equal(plain.values, alone)
    assert told.values.shape == plain.values.shape
