import numpy as np
import pytest

from rigtalk.training.corpus import flite
from rigtalk.training.corpus.utterance import Utterance
from rigtalk.training.corpus.voices import Manner, Voice

align = pytest.importorskip(
    "rigtalk.core.speech.align", reason="needs pocketsphinx", exc_type=ImportError
)


@pytest.fixture(scope="module")
def aligner() -> "align.Aligner":
    return align.Aligner()


@pytest.fixture(scope="module")
def sentence() -> Utterance:
    if not flite.available():
        pytest.skip("needs flite")
    made = flite.synthesise(
        "The brown puppy may move above the wooden table", Voice("flite", "rms", "rms"), Manner()
    )
    assert made is not None
    return made


def test_alignment_agrees_with_the_engine(aligner: "align.Aligner", sentence: Utterance) -> None:
    phones = aligner.align(sentence.samples, sentence.text)
    assert phones is not None
    assert phones[0].start == 0
    assert phones[-1].end == pytest.approx(sentence.duration)
    times = np.arange(0.005, sentence.duration, 0.01)
    found = Utterance(sentence.samples, phones, "rms", "test").symbols_at(times)
    # Against hand labels of people it is right for 3 of 4 frames; here vowels may also differ.
    agreement = np.mean([a == b for a, b in zip(found, sentence.symbols_at(times), strict=True)])
    assert agreement > 0.7
    lips = [p.start for p in phones if p.symbol in ("p", "b", "m")]
    truth = [p.start for p in sentence.phones if p.symbol in ("p", "b", "m")]
    assert len(lips) == len(truth)
    assert np.abs(np.subtract(lips, truth)).mean() < 0.03


def test_wrong_text_is_thrown_away(aligner: "align.Aligner", sentence: Utterance) -> None:
    text = "absolutely nothing of this long sentence was ever spoken by the person in the recording"
    assert aligner.align(sentence.samples, text) is None


def test_no_text_no_alignment(aligner: "align.Aligner", sentence: Utterance) -> None:
    assert aligner.align(sentence.samples, "") is None
    assert aligner.align(np.zeros(1600, np.float32), "hello there") is None


def test_unknown_words_are_spelt(aligner: "align.Aligner", sentence: Utterance) -> None:
    text = sentence.text.replace("wooden", "woodenn")
    assert aligner.align(sentence.samples, text) is not None
