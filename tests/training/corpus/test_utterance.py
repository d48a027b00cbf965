from itertools import pairwise

import numpy as np
import pytest

from rigtalk.core.speech.phones import SYMBOLS
from rigtalk.training.corpus.utterance import Phone, Utterance, cover


def test_cover_fills_holes_and_ends_with_silence() -> None:
    phones = cover([Phone(0.1, 0.2, "m"), Phone(0.3, 0.4, "aa", 1)], 0.5)
    assert [p.symbol for p in phones] == ["sil", "m", "sil", "aa", "sil"]
    assert phones[3].stress == 1
    assert phones[0].start == 0
    assert phones[-1].end == 0.5
    assert all(a.end == b.start for a, b in pairwise(phones))


def test_cover_closes_slivers_and_overlaps() -> None:
    phones = cover([Phone(0, 0.1, "b"), Phone(0.102, 0.2, "ow"), Phone(0.19, 0.299, "t")], 0.3)
    assert [p.symbol for p in phones] == ["b", "ow", "t"]
    assert phones[1].start == 0.1
    assert phones[2].start == 0.2
    assert phones[2].end == 0.3


def test_cover_merges_silences_and_cuts_at_the_end() -> None:
    phones = cover([Phone(0, 0.1, "sil"), Phone(0.2, 0.3, "sil"), Phone(0.3, 9.0, "f")], 0.5)
    assert [(p.symbol, p.start, p.end) for p in phones] == [("sil", 0, 0.3), ("f", 0.3, 0.5)]


def test_cover_of_nothing_is_silence() -> None:
    assert cover([], 0.5) == (Phone(0.0, 0.5, "sil"),)


def test_utterance_knows_what_is_spoken_when() -> None:
    phones = cover([Phone(0.1, 0.2, "m"), Phone(0.2, 0.4, "uw", 1)], 0.5)
    utterance = Utterance(np.zeros(8000, np.float32), phones, "nobody", "test")
    assert utterance.duration == pytest.approx(0.5)
    assert utterance.symbols_at(np.array([-1, 0.05, 0.15, 0.2, 0.45, 9])) == [
        "sil",
        "sil",
        "m",
        "uw",
        "sil",
        "sil",
    ]
    assert SYMBOLS[utterance.ids[2]] == "uw"
    assert utterance.stresses.tolist() == [0, 0, 1, 0]
