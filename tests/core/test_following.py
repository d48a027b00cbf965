"""A script closes the lips where its words say so, as far as they fit what is heard."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core import following
from rigtalk.core.actor import Actor, Cancelled
from rigtalk.core.audio import Clip
from rigtalk.core.direction import Direction
from rigtalk.core.errors import RigtalkError
from rigtalk.core.following import (
    BESIDE_CLOSURE,
    CERTAIN,
    ELSEWHERE,
    FITS,
    IN_CLOSURE,
    TIMED,
    follow,
    said_at,
)
from rigtalk.core.line import Line
from rigtalk.core.performance import concatenate
from rigtalk.core.script import Script
from rigtalk.core.speech.phones import SYMBOL_IDS
from rigtalk.core.speech.timing import UNKNOWN, Phone
from rigtalk.core.take import survey
from rigtalk.rigs import control_set

FPS = 50.0


def surveyed(clip: Clip) -> Line:
    return survey(clip, progress=lambda _: None, cancelled=lambda: False)


@pytest.fixture
def mama() -> Clip:
    """Quiet, then aa m aa m aa: a loud tone of 0.3 s with two dips of 0.1 s, then quiet."""
    rng = np.random.default_rng(0)
    levels = [0.0, 0.3, 0.002, 0.3, 0.002, 0.3, 0.0]
    level = np.repeat(levels, [8000, 4800, 1600, 4800, 1600, 4800, 8000])
    noise = rng.standard_normal(len(level))
    return Clip((level * noise + 1e-5 * noise).astype(np.float32))


def test_phones_of_a_long_line_do_not_depend_on_windows(
    telling: Actor, babble: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = Clip(babble)
    line = surveyed(clip)
    whole = said_at(telling.network, line, clip)
    assert whole.shape == (line.steps, 40)
    monkeypatch.setattr(following, "WINDOW", 333)
    np.testing.assert_allclose(said_at(telling.network, line, clip), whole, atol=1e-5)


@pytest.fixture
def ways(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"ama": ("aa", "m", "aa"), "ah": ("aa",), "kicks": ("k", "ih", "k", "s")}
    said["ova"] = said["ava"] = ("aa", "v", "aa")
    monkeypatch.setattr(following, "pronunciations", lambda word: (said[word],))


def test_evidence_is_where_the_words_are(telling: Actor, mama: Clip, ways: None) -> None:
    line = surveyed(mama)
    heard = said_at(telling.network, line, mama)
    loud = heard.argmax(axis=1) == SYMBOL_IDS["aa"]
    dips = heard.argmax(axis=1) == SYMBOL_IDS["m"]
    assert dips[30:60].any()
    evidence = follow(Script("ama ama!"), telling.network, line, mama).closure
    assert evidence.shape == (line.steps,)
    assert evidence.dtype == np.float32
    inside = np.flatnonzero(loud)[0], np.flatnonzero(loud)[-1]
    spoken = slice(inside[0], inside[1] + 1)
    assert evidence[spoken][dips[spoken]].min() > 1.0
    far = np.convolve(dips, np.ones(7), mode="same") == 0
    assert evidence[spoken][far[spoken]].max() < -1.0
    assert evidence[:10] == pytest.approx(ELSEWHERE[0])  # nobody speaks: nothing fits or does not
    # Without an m there is no evidence for lips that close.
    assert follow(Script("ah ah ah"), telling.network, line, mama).closure[spoken].max() < 0.5


def test_a_script_of_a_part_is_sought_there_only(telling: Actor, mama: Clip, ways: None) -> None:
    line = surveyed(mama)
    whole = said_at(telling.network, line, mama)
    part = said_at(telling.network, line, mama, first=20, last=55)
    np.testing.assert_allclose(part, whole[20:55], atol=1e-5)
    clip = Clip(np.concatenate([mama.samples, mama.samples]))
    line = surveyed(clip)
    half = len(mama.samples) / 16000
    evidence = follow(Script("ama ama", span=(half, np.inf)), telling.network, line, clip).closure
    middle = int(half * 50)
    assert not evidence[:middle].any()
    assert evidence[middle:].max() > 1.0
    everywhere = follow(Script("ama ama", span=(-5.0, 99.0)), telling.network, line, clip).closure
    np.testing.assert_array_equal(
        everywhere, follow(Script("ama ama"), telling.network, line, clip).closure
    )
    nowhere = follow(Script("ama ama", span=(99.0, 100.0)), telling.network, line, clip).closure
    assert not nowhere.any()


def test_a_script_of_another_line_says_nothing(telling: Actor, mama: Clip, ways: None) -> None:
    line = surveyed(mama)
    fits = follow(Script("ama ama"), telling.network, line, mama)
    half = follow(Script("ama kicks ama kicks"), telling.network, line, mama)
    wrong = follow(Script("kicks kicks"), telling.network, line, mama)
    assert fits.trust == 1.0
    assert fits.closure.min() < ELSEWHERE[0] - 1.0
    assert 0.0 < half.trust <= 1.0
    assert wrong.trust == 0.0
    assert not wrong.closure.any()
    assert not wrong.bite.any()


def test_how_far_words_fit() -> None:
    words = np.array([-1, 0, 0, 1, 1, -1, 2])
    agreed = np.array([-9.0, 0.0, 0.0, -FITS / 2, -FITS / 2, -9.0, -40.0])
    assert following._fits(agreed, words, 4).tolist() == [1, 0.5, 0, 0]


def test_f_and_v_are_left_to_the_ear(telling: Actor, mama: Clip, ways: None) -> None:
    line = surveyed(mama)
    known = follow(Script("ova ova"), telling.network, line, mama)
    assert (known.closure == 0.0).any()
    assert known.closure.max() == 0.0


def test_f_and_v_take_the_lip_to_the_teeth(tiny: Actor, babble: np.ndarray) -> None:
    clip = Clip(babble[: 16000 * 3])
    said = (Phone(0.0, 1.0, "aa"), Phone(1.0, 1.2, "f"), Phone(1.2, 3.0, "aa"))
    direction = Direction(script=Script(phones=said))
    network = tiny.network
    columns = control_set("arkit").indices("mouthRollLower")
    told = Actor(replace(network, bites={"arkit": (columns, np.array([0.9], np.float32))}))
    rolled = told.perform(clip, direction, fps=FPS).curve("mouthRollLower")
    assert rolled[52:58] == pytest.approx(0.9, abs=0.02)
    without = tiny.perform(clip, direction, fps=FPS).curve("mouthRollLower")
    np.testing.assert_allclose(rolled[:45], without[:45], atol=1e-6)
    np.testing.assert_allclose(rolled[65:], without[65:], atol=1e-6)
    assert np.abs(without[52:58] - 0.9).max() > 0.1


def test_words_that_fit_take_the_lip_there_too(telling: Actor, mama: Clip, ways: None) -> None:
    line = surveyed(mama)
    assert not follow(Script("ama ama"), telling.network, line, mama).bite.any()
    bite = follow(Script("ava ava"), telling.network, line, mama).bite
    assert 0.0 <= bite.min() <= bite.max() <= 1.0
    assert bite.max() > 0.3


def test_the_numbers_speak_for_closures() -> None:
    for fit in (0.0, 1.0):
        inside, beside, elsewhere = (
            base + more * fit for base, more in (IN_CLOSURE, BESIDE_CLOSURE, ELSEWHERE)
        )
        assert inside > beside > elsewhere
        assert inside > 0 > elsewhere


def test_times_of_phones_are_taken_as_they_are(telling: Actor, mama: Clip) -> None:
    line = surveyed(mama)
    phones = (
        Phone(0.2, 0.4, "aa"),
        Phone(0.4, 0.5, "b"),
        Phone(0.5, 0.6, UNKNOWN),
        Phone(0.6, 0.601, "p"),
        Phone(0.7, 99.0, "iy"),
        Phone(-5.0, -4.0, "m"),
    )
    evidence = follow(Script(phones=phones), telling.network, line, mama).closure
    inside, beside, elsewhere = TIMED
    assert evidence[:10].tolist() == [0.0] * 10
    assert evidence[10:19].tolist() == [elsewhere] * 9
    assert evidence[19:26].tolist() == [beside, inside, inside, CERTAIN, inside, inside, beside]
    assert evidence[26:29].tolist() == [0.0, 0.0, 0.0]
    assert evidence[29:32].tolist() == [beside, CERTAIN, beside]
    assert (evidence[35:] == elsewhere).all()


def test_labels_close_lips_that_the_ear_left_open(tiny: Actor, babble: np.ndarray) -> None:
    clip = Clip(babble[: 16000 * 3])
    at = Script(phones=(Phone(0.0, 1.0, "aa"), Phone(1.0, 1.2, "m"), Phone(1.2, 3.0, "aa")))
    plain = tiny.perform(clip, fps=FPS)
    told = tiny.perform(clip, Direction(script=at), fps=FPS)
    gap = told.curve("jawOpen") - told.curve("mouthClose")
    assert gap[54:57].max() < 1e-3
    assert (plain.curve("jawOpen") - plain.curve("mouthClose"))[54:57].max() > 0.1
    # Where the network closed the lips by itself and the labels do not, they now stay apart.
    before = plain.curve("jawOpen") - plain.curve("mouthClose")
    opened = (before[10:45] < 1e-3) & (gap[10:45] > 0.02)
    assert opened.any()


def test_a_part_and_windows_are_as_in_the_whole(telling: Actor, babble: np.ndarray) -> None:
    clip = Clip(babble[: 16000 * 12])
    direction = Direction({"joy": 0.5}, script=Script("mama mama map ah mama"))
    whole = telling.perform(clip, direction, fps=FPS)
    assert (
        np.abs(whole.values - telling.perform(clip, Direction({"joy": 0.5}), fps=FPS).values).max()
        > 0.05
    )
    part = telling.perform(clip, direction, fps=FPS, span=(4.0, 6.5))
    np.testing.assert_array_equal(part.values, whole.between(4.0, 6.5).values)
    streamed = concatenate(telling.stream(clip, direction, fps=FPS, window=3.0))
    np.testing.assert_allclose(streamed.values, whole.values, atol=1e-5)
    layers = telling.perform_layers(clip, direction, fps=FPS)
    total = sum(layer.values for layer in layers.values())
    np.testing.assert_allclose(whole.controls.clip(total), whole.values, atol=1e-5)


def test_an_actor_that_does_not_tell_phones(tiny: Actor, babble: np.ndarray) -> None:
    with pytest.raises(RigtalkError, match="this actor cannot follow a script"):
        tiny.perform(Clip(babble[:16000]), Direction(script=Script("hello")))


@pytest.mark.parametrize("text", ["!!!", "[laughs]...", "日本語", "\u200b"])
def test_a_script_without_words(telling: Actor, mama: Clip, text: str) -> None:
    with pytest.raises(RigtalkError, match="the script has no words in it"):
        telling.perform(mama, Direction(script=Script(text)))


@pytest.mark.parametrize("seconds", [0.01, 0.1, 1.0])
def test_scripts_longer_than_the_recording(telling: Actor, babble: np.ndarray, seconds: float):
    clip = Clip(babble[: int(16000 * seconds)])
    said = Direction(script=Script("baby " * 200))
    performance = telling.perform(clip, said)
    assert np.isfinite(performance.values).all()


def test_cancelling_while_following(telling: Actor, babble: np.ndarray) -> None:
    clip = Clip(babble)
    asked = 0

    def asks() -> bool:
        nonlocal asked
        asked += 1
        return asked > surveys

    surveys = 10**9
    survey(clip, progress=lambda _: None, cancelled=asks)
    surveys, asked = asked, 0
    done: list[float] = []
    with pytest.raises(Cancelled):
        telling.perform(
            clip, Direction(script=Script("mama")), cancelled=asks, progress=done.append
        )
    assert max(done) <= 0.15  # nothing was performed


def test_the_embedded_line_with_its_text(root: Path, line: Path) -> None:
    """The actor that ships follows the script that ships."""
    text = (root / "core" / "data" / "line.txt").read_text()
    actor = Actor.load()
    told = actor.perform(line, Direction(script=Script(text)), fps=FPS)
    assert actor.network.tells_phones
    gap = told.curve("jawOpen") - told.curve("mouthClose")
    sealed = np.flatnonzero(np.diff((gap < 1e-3).astype(int)) == 1)
    # moves meet map(2) baby(2) bubble(2) above; pauses also begin with lips that meet.
    assert len(sealed) >= 9
