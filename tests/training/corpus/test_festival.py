import pytest

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.corpus import festival
from rigtalk.training.corpus.voices import VOICES, Manner, Voice

needs_festival = pytest.mark.skipif(not festival.available(), reason="needs festival")


@needs_festival
@pytest.mark.parametrize(
    "voice", [v for v in VOICES if v.engine == "festival"], ids=lambda v: v.name
)
def test_phones_of_sentences(voice: Voice) -> None:
    texts = ['Bob "may" move', "five waves"]
    try:
        first, second = festival.synthesise_all(texts, voice, [Manner(), Manner(stretch=1.3)])
    except RigtalkError:
        pytest.skip(f"needs festival's voice {voice.name}")
    assert first is not None
    assert second is not None
    assert [p.symbol for p in first.phones][1:7] == ["b", "aa", "b", "m", "ey", "m"]
    assert {"f", "v", "w"} <= {p.symbol for p in second.phones}
    assert first.phones[-1].end == pytest.approx(first.duration)
    assert 0.5 < first.duration < 3.0


@needs_festival
def test_unknown_voice_is_refused() -> None:
    with pytest.raises(RigtalkError, match="festival failed with voice 'nobody'"):
        festival.synthesise_all(["hello"], Voice("festival", "nobody", "x"), [Manner()])


def test_missing_program_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RigtalkError, match="festival is not installed"):
        festival.synthesise_all(["hello"], Voice("festival", "kal_diphone", "kal"), [Manner()])
