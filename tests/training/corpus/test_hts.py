import numpy as np
import pytest

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.corpus import hts
from rigtalk.training.corpus.utterance import SAMPLE_RATE, Utterance
from rigtalk.training.corpus.voices import VOICES, Manner, Voice

needs_hts = pytest.mark.skipif(
    not hts.available(), reason="needs festival, festvox-us-slt-hts and htsengine"
)
TEXT = "We saw the father eat three of the very good apples on Monday morning."


def say(body: str, manner: Manner = Manner()) -> Utterance:  # noqa: B008 -- frozen
    (said,) = hts.synthesise_all([TEXT], Voice("hts", body, f"slt-{body}"), [manner])
    assert said is not None
    return said


def pitch(samples: np.ndarray) -> float:
    """Median of the pitch by autocorrelation, Hz."""
    found = []
    for start in range(0, len(samples) - 800, 800):
        frame = samples[start : start + 800] - samples[start : start + 800].mean()
        if frame.std() < 0.03:
            continue
        correlation = np.correlate(frame, frame, "full")[799:]
        lag = 40 + int(correlation[40:230].argmax())
        if correlation[lag] > 0.5 * correlation[0]:
            found.append(SAMPLE_RATE / lag)
    return float(np.median(found))


def spectrum(samples: np.ndarray) -> np.ndarray:
    """Smoothed long-term spectrum in dB at 400, 420 ... 5000 Hz."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, 512)[::160] * np.hanning(512)
    level = 10 * np.log10((np.abs(np.fft.rfft(frames)) ** 2).mean(axis=0) + 1e-12)
    smooth = np.convolve(level, np.ones(7) / 7, "same")
    return np.interp(np.arange(400, 5000, 20), np.arange(257) * SAMPLE_RATE / 512, smooth)


@needs_hts
def test_phones_of_a_sentence_lie_in_the_sound() -> None:
    said = say("girl")
    symbols = [phone.symbol for phone in said.phones if phone.symbol != "sil"]
    assert symbols[:4] == ["w", "iy", "s", "ao"]
    assert said.phones[-1].end == pytest.approx(said.duration)
    assert said.speaker == "slt-girl"
    assert any(phone.stress == 1 for phone in said.phones)
    loud = np.sqrt((said.samples**2).mean())
    spoken = [phone for phone in said.phones if phone.symbol != "sil"]
    first, last = (int(t * SAMPLE_RATE) for t in (spoken[0].start, spoken[-1].end))
    assert np.sqrt((said.samples[: first - 160] ** 2).mean()) < 0.05 * loud
    assert np.sqrt((said.samples[last + 800 :] ** 2).mean()) < 0.05 * loud


@needs_hts
def test_bodies_differ_in_pitch_and_formants() -> None:
    voices = {body: say(body).samples for body in ("child", "alto", "bass")}
    measured = {body: pitch(samples) for body, samples in voices.items()}
    assert measured["bass"] < 110 < measured["alto"] < 175 < measured["child"]
    shapes = {body: spectrum(samples) for body, samples in voices.items()}
    hertz = np.arange(400, 5000, 20)

    def raised(body: str) -> float:
        """Factor by which the formants of a body lie above the alto's."""
        scales = np.arange(0.75, 1.35, 0.01)
        moved = [np.interp(hertz / scale, hertz, shapes["alto"]) for scale in scales]
        fits = [np.corrcoef(one[30:150], shapes[body][30:150])[0, 1] for one in moved]
        return float(scales[int(np.argmax(fits))])

    assert raised("child") > 1.08
    assert raised("bass") < 0.93


@needs_hts
def test_manner_changes_rate_and_pitch() -> None:
    usual, slow = say("alto"), say("alto", Manner(stretch=1.3))
    assert slow.duration / usual.duration == pytest.approx(1.3, abs=0.08)
    high = say("alto", Manner(pitch=1.2))
    assert pitch(high.samples) / pitch(usual.samples) == pytest.approx(1.2, abs=0.06)


@needs_hts
def test_signs_are_read_over_and_nothing_gives_nothing() -> None:
    voice = Voice("hts", "alto", "slt-alto")
    said, empty = hts.synthesise_all(['Bob "may" (move)', ""], voice, [Manner(), Manner()])
    assert said is not None
    assert [p.symbol for p in said.phones][1:7] == ["b", "aa", "b", "m", "ey", "m"]
    assert empty is None


@needs_hts
def test_unknown_body_is_refused() -> None:
    with pytest.raises(RigtalkError, match="no HTS body 'ghost'"):
        hts.synthesise_all(["hello"], Voice("hts", "ghost", "x"), [Manner()])


def test_missing_program_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RigtalkError, match="HTS voices are not installed"):
        hts.synthesise_all(["hello"], Voice("hts", "alto", "x"), [Manner()])


def test_every_voice_has_a_body() -> None:
    assert {voice.name for voice in VOICES if voice.engine == "hts"} == set(hts.BODIES)
