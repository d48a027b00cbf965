from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.actor import Actor, Cancelled
from rigtalk.core.audio import Clip, open_audio, read_clip
from rigtalk.core.direction import EMOTIONS, Direction
from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import concatenate
from rigtalk.rigs import control_set, control_set_names

MOVED = Direction(keys=((0.0, {"joy": 0.1}), (9.0, {"joy": 0.9, "fear": 0.4})), seed=3)


@pytest.fixture(scope="module")
def embedded() -> Actor:
    return Actor.load()


@pytest.mark.parametrize("rig", control_set_names())
@pytest.mark.parametrize("window", [0.5, 1.7, 7.0])
def test_windows_leave_no_seam(tiny: Actor, babble: np.ndarray, rig: str, window: float):
    clip = Clip(babble[: 16000 * 12])
    whole = concatenate(tiny.stream(clip, MOVED, rig=rig, window=1000.0))
    parts = list(tiny.stream(clip, MOVED, rig=rig, window=window))
    assert len(parts) == int(np.ceil(12 / window + 1e-3))
    joined = concatenate(parts)
    np.testing.assert_allclose(joined.values, whole.values, atol=1e-4)


SPANS = [(0.0, 5.0), (17.3, 22.4), (19.95, 20.05), (21.0, 26.0), (39.0, 99.0), (-3.0, 0.5)]


@pytest.mark.parametrize("rig", ["arkit", "metahuman-board"])
@pytest.mark.parametrize("fps", [24000 / 1001, 60])
def test_a_span_is_a_part_of_the_whole(tiny: Actor, babble: np.ndarray, rig: str, fps: float):
    clip = Clip(babble)
    whole = tiny.perform(clip, MOVED, rig=rig, fps=fps)
    for span in SPANS:
        part, expected = (
            tiny.perform(clip, MOVED, rig=rig, fps=fps, span=span),
            whole.between(*span),
        )
        assert part.start == expected.start
        np.testing.assert_array_equal(part.values, expected.values)


def test_a_span_of_layers(tiny: Actor, babble: np.ndarray):
    clip = Clip(babble)
    whole = tiny.perform_layers(clip, MOVED)
    for name, part in tiny.perform_layers(clip, MOVED, span=(17.3, 22.4)).items():
        np.testing.assert_array_equal(part.values, whole[name].between(17.3, 22.4).values)


def test_a_span_performs_only_what_it_needs(tiny: Actor, babble: np.ndarray):
    steps: list[int] = []

    class Counted(type(tiny.network)):
        def run(self, heard, emotion, *, control_set):
            steps.append(len(emotion))
            return super().run(heard, emotion, control_set=control_set)

    seen: list[float] = []
    actor = Actor(Counted(**vars(tiny.network)))
    long = Clip(np.tile(babble, 4))  # 160 s
    actor.perform(long, span=(125.0, 130.0), progress=seen.append)
    assert sum(steps) < 25 * 50
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    "span", [(5.0, 5.0), (6.0, 5.0), (60.0, 65.0), (-5.0, -1.0), (1.001, 1.002), (np.nan, np.nan)]
)
def test_a_span_that_holds_nothing(tiny: Actor, babble: np.ndarray, span: tuple[float, float]):
    with pytest.raises(RigtalkError, match="there is no frame of the line"):
        tiny.perform(Clip(babble), span=span)


def test_a_long_recording_is_not_kept_and_is_the_same(tiny: Actor, babble: np.ndarray, sound):
    long = np.tile(babble, 2)  # 80 s: read and worked out twice
    path = sound("long.wav", long, subtype="FLOAT")
    streamed = concatenate(tiny.stream(open_audio(path), MOVED, fps=30, window=5.0))
    whole = concatenate(tiny.stream(Clip(long), MOVED, fps=30, window=1000.0))
    np.testing.assert_allclose(streamed.values, whole.values, atol=1e-4)


def test_the_embedded_actor_has_no_seam(embedded: Actor, line: Path):
    clip = read_clip(line)
    whole = embedded.perform(clip, MOVED)
    joined = concatenate(embedded.stream(clip, MOVED, window=1.0))
    np.testing.assert_allclose(joined.values, whole.values, atol=1e-4)


@pytest.mark.parametrize("fps", [24, 25, 30])
@pytest.mark.parametrize("rig", ["arkit", "metahuman"])
def test_every_rate_gives_the_same_motion(tiny: Actor, babble: np.ndarray, fps: int, rig: str):
    clip = Clip(babble[:160000])
    fine = tiny.perform(clip, MOVED, fps=fps * 4, rig=rig)
    coarse = tiny.perform(clip, MOVED, fps=fps, rig=rig)
    np.testing.assert_allclose(coarse.values, fine.values[::4][: len(coarse)], atol=1e-5)
    assert coarse.times[-1] >= clip.duration


def test_the_rate_of_television(tiny: Actor, babble: np.ndarray):
    clip = Clip(babble[:160000])
    fps = 30000 / 1001
    given = tiny.perform(clip, fps=fps)
    assert given.fps == fps
    fine = tiny.perform(clip, fps=480)
    np.testing.assert_allclose(given.values, fine.at(given.times), atol=0.03)


def test_closures_seal_at_every_rate(tiny: Actor, babble: np.ndarray):
    # Level dips to a sure closure between the syllables; 4 a second while somebody speaks.
    clip = Clip(babble[: 16000 * 4])
    for fps in (24, 25, 30000 / 1001, 30, 60):
        given = tiny.perform(clip, fps=fps)
        jaw, close = given.curve("jawOpen"), given.curve("mouthClose")
        sealed = np.abs(jaw - close) < 1e-6
        runs = np.count_nonzero(np.diff(sealed.astype(int)) == 1)
        assert runs >= 12


