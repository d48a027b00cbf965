import numpy as np
import pytest

from rigtalk.training.corpus.compose import join, trimmed
from rigtalk.training.corpus.utterance import Phone, Utterance, cover


def tone(before: float, spoken: float, after: float) -> Utterance:
    total = before + spoken + after
    samples = np.zeros(round(total * 16000), np.float32)
    samples[round(before * 16000) : round((before + spoken) * 16000)] = 0.5
    phones = cover([Phone(before, before + spoken, "aa", 1)], total)
    return Utterance(samples, phones, "a", "test", text="ah")


def test_trimming_leaves_a_margin() -> None:
    short = trimmed(tone(0.5, 0.2, 0.7), margin=0.05)
    assert short.duration == pytest.approx(0.3, abs=1e-4)
    assert [(p.symbol, round(p.start, 3)) for p in short.phones] == [
        ("sil", 0.0),
        ("aa", 0.05),
        ("sil", 0.25),
    ]
    assert short.samples[810] == 0.5


def test_silence_is_not_trimmed() -> None:
    still = Utterance(np.zeros(800, np.float32), cover([], 0.05), "a", "test")
    assert trimmed(still) is still


def test_joined_phones_lie_where_the_sound_is() -> None:
    whole = join([tone(0, 0.2, 0), tone(0, 0.3, 0)], [0.1, 0.25, 0.15], levels=[1.0, 0.5])
    assert whole.duration == pytest.approx(1.0)
    assert [p.symbol for p in whole.phones] == ["sil", "aa", "sil", "aa", "sil"]
    assert whole.starts == pytest.approx([0, 0.1, 0.3, 0.55, 0.85])
    assert whole.text == "ah ah"
    for phone, level in zip(whole.phones, [0, 0.5, 0, 0.25, 0], strict=True):
        middle = round((phone.start + phone.end) / 2 * 16000)
        assert whole.samples[middle] == level
