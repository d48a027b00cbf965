"""The fast alignment against a slow one that spells every transition out."""

from collections.abc import Sequence

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.speech import forced
from rigtalk.core.speech.forced import ASIDE, BETWEEN_WORDS, LEFT_OUT, align_words
from rigtalk.core.speech.phones import SYMBOL_IDS, SYMBOLS

SIL = SYMBOL_IDS["sil"]
WAYS: dict[str, Sequence[Sequence[str]]] = {
    "map": [("m", "ae", "p")],
    "a": [("ah",), ("ey",)],
    "the": [("dh", "ah"), ("dh", "iy"), ("ah",)],
    "baby": [("b", "ey", "b", "iy")],
}


def slow(heard: np.ndarray, words: Sequence[str]) -> tuple[list[int], list[int]]:
    """Best path by Bellman's recursion over a table of all transitions."""
    states: list[tuple[int, int]] = [(SIL, BETWEEN_WORDS)]
    into: dict[int, list[tuple[int, float]]] = {0: []}
    ends, pause = [], 0
    for k, word in enumerate(words):
        before, ends = ends, []
        for way in WAYS[word]:
            for i, symbol in enumerate(way):
                states.append((SYMBOL_IDS[symbol], k))
                here = len(states) - 1
                into[here] = (
                    [(here - 1, 0.0)] if i else [(pause, 0.0), *((end, 0.0) for end in before)]
                )
            ends.append(len(states) - 1)
        states.append((SIL, BETWEEN_WORDS))
        into[len(states) - 1] = [*((end, 0.0) for end in ends), (pause, -LEFT_OUT)]
        pause = len(states) - 1
    scores = heard.copy()
    scores[:, SIL] = np.maximum(scores[:, SIL], scores.max(axis=1) - ASIDE)
    first = {0} | {
        state for state, (_, word) in enumerate(states) if word == 0 and (0, 0.0) in into[state]
    }
    best = {s: (scores[0, states[s][0]], [s]) for s in first}
    for row in scores[1:]:
        moved = {}
        for state, (phone, _) in enumerate(states):
            came = [
                (best[before][0] + cost, best[before][1])
                for before, cost in [(state, 0.0), *into[state]]
                if before in best
            ]
            if came:
                score, path = max(came, key=lambda each: each[0])
                moved[state] = (score + row[phone], [*path, state])
        best = moved
    last = [state for state in (*ends, pause) if state in best]
    path = max((best[state] for state in last), key=lambda each: each[0])[1]
    return [states[s][0] for s in path], [states[s][1] for s in path]


def said(*spoken: tuple[str, int], sure: float = 6.0) -> np.ndarray:
    """Log probabilities of phones, each heard for so many steps."""
    rows = [SYMBOL_IDS[symbol] for symbol, steps in spoken for _ in range(steps)]
    logits = np.zeros((len(rows), len(SYMBOLS)), dtype=np.float32)
    logits[np.arange(len(rows)), rows] = sure
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("seed", range(25))
def test_it_finds_the_best_path(seed: int) -> None:
    rng = np.random.default_rng(seed)
    words = [str(rng.choice(list(WAYS))) for _ in range(rng.integers(1, 5))]
    logits = rng.normal(0, 4, (int(rng.integers(12, 40)), len(SYMBOLS)))
    heard = (logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))).astype(np.float32)
    found = align_words(heard, words, WAYS.__getitem__)
    phones, at = slow(heard, words)
    assert found.phones.tolist() == phones
    assert found.words.tolist() == at


def test_words_are_found_where_they_are_said() -> None:
    heard = said(
        ("sil", 9), ("m", 4), ("ae", 8), ("p", 5), ("sil", 6), ("ey", 5), ("b", 4), ("ey", 6),
        ("b", 3), ("iy", 7), ("sil", 5),
    )  # fmt: skip
    found = align_words(heard, ["map", "a", "baby"], WAYS.__getitem__)
    assert found.words.tolist() == [-1] * 9 + [0] * 17 + [-1] * 6 + [1] * 5 + [2] * 20 + [-1] * 5
    assert found.phones.tolist() == heard.argmax(axis=1).tolist()


def test_a_word_may_be_left_out_and_another_may_be_said() -> None:
    heard = said(
        ("sil", 5), ("b", 5), ("ey", 6), ("b", 5), ("iy", 6), ("k", 5), ("s", 9), ("ah", 6),
        ("m", 5), ("ae", 6), ("p", 5), ("sil", 5),
    )  # fmt: skip
    found = align_words(heard, ["baby", "the", "baby", "map"], WAYS.__getitem__)
    ends = np.cumsum([5, 22, 20, 16, 5])
    assert (found.words[ends[0] : ends[1]] == 0).all()
    assert (found.words[ends[2] : ends[3]] == 3).all()
    assert 2 not in found.words
    assert (found.words[ends[1] : ends[1] + 14] == BETWEEN_WORDS).all()


@pytest.mark.parametrize("steps", [0, 1, 2, 5])
def test_a_recording_that_is_shorter_than_its_text(steps: int) -> None:
    found = align_words(said(("ae", 5))[:steps], ["map", "baby", "map"], WAYS.__getitem__)
    assert len(found.phones) == len(found.words) == steps


def test_no_words() -> None:
    found = align_words(said(("ae", 5)), [], WAYS.__getitem__)
    assert (found.phones == SIL).all()
    assert (found.words == BETWEEN_WORDS).all()


def test_a_book_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forced, "MOST_CELLS", 1000)
    with pytest.raises(RigtalkError, match=r"a script of 30 words is too long .* cut"):
        align_words(said(("ae", 50)), ["map"] * 30, WAYS.__getitem__)