def test_silence_rests_blinks_and_breathes(tiny: Actor, embedded: Actor):
    for actor in (tiny, embedded):
        given = actor.perform(Clip(np.zeros(16000 * 20, dtype=np.float32)))
        assert np.abs(given.curve("jawOpen") - given.curve("mouthClose")).max() < 1e-6
        assert given.curve("jawOpen").max() < 0.3
        for name in ("mouthFunnel", "mouthLowerDownLeft", "mouthUpperUpRight"):
            assert not given.curve(name).any()
        assert given.curve("eyeBlinkLeft").max() > 0.9
        assert np.ptp(given.curve("headPitch")) > 0.005
        assert np.ptp(given.curve("noseSneerLeft")) > 0.01


def test_hiss_is_silence(tiny: Actor):
    hiss = 1e-6 * np.random.default_rng(0).standard_normal(32000)
    given = tiny.perform(Clip(hiss.astype(np.float32)))
    assert np.abs(given.curve("jawOpen") - given.curve("mouthClose")).max() < 1e-6


@pytest.mark.parametrize("samples", [1, 159, 160, 320, 800, 1600, 5000])
def test_very_short_sounds(tiny: Actor, embedded: Actor, samples: int):
    for actor in (tiny, embedded):
        clip = Clip(np.full(samples, 0.1, dtype=np.float32))
        given = actor.perform(clip, fps=24)
        assert given.times[-1] >= clip.duration
        assert len(given) == int(np.ceil(clip.duration * 24 - 1e-6)) + 1


def test_values_are_in_range(tiny: Actor, babble: np.ndarray):
    loud = Direction(
        emotions=dict.fromkeys(EMOTIONS, 1.0),
        strength=dict.fromkeys(("mouth", "jaw", "brows", "head", "gaze"), 2.0),
    )
    for rig in control_set_names():
        controls = control_set(rig)
        given = tiny.perform(Clip(babble[:80000]), loud, rig=rig)
        assert (given.values >= controls.lows).all()
        assert (given.values <= controls.highs).all()


def test_strengths(tiny: Actor, babble: np.ndarray):
    clip = Clip(babble[:80000])
    controls = control_set("arkit")
    plain = tiny.perform(clip)
    off = tiny.perform(
        clip, Direction(strength=dict.fromkeys(("mouth", "jaw", "brows", "cheeks", "head"), 0.0))
    )
    still = np.r_[controls.in_region("jaw", "mouth"), controls.indices("browInnerUp", "headYaw")]
    assert plain.values[:, still].max() > 0.2
    assert off.values[:, still].max() < 0.03  # breath, behind closed lips
    half = tiny.perform(clip, Direction(strength={"brows": 0.5, "blinks": 0.0}))
    full = tiny.perform(clip, Direction(strength={"blinks": 0.0}))
    np.testing.assert_allclose(half.curve("browInnerUp"), full.curve("browInnerUp") / 2, atol=1e-6)


def test_seeds(tiny: Actor, babble: np.ndarray):
    clip = Clip(babble[:160000])
    a, b = (tiny.perform(clip, Direction(seed=4)) for _ in range(2))
    np.testing.assert_array_equal(a.values, b.values)
    other = tiny.perform(clip, Direction(seed=5))
    lips = control_set("arkit").in_region("jaw", "mouth")
    np.testing.assert_allclose(other.values[:, lips], a.values[:, lips], atol=0.02)  # breath
    assert np.abs(other.curve("eyeBlinkLeft") - a.curve("eyeBlinkLeft")).max() > 0.9


def test_the_rigs_tell_one_take(tiny: Actor, babble: np.ndarray):
    clip = Clip(babble[:160000])
    arkit = tiny.perform(clip).curve("eyeBlinkLeft")
    metahuman = tiny.perform(clip, rig="metahuman").curve("CTRL_expressions_eyeBlinkL")
    np.testing.assert_allclose(arkit, metahuman, atol=1e-5)


def test_progress_rises_to_one(tiny: Actor, babble: np.ndarray):
    seen: list[float] = []
    list(tiny.stream(Clip(babble), window=4.0, progress=seen.append))
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)
    assert len(seen) > 10


@pytest.mark.parametrize("patience", [0, 1, 4])
def test_cancelling(tiny: Actor, babble: np.ndarray, patience: int):
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > patience

    with pytest.raises(Cancelled):
        list(tiny.stream(Clip(babble), window=4.0, cancelled=cancelled))


def test_a_path_a_clip_and_a_source_are_one(tiny: Actor, line: Path):
    a = tiny.perform(line)
    for audio in (str(line), read_clip(line), open_audio(line)):
        # A block of another length takes another path through the matrix product.
        np.testing.assert_allclose(tiny.perform(audio).values, a.values, atol=1e-5)


def test_complaints(tiny: Actor, line: Path):
    with pytest.raises(RigtalkError, match="unknown rig 'arkitt'"):
        tiny.perform(line, rig="arkitt")
    with pytest.raises(RigtalkError, match="fps is 0"):
        tiny.perform(line, fps=0)
    with pytest.raises(RigtalkError, match="no such file"):
        tiny.perform("nowhere.wav")


def test_closure_threshold_is_the_actors(tiny: Actor, babble: np.ndarray):
    clip = Clip(babble[:80000])
    eager = Actor(replace(tiny.network, closure_threshold=0.002))

    def sealed(actor: Actor) -> float:
        given = actor.perform(clip, fps=100)
        return float(np.mean(np.abs(given.curve("jawOpen") - given.curve("mouthClose")) < 1e-6))

    assert sealed(eager) > sealed(tiny) + 0.02
