"""ARKit weights as expressions and back: known values, bounds, and agreement with a slow solver."""

import json

import numpy as np
import pytest

from rigtalk.rigs import control_set, mapping

ARKIT = control_set("arkit")
METAHUMAN = control_set("metahuman")
PREFIX = "CTRL_expressions_"


def _expressions(**weights):
    values = np.zeros(len(ARKIT))
    for name, value in weights.items():
        values[ARKIT.index(name)] = value
    made = mapping("arkit", "metahuman").apply(values)
    return {METAHUMAN.names[i].removeprefix(PREFIX): made[i] for i in np.flatnonzero(made)}


def _weights(**expressions):
    values = np.zeros(len(METAHUMAN))
    for name, value in expressions.items():
        values[METAHUMAN.index(PREFIX + name)] = value
    made = mapping("metahuman", "arkit").apply(values)
    return {ARKIT.names[i]: made[i] for i in np.flatnonzero(np.abs(made) > 1e-6)}


def test_every_weight_moves_what_the_public_pose_asset_moves(shared_data):
    names = json.loads((shared_data / "metahuman" / "names.json").read_text())
    for pascal, pose in names["arkit_to_expressions"].items():
        made = _expressions(**{pascal[0].lower() + pascal[1:]: 1.0})
        published = {name.removeprefix(PREFIX): value for name, value in pose.items()}
        # The asset's noise, left out of our table: see its head.
        if pascal != "BrowInnerUp":
            published.pop("browLateralL", None)
        published.pop("tongueRight", None)
        assert made.keys() == published.keys(), pascal
        for name, value in made.items():
            # 0.998 to 0.999 are written as 1 in our table.
            assert value == pytest.approx(published[name], abs=2.1e-3), (pascal, name)


def test_lips_come_together_by_the_share_of_the_jaw():
    made = _expressions(jawOpen=0.6, mouthClose=0.3)
    quarters = {f"mouthLipsTogether{quarter}" for quarter in ("UL", "UR", "DL", "DR")}
    assert made.keys() == quarters | {"jawOpen"}
    assert all(made[name] == pytest.approx(0.5, abs=1e-6) for name in quarters)
    assert _expressions(jawOpen=0.2, mouthClose=0.5)["mouthLipsTogetherUL"] == 1.0


def test_without_a_gap_there_is_nothing_to_close_and_nothing_jumps():
    assert not _expressions(mouthClose=0.5)
    jaw = np.linspace(0.0, 0.01, 1001)
    values = np.zeros((len(jaw), len(ARKIT)))
    values[:, ARKIT.index("jawOpen")] = jaw
    values[:, ARKIT.index("mouthClose")] = jaw / 2
    together = mapping("arkit", "metahuman").apply(values)[
        :, METAHUMAN.index(PREFIX + "mouthLipsTogetherUL")
    ]
    # The fade takes up to 0.001 of jawOpen, 100 steps here: no step may be more than a few of them.
    assert np.abs(np.diff(together)).max() < 0.02
    assert together[0] == 0.0
    np.testing.assert_allclose(together[jaw >= 0.001], 0.5, atol=1e-5)


def test_left_and_right_are_treated_alike(random_frames):
    there, back = mapping("arkit", "metahuman"), mapping("metahuman", "arkit")
    weights = random_frames.uniform(ARKIT.lows, ARKIT.highs, (50, len(ARKIT)))
    np.testing.assert_allclose(
        there.apply(ARKIT.mirrored(weights)), METAHUMAN.mirrored(there.apply(weights)), atol=1e-6
    )
    expressions = random_frames.random((50, len(METAHUMAN)))
    np.testing.assert_allclose(
        back.apply(METAHUMAN.mirrored(expressions)),
        ARKIT.mirrored(back.apply(expressions)),
        # The sides are solved one after the other, to within the error of the solve.
        atol=1e-4,
    )


def test_what_a_weight_moves_stays_in_its_region():
    for weight in ARKIT.controls[:52]:
        if weight.name == "mouthClose":
            continue
        for name in _expressions(**{weight.name: 1.0}):
            expression = METAHUMAN.controls[METAHUMAN.index(PREFIX + name)]
            assert expression.region == weight.region, (weight.name, name)


def test_expressions_without_a_weight_become_the_nearest_weights():
    assert _weights(mouthSharpCornerPullL=0.5) == {"mouthSmileLeft": pytest.approx(0.3)}
    assert _weights(eyeFaceScrunchR=1.0) == {
        "eyeSquintRight": pytest.approx(0.6),
        "cheekSquintRight": pytest.approx(0.6),
        "noseSneerRight": pytest.approx(0.3),
    }
    assert _weights(mouthCornerPullL=1.0, mouthSharpCornerPullL=1.0)["mouthSmileLeft"] == 1.0


def test_gaze_comes_back_with_angles():
    made = _weights(eyeLookLeftL=0.5, eyeLookLeftR=0.5)
    # Both eyes look to the character's left: the left eye outwards, the right eye inwards, yaw < 0.
    assert made["eyeLookOutLeft"] == pytest.approx(0.5)
    assert made["eyeLookInRight"] == pytest.approx(0.5)
    assert made["leftEyeYaw"] == pytest.approx(-0.3325)
    assert made["rightEyeYaw"] == pytest.approx(-0.225)


def test_angles_of_the_eyes_agree_with_a_recording(live_link):
    back = mapping("metahuman", "arkit").apply(mapping("arkit", "metahuman").apply(live_link))
    for name, tolerance in [("leftEyePitch", 0.005), ("rightEyePitch", 0.005)]:
        error = back[:, ARKIT.index(name)] - live_link[:, ARKIT.index(name)]
        assert np.sqrt(np.mean(error**2)) < tolerance
    for name in ("leftEyeYaw", "rightEyeYaw"):
        column = ARKIT.index(name)
        assert np.corrcoef(back[:, column], live_link[:, column])[0, 1] > 0.9


def test_the_solve_agrees_with_a_bounded_least_squares_solver(random_frames):
    """The slow twin takes frames one by one; expressions below 1, so that nothing is cut off."""
    optimize = pytest.importorskip("scipy.optimize", reason="the slow twin is a solver of scipy")
    columns = [i for i in range(52) if ARKIT.names[i] != "mouthClose"]
    poses = mapping("arkit", "metahuman").apply(np.eye(len(ARKIT)))[columns].astype(np.float64)
    moved = poses.any(axis=0)
    expressions = np.zeros((20, len(METAHUMAN)))
    expressions[:, moved] = random_frames.random((20, int(moved.sum()))) * 0.99
    fast = mapping("metahuman", "arkit").apply(expressions)[:, columns]
    slow = [optimize.lsq_linear(poses.T, row, bounds=(0, 1), tol=1e-12).x for row in expressions]
    # lsq_linear stops about 1e-5 away from its bounds.
    np.testing.assert_allclose(fast, slow, atol=1e-4)
