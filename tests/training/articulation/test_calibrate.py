"""Numbers that are fitted are found again where they are known."""

import tomllib

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError as CoreError
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.articulation import Style, articulate, calibrate
from rigtalk.training.articulation.calibrate import (
    SHOWN,
    Heard,
    agreement,
    authored,
    best_loudness,
    fit_channel,
    main,
    text,
)
from rigtalk.training.articulation.gestures import closures, reduction, score, spoken_channels
from rigtalk.training.articulation.hearing import likeliest
from rigtalk.training.articulation.line import checked, prominence
from rigtalk.training.articulation.tables import authored_phone_table, primitives


def spoken(phones, *, loudness, growth, gain=1.0):
    """A mouth that moves by the authored tables, all targets larger by a gain."""
    symbols, spans, stresses = checked(phones, phones[-1].end)
    parts, table = primitives(), authored_phone_table()
    frames = len(loudness)
    sizes, standing = reduction(symbols, spans, stresses), prominence(symbols, spans, loudness)
    line = score(
        symbols,
        spans,
        gains=sizes * (1.0 + growth * standing),
        table=table,
        effort=parts.gather("effort")[: parts.spoken],
        jitter=np.ones((len(symbols), parts.spoken)),
        duration=frames * 0.02,
    )
    moved = gain * spoken_channels(line, frames, primitives=parts, style=Style())
    seal = closures(symbols, spans, frames).seal
    free = 1.0 - parts.gather("closes")[: parts.spoken] * seal[:, None]
    curves = {name: (moved * free)[:, parts.at(name)] for name in SHOWN}
    return Heard(symbols, spans, sizes, standing, curves, seal)


@pytest.fixture(scope="module")
def mouth(line):
    rng = np.random.default_rng(4)
    loudness = 0.5 + 0.3 * np.convolve(rng.standard_normal(371), np.ones(9) / 9.0, "same")
    return spoken(line, loudness=loudness, growth=0.2, gain=1.2)


@pytest.fixture
def short_line_counts(monkeypatch):
    """Seven seconds of speech outweigh the authored targets."""
    monkeypatch.setattr(calibrate, "PRIOR_FRAMES", 2.0)


@pytest.mark.usefixtures("short_line_counts")
def test_a_larger_mouth_gets_larger_targets(mouth):
    learnt = fit_channel([mouth], "jaw", loudness=0.2, evaluations=40)
    before = agreement(mouth, "jaw", learnt=authored("jaw"), loudness=0.2)
    after = agreement(mouth, "jaw", learnt=learnt, loudness=0.2)
    assert learnt.explained > 0.97
    assert after[0] > 0.98
    # Half-way from the authored size to what was seen, by design.
    assert before[1] < 0.9
    assert before[1] + 0.03 < after[1] < 1.05
    # Phones that were not heard keep their targets, and rest stays closed.
    rows = authored_phone_table().parts
    unheard = rows["zh"][0][0]
    assert not learnt.seen[unheard]
    assert learnt.targets[unheard] == authored("jaw").targets[unheard]
    assert not learnt.seen[rows["sil"][0][0]]


def test_loudness_is_found(mouth):
    assert best_loudness([mouth]) == pytest.approx(0.2, abs=0.05)


@pytest.mark.usefixtures("short_line_counts")
def test_what_is_written_can_be_read(mouth):
    channels = {"jaw": fit_channel([mouth], "jaw", loudness=0.2, evaluations=1)}
    table = tomllib.loads(text(channels, loudness=0.2))
    assert table["loudness"] == 0.2
    assert 0.0 < table["jaw"]["settle"] < 0.06
    assert table["jaw"]["targets"]["aa"] > table["jaw"]["targets"]["s"]


def test_the_likeliest_path_ignores_moments_of_doubt():
    """Against every path there is."""
    rng = np.random.default_rng(0)
    for _ in range(5):
        scores = rng.normal(0.0, 2.0, (6, 3))
        every = np.stack(np.meshgrid(*[np.arange(3)] * 6, indexing="ij"), -1).reshape(-1, 6)
        worth = scores[np.arange(6), every].sum(1) - 1.5 * (np.diff(every, axis=1) != 0).sum(1)
        np.testing.assert_array_equal(likeliest(scores, change=1.5), every[worth.argmax()])


def test_words_that_are_missing_are_named():
    with pytest.raises((RigtalkError, CoreError), match="name a checkpoint"):
        main(["b1.pt"])


def test_the_model_speaks_with_what_was_learnt(line):
    """`articulate` and the fit describe the same jaw."""
    rest = np.full(371, 0.5)
    heard = spoken(line, loudness=rest, growth=0.0)
    jaw = articulate(
        line, line[-1].end, rng=np.random.default_rng(0), style=Style(variation=0.0)
    ).arkit[:, 17]
    assert np.corrcoef(heard.moved["jaw"], jaw)[0, 1] > 0.95
