import numpy as np

from rigtalk.core.direction import Direction
from rigtalk.core.layers.gaze import COUNTER, Gaze
from rigtalk.core.prosody import Prosody

TIMES = np.arange(0, 120, 1 / 120)
STILL = {"headYaw": np.zeros(len(TIMES)), "headPitch": np.zeros(len(TIMES))}


def gaze(strength: float = 1.0) -> Gaze:
    loudness = np.where(np.arange(12000) % 400 < 320, 0.9, 0.0).astype(np.float32)
    return Gaze(
        Prosody(loudness), Direction(strength={"gaze": strength}), rng=np.random.default_rng(0)
    )


def test_saccades_and_fixations():
    curves = gaze().curves(TIMES, STILL)
    speed = (
        np.degrees(np.hypot(np.diff(curves["leftEyeYaw"]), np.diff(curves["leftEyePitch"]))) * 120
    )
    assert np.mean(speed < 1.0) > 0.85  # most of the time an eye rests on something
    assert 60 < speed.max() < 700  # people reach 500 degrees a second
    jumps = np.count_nonzero((speed[1:] > 20) & (speed[:-1] <= 20)) / 120
    assert 0.4 < jumps < 2.5  # a second


def test_looks_at_the_listener():
    curves = gaze().curves(TIMES, STILL)
    for name in ("leftEyeYaw", "leftEyePitch"):
        degrees = np.degrees(curves[name])
        assert abs(np.median(degrees)) < 1.5
        assert np.percentile(np.abs(degrees), 60) < 4
        assert np.abs(degrees).max() < 25


def test_both_eyes_look_at_one_thing():
    curves = gaze().curves(TIMES, STILL)
    np.testing.assert_array_equal(curves["eyeLookInLeft"], curves["eyeLookOutRight"])
    right = curves["leftEyeYaw"] > 0.02  # yaw is positive to the character's right
    assert (curves["eyeLookInLeft"][right] > 0).all()
    assert not curves["eyeLookOutLeft"][right].any()


def test_lids_follow():
    curves = gaze().curves(TIMES, STILL)
    down = curves["eyeLookDownLeft"] > 0.05
    assert down.any()
    assert (curves["eyeBlinkLeft"][down] > 0.02).all()
    assert not curves["eyeWideLeft"][down].any()


def test_eyes_hold_their_target_when_the_head_turns():
    turned = {"headYaw": np.full(len(TIMES), 0.1), "headPitch": np.zeros(len(TIMES))}
    moved = gaze().curves(TIMES, turned)["leftEyeYaw"] - gaze().curves(TIMES, STILL)["leftEyeYaw"]
    np.testing.assert_allclose(np.median(moved), -COUNTER * 0.1, atol=1e-6)
