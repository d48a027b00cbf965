import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import Performance, concatenate, frame_count
from rigtalk.rigs import control_set

ARKIT = control_set("arkit")
JAW = ARKIT.index("jawOpen")


def smooth(fps: float, seconds: float = 4.0, start: float = 0.0) -> Performance:
    """Curves of a few hertz, as faces move."""
    times = start + np.arange(round(seconds * fps)) / fps
    phases = np.arange(len(ARKIT))
    values = 0.5 + 0.45 * np.sin(2 * np.pi * (0.5 + phases % 5 * 0.5) * times[:, None] + phases)
    return Performance(
        values * (ARKIT.highs > 0.99) * np.minimum(ARKIT.highs, 1), fps, ARKIT, start
    )


def test_times_and_duration():
    performance = smooth(50.0, 2.0, start=3.0)
    assert len(performance) == 100
    assert performance.duration == 2.0
    assert performance.end == 5.0
    assert performance.times[1] == pytest.approx(3.02)
    assert performance.values.dtype == np.float32


@pytest.mark.parametrize("fps", [24, 25, 30000 / 1001, 30, 48, 60, 120])
def test_every_rate_gives_the_same_motion(fps: float):
    source = smooth(50.0)
    given = source.resampled(fps)
    assert given.fps == fps
    times = given.times
    truth = 0.5 + 0.45 * np.sin(2 * np.pi * 0.5 * times)
    # A 50 Hz spline through 2.5 Hz at most: its error is below 1 % of full scale.
    assert np.abs(given.values[:, 0] - truth).max() < 0.01
    assert abs(given.duration - source.duration) <= max(1 / fps, 1 / 50) + 1e-9


def test_rates_agree_where_their_frames_coincide():
    source = smooth(60.0)
    for low in (24, 30):
        coarse = source.resampled(low)
        step = {24: (5, 2), 30: (2, 1)}[low]
        np.testing.assert_array_equal(
            source.values[:: step[0]], coarse.values[:: step[1]][: len(source.values[:: step[0]])]
        )
    a, b = source.resampled(24), source.resampled(25)
    np.testing.assert_allclose(a.values[::24], b.values[::25], atol=1e-6)


def test_there_and_back_again():
    source = smooth(30.0)
    back = source.resampled(120.0).resampled(30.0)
    np.testing.assert_array_equal(back.values, source.values)


def test_interpolation_never_leaves_its_neighbours():
    values = np.zeros((40, len(ARKIT)), dtype=np.float32)
    values[10:20, JAW] = 1.0  # a step: a plain Catmull-Rom spline would overshoot by 7 %
    fine = Performance(values, 50, ARKIT).resampled(1000)
    assert fine.curve("jawOpen").min() == 0.0
    assert fine.curve("jawOpen").max() == 1.0


def test_lips_that_are_together_stay_together():
    rng = np.random.default_rng(0)
    values = np.zeros((100, len(ARKIT)), dtype=np.float32)
    values[:, JAW] = values[:, ARKIT.index("mouthClose")] = rng.random(100)
    other = Performance(values, 50, ARKIT).resampled(24)
    np.testing.assert_array_equal(other.curve("jawOpen"), other.curve("mouthClose"))


def test_held_outside():
    performance = smooth(50.0, 1.0)
    far = performance.at(np.array([-5.0, 99.0]))
    np.testing.assert_array_equal(far, performance.values[[0, -1]])


def test_between_cuts_by_time():
    performance = smooth(30.0, 3.0, start=0.1)
    part = performance.between(0.1 + 0.2, 1.1)  # 0.1 + 0.2 is not 0.3 to the last bit
    assert part.start == pytest.approx(0.3)
    assert len(part) == 24
    np.testing.assert_array_equal(part.values, performance.values[6:30])
    assert len(performance.between(50, 60)) == 0


def test_parts_join_to_the_whole():
    performance = smooth(24.0)
    parts = [performance.between(a, a + 1.5) for a in (0.0, 1.5, 3.0)]
    joined = concatenate(parts)
    np.testing.assert_array_equal(joined.values, performance.values)
    with pytest.raises(RigtalkError, match="end to start"):
        concatenate([parts[0], parts[2]])
    with pytest.raises(RigtalkError, match="no performance"):
        concatenate([])


def test_regions():
    performance = smooth(30.0)
    jaw = performance.selected("jaw")
    assert jaw.curve("jawOpen").any()
    assert not jaw.curve("mouthSmileLeft").any()
    scaled = performance.scaled({"jaw": 0.5, "brows": 2.0})
    np.testing.assert_allclose(scaled.curve("jawOpen"), 0.5 * performance.curve("jawOpen"))
    assert scaled.curve("browInnerUp").max() == 1.0
    np.testing.assert_array_equal(scaled.curve("eyeBlinkLeft"), performance.curve("eyeBlinkLeft"))
    with pytest.raises(RigtalkError, match="unknown region 'jaws'"):
        performance.selected("jaws")


def test_conversion_to_another_rig():
    values = np.zeros((3, len(ARKIT)), dtype=np.float32)
    values[1, JAW] = 0.6
    metahuman = Performance(values, 30, ARKIT).to("metahuman")
    assert metahuman.controls.name == "metahuman"
    np.testing.assert_allclose(metahuman.curve("CTRL_expressions_jawOpen"), [0, 0.6, 0], atol=1e-6)


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf"), 1001])
def test_impossible_rates(fps: float):
    with pytest.raises(RigtalkError, match="fps is"):
        smooth(30.0).resampled(fps)


def test_impossible_values():
    with pytest.raises(RigtalkError, match=r"\(frames, 61\)"):
        Performance(np.zeros((4, 60)), 30, ARKIT)
    values = np.zeros((4, 61))
    values[2, JAW] = np.nan
    with pytest.raises(RigtalkError, match="jawOpen is not a number at frame 2"):
        Performance(values, 30, ARKIT)
    with pytest.raises(RigtalkError, match="start"):
        Performance(np.zeros((4, 61)), 30, ARKIT, start=np.inf)


@pytest.mark.parametrize(
    ("duration", "fps", "count"), [(1.0, 60, 61), (1.01, 60, 62), (0.05, 24, 3), (0.1, 30, 4)]
)
def test_frames_reach_the_end_of_the_sound(duration: float, fps: float, count: int):
    assert frame_count(duration, fps) == count
    assert (count - 1) / fps >= duration - 1e-6
