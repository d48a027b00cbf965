import numpy as np
import pytest

from rigtalk.training.corpus import espeak
from rigtalk.training.corpus.utterance import SAMPLE_RATE, Phone, Utterance, cover
from rigtalk.training.corpus.voices import VOICES
from rigtalk.training.evaluation.conditions import (
    CONDITIONS,
    UNHEARD_VOICES,
    child_like,
    groups_of,
    read_sexes,
    synthetic,
)


def tone(hertz: float, speaker: str = "a", **facts: str) -> Utterance:
    """Half a second of silence, one of sound, half a second of silence."""
    times = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    on = (times >= 0.5) & (times < 1.5)
    samples = (0.3 * on * np.sin(2 * np.pi * hertz * times)).astype(np.float32)
    return Utterance(samples, cover([Phone(0.5, 1.5, "aa")], 2.0), speaker, "test", **facts)


def level(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(samples.astype(float) ** 2) + 1e-12))


@pytest.mark.parametrize(("hertz", "passes"), [(150, False), (1000, True), (5000, False)])
def test_the_telephone_has_a_band(hertz: float, passes: bool) -> None:
    given = tone(hertz)
    heard = CONDITIONS["telephone"](given, np.random.default_rng(0), [])
    assert (level(heard.samples) > level(given.samples) - 3) == passes
    assert len(heard.samples) == len(given.samples)


@pytest.mark.parametrize("name", [name for name in CONDITIONS if "10 dB" in name])
def test_noise_is_10_db_below_the_speech(name: str) -> None:
    given = tone(500)
    others = [given, tone(800, "b"), tone(900, "c")]
    heard = CONDITIONS[name](given, np.random.default_rng(0), others)
    noise = heard.samples - given.samples
    speech = given.samples[SAMPLE_RATE // 2 : 3 * SAMPLE_RATE // 2]
    assert level(speech) - level(noise) == pytest.approx(10.0, abs=0.3)
    assert heard.phones == given.phones
    again = CONDITIONS[name](given, np.random.default_rng(0), others)
    np.testing.assert_array_equal(heard.samples, again.samples)


def test_pink_noise_falls_with_frequency() -> None:
    given = tone(500)
    powers = {}
    for name in ("white noise, 10 dB", "pink noise, 10 dB"):
        heard = CONDITIONS[name](given, np.random.default_rng(0), [])
        power = np.abs(np.fft.rfft(heard.samples - given.samples)) ** 2
        powers[name] = power[200:2000].mean() / power[10000:16000].mean()
    assert powers["white noise, 10 dB"] == pytest.approx(1.0, rel=0.2)
    assert powers["pink noise, 10 dB"] > 8


def test_a_child_speaks_higher_and_the_phones_follow() -> None:
    heard = child_like(tone(400), np.random.default_rng(0), [])
    assert len(heard.samples) == pytest.approx(2 * SAMPLE_RATE / 1.25, abs=2)
    peak = np.argmax(np.abs(np.fft.rfft(heard.samples))) * SAMPLE_RATE / len(heard.samples)
    assert peak == pytest.approx(500, abs=2)
    assert heard.phones[1].start == pytest.approx(0.4)
    assert heard.phones[-1].end == pytest.approx(len(heard.samples) / SAMPLE_RATE)


def test_groups(tmp_path) -> None:
    (tmp_path / "speakers.csv").write_text("speaker,sex\na,F\nb,M\nc,\n")
    sexes = read_sexes(tmp_path)
    assert sexes == {"a": "F", "b": "M"}
    assert groups_of(tone(100), sexes) == ("others", "women")
    assert read_sexes(tmp_path / "none") == {}


def test_synthetic_voices_are_not_those_of_the_corpus() -> None:
    trained = {voice.speaker for voice in VOICES}
    assert not {f"espeak-{name}" for name in UNHEARD_VOICES} & trained
    assert synthetic([tone(100)]) == ()
    if not espeak.available():
        pytest.skip("needs espeak-ng")
    spoken = synthetic([tone(100, text="The quick brown fox may jump over Bob")])
    assert [u.speaker for u in spoken] == ["espeak-RicishayMax"]
    assert spoken[0].duration > 1.0
