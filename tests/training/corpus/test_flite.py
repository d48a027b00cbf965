import pytest

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.corpus import flite
from rigtalk.training.corpus.voices import Manner, Voice

LONG = "Every word I say moves this face."
SLT = Voice("flite", "slt", "slt")
needs_flite = pytest.mark.skipif(not flite.available(), reason="needs flite")


@needs_flite
def test_phones_of_a_sentence() -> None:
    utterance = flite.synthesise("Bob may move a puppy.", SLT, Manner())
    assert utterance is not None
    symbols = [phone.symbol for phone in utterance.phones]
    assert symbols[0] == symbols[-1] == "sil"
    assert symbols[1:7] == ["b", "aa", "b", "m", "ey", "m"]
    assert utterance.phones[-1].end == pytest.approx(utterance.duration)
    assert 1.0 < utterance.duration < 3.0


@needs_flite
def test_stretch_lengthens() -> None:
    usual = flite.synthesise("we wave", SLT, Manner())
    slow = flite.synthesise("we wave", SLT, Manner(stretch=1.5))
    assert usual is not None
    assert slow is not None
    assert slow.duration / usual.duration == pytest.approx(1.5, abs=0.15)


@needs_flite
def test_times_go_on_over_several_sentences() -> None:
    utterance = flite.synthesise(f"{LONG} {LONG}", SLT, Manner())
    assert utterance is not None
    starts = [phone.start for phone in utterance.phones if phone.symbol == "f"]
    assert len(starts) == 2
    assert starts[1] / utterance.duration > 0.6


def test_missing_program_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RigtalkError, match="flite is not installed"):
        flite.synthesise("hello", SLT, Manner())
