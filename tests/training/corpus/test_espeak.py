import numpy as np
import pytest

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.corpus import espeak
from rigtalk.training.corpus.utterance import SAMPLE_RATE, Utterance
from rigtalk.training.corpus.voices import VOICES, Manner, Voice

pytestmark = pytest.mark.skipif(
    not espeak.available(), reason="needs espeak-ng (libespeak-ng1, espeak-ng-data)"
)
US = Voice("espeak", "en-us", "espeak-default")


def test_phones_of_a_sentence(spoken: Utterance) -> None:
    symbols = [phone.symbol for phone in spoken.phones if phone.symbol != "sil"]
    assert symbols[:6] == ["b", "aa", "b", "m", "ey", "m"]
    assert symbols[-5:] == ["p", "ah", "p", "iy"][-5:] or symbols[-4:] == ["p", "ah", "p", "iy"]
    assert spoken.phones[0].start == 0
    assert spoken.phones[-1].end == pytest.approx(spoken.duration)
    assert any(phone.stress == 1 for phone in spoken.phones)


def test_stops_begin_with_silent_lips() -> None:
    utterance = espeak.synthesise("a happy puppy popped up", US, Manner())
    assert utterance is not None
    loud = np.sqrt((utterance.samples**2).mean())
    quiet = []
    for phone in utterance.phones[2:]:
        if phone.symbol == "p":
            first = int((phone.start + 0.010) * SAMPLE_RATE)
            quiet.append(np.sqrt((utterance.samples[first : first + 320] ** 2).mean()) / loud)
    assert len(quiet) >= 5
    # The closure before the burst belongs to the stop: 26 dB below the speech around it.
    assert np.median(quiet) < 0.05


def test_manner_changes_duration_and_pitch(spoken: Utterance) -> None:
    slow = espeak.synthesise(spoken.text, US, Manner(stretch=1.4))
    high = espeak.synthesise(spoken.text, US, Manner(pitch=1.4))
    assert slow is not None
    assert high is not None
    assert slow.duration / spoken.duration == pytest.approx(1.4, abs=0.2)
    assert not np.array_equal(high.samples[:8000], spoken.samples[:8000])


def test_other_languages_speak() -> None:
    for voice in (v for v in VOICES if v.engine == "espeak" and v.language in ("de", "cmn")):
        text = {"de": "Blume und Vater", "cmn": "妈妈 朋友"}[voice.language]
        utterance = espeak.synthesise(text, voice, Manner())
        assert utterance is not None
        assert {"m", "f"} & {phone.symbol for phone in utterance.phones}


def test_every_voice_is_there() -> None:
    for voice in VOICES:
        if voice.engine == "espeak":
            espeak.pronounce("a", voice=voice.name)


def test_nothing_to_say_gives_nothing() -> None:
    assert espeak.synthesise("", US, Manner()) is None


def test_unknown_voice_is_refused() -> None:
    with pytest.raises(RigtalkError, match="no voice 'xx-nowhere'"):
        espeak.synthesise("hello", Voice("espeak", "xx-nowhere", "nobody"), Manner())
