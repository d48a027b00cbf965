"""Visemes: on the embedded head closures stay closed, round stays round, and curves are smooth."""

import numpy as np
import pytest

from rigtalk.rigs import control_set, mapping
from rigtalk.rigs.head import build_head, measure_mouth
from rigtalk.rigs.loading import read_table, table_names
from rigtalk.rigs.visemes import VisemeSolve

ARKIT = control_set("arkit")
SETS = ("daz", "oculus", "preston-blair", "rhubarb", "sapi", "vrm")
CLOSED = {
    "daz": "eCTRLvM",
    "oculus": "viseme_PP",
    "preston-blair": "MBP",
    "rhubarb": "A",
    "sapi": "viseme_21",
}


@pytest.fixture(scope="module")
def head():
    return build_head()


def _frame(**weights):
    row = np.zeros(len(ARKIT), dtype=np.float32)
    for name, value in weights.items():
        for side in ("", "Left", "Right"):
            if name + side in ARKIT.names:
                row[ARKIT.index(name + side)] = value
    return row


def _babble():
    """Two seconds at 60 fps through sounds, with three closures over an open jaw."""
    poses = [
        _frame(jawOpen=0.3, mouthLowerDown=0.2, mouthUpperUp=0.1),
        _frame(jawOpen=0.15, mouthClose=0.15, mouthPress=0.2, mouthRollLower=0.1),
        _frame(jawOpen=0.1, mouthStretch=0.3, mouthSmile=0.2, mouthLowerDown=0.2),
        _frame(jawOpen=0.1, mouthFunnel=0.3, mouthPucker=0.6),
        _frame(jawOpen=0.2, mouthClose=0.2, mouthPress=0.15, mouthSmile=0.3),
        _frame(jawOpen=0.2, mouthSmile=0.4, mouthLowerDown=0.2),
        _frame(jawOpen=0.05, mouthRollLower=0.45, mouthUpperUp=0.25),
        _frame(jawOpen=0.1, mouthClose=0.1, mouthPress=0.2, browInnerUp=0.5),
        _frame(jawOpen=0.35, mouthFunnel=0.4, mouthPucker=0.2),
    ]
    times = np.linspace(0, len(poses) - 1, 120)
    # Held for a while at each sound, as speech does.
    eased = np.floor(times) + 0.5 - 0.5 * np.cos(np.pi * np.clip(times % 1 * 2 - 0.5, 0, 1))
    frames = [np.interp(eased, range(len(poses)), curve) for curve in np.transpose(poses)]
    return np.stack(frames, axis=1).astype(np.float32)


@pytest.mark.parametrize("rig", SETS)
def test_closures_stay_closures_and_the_gap_follows(head, rig):
    said = _babble()
    shown = mapping(rig, "arkit").apply(mapping("arkit", rig).apply(said))
    source = np.maximum(measure_mouth(head, said[:, :52]).mean_gap, 0.0)
    made = np.maximum(measure_mouth(head, shown[:, :52]).mean_gap, 0.0)
    shut = source < 0.05
    assert shut.sum() > 20
    assert made[shut].max() < 0.3
    assert (made[source > 2.0] > 0.5).all()
    assert np.corrcoef(source, made)[0, 1] > 0.97
    assert np.abs(source - made).mean() < 0.7


@pytest.mark.parametrize("rig", SETS)
def test_round_stays_round_and_wide_stays_wide(head, rig):
    frames = np.stack(
        [
            _frame(jawOpen=0.12, mouthPucker=0.6, mouthFunnel=0.25),
            np.zeros(len(ARKIT), dtype=np.float32),
            _frame(jawOpen=0.12, mouthStretch=0.35, mouthLowerDown=0.2),
        ]
    )
    shown = mapping(rig, "arkit").apply(mapping("arkit", rig).apply(frames))
    measures = measure_mouth(head, shown[:, :52])
    assert measures.width[0] < measures.width[1] - 8 < measures.width[2] - 8
    assert measures.protrusion[0] > measures.protrusion[1] + 3


@pytest.mark.parametrize("rig", SETS)
def test_visemes_are_as_smooth_as_the_face(rig):
    """A pose that is picked afresh in each frame would jump by 1 from one to the next."""
    said = _babble()
    visemes = mapping("arkit", rig).apply(said)
    step = np.abs(np.diff(said, axis=0)).max()
    assert np.abs(np.diff(visemes, axis=0)).max() < 6 * step < 0.8


@pytest.mark.parametrize("rig", SETS)
def test_a_pose_of_the_table_looks_like_itself(head, rig):
    solve, _ = mapping("arkit", rig).steps[0]
    assert isinstance(solve, VisemeSolve)
    poses = solve.poses[solve.poses.any(axis=1) & solve.mouths].astype(np.float32)
    shown = mapping(rig, "arkit").apply(mapping("arkit", rig).apply(poses))
    asked, made = (measure_mouth(head, weights[:, :52]) for weights in (poses, shown))
    gap = np.maximum(asked.mean_gap, 0.0) - np.maximum(made.mean_gap, 0.0)
    assert np.abs(gap).max() < 2.5
    assert np.abs(asked.width - made.width).max() < 8


@pytest.mark.parametrize("rig", CLOSED)
def test_a_pressed_closure_is_the_viseme_of_p_b_and_m(rig):
    pressed = _frame(mouthPress=0.35, mouthRollLower=0.25, mouthRollUpper=0.2)
    visemes = mapping("arkit", rig).apply(pressed)
    assert control_set(rig).names[int(visemes.argmax())] == CLOSED[rig]
    assert np.delete(visemes, visemes.argmax()).max() < 0.05


def test_mouths_add_up_to_hardly_more_than_one():
    visemes = mapping("arkit", "oculus").apply(_babble())
    assert visemes.sum(axis=1).max() < 1.3


def test_lids_gaze_and_brows_have_their_presets():
    change = mapping("arkit", "vrm")

    def of(**weights):
        values = change.apply(_frame(**weights))
        return {n: v for n, v in zip(change.target.names, values.tolist(), strict=True) if v > 0.05}

    assert of(eyeBlink=1.0) == {"blink": pytest.approx(1.0, abs=0.05)}
    assert of(eyeBlinkRight=0.8) == {"blinkRight": pytest.approx(0.8, abs=0.05)}
    assert of(eyeLookOutLeft=0.5, eyeLookInRight=0.5) == {"lookLeft": pytest.approx(0.5, abs=0.05)}
    both = of(eyeBlinkLeft=0.9, eyeBlinkRight=0.5)
    assert both == {
        "blink": pytest.approx(0.5, abs=0.05),
        "blinkLeft": pytest.approx(0.4, abs=0.05),
    }
    assert "sad" in of(browInnerUp=0.6, mouthFrown=0.4)
    assert "surprised" in of(browInnerUp=0.6, browOuterUp=0.7, eyeWide=0.5)
    assert "angry" in of(browDown=0.7)


def test_a_smile_is_not_shown_twice(head):
    """A smile while saying "ee": preset and vowel together pull the corners no further than it."""
    smiling = _frame(
        jawOpen=0.12, mouthSmile=0.5, mouthStretch=0.2, cheekSquint=0.3, mouthLowerDown=0.2
    )
    visemes = mapping("arkit", "vrm").apply(smiling)
    shown = mapping("vrm", "arkit").apply(visemes)
    assert visemes[mapping("arkit", "vrm").target.index("happy")] > 0.2
    asked, made = (measure_mouth(head, weights[None, :52]) for weights in (smiling, shown))
    assert made.width[0] == pytest.approx(asked.width[0], abs=2.5)


def test_a_smile_stays_on_closed_lips():
    shut = _frame(jawOpen=0.2, mouthClose=0.2, mouthSmile=0.6, cheekSquint=0.4, browInnerUp=0.1)
    values = mapping("arkit", "vrm").apply(shut)
    names = mapping("arkit", "vrm").target.names
    assert values[names.index("happy")] > 0.3
    assert values[: names.index("blink")].max() < 0.05


def test_the_table_of_measures_is_the_head(head):
    table = read_table("mouth_measures")
    moved = 1000.0 * head.shape_deltas

    def at(name, axis):
        return moved[:, head.landmarks[name], axis]

    sides = [
        at(f"lip_upper_inner_{side}", 2) - at(f"lip_lower_inner_{side}", 2)
        for side in ("left", "right")
    ]
    lips = at("lip_upper_inner", 0) + at("lip_lower_inner", 0)
    corners = at("mouth_corner_left", 2) + at("mouth_corner_right", 2)
    measured = {
        "gap": at("lip_upper_inner", 2) - at("lip_lower_inner", 2),
        "side_gap": (sides[0] + sides[1]) / 2,
        "skew": (sides[0] - sides[1]) / 2,
        "width": at("mouth_corner_left", 0) - at("mouth_corner_right", 0),
        "upper_out": -at("lip_upper_front", 1),
        "lower_out": -at("lip_lower_front", 1),
        "upper_up": at("lip_upper_inner", 2),
        "jaw": -at("chin", 2),
        "corners": corners / 2,
        "aside": lips / 2,
        "lower_tuck": at("lip_lower_outer", 2) - at("lip_lower_front", 2),
    }
    assert set(table["counts"]) == set(measured)
    for name, values in measured.items():
        for shape, value in zip(head.shape_names, values, strict=True):
            written = table["millimetres"].get(shape, {}).get(name, 0.0)
            assert written == pytest.approx(value, abs=0.16), (name, shape)


@pytest.mark.parametrize(
    "name", [n for n in table_names("mapping") if "visemes" in read_table(n)["kind"]]
)
def test_poses_move_both_sides_alike_and_stay_in_range(name):
    table = read_table(name)
    for viseme, pose in table["poses"].items():
        for weight, value in pose.items():
            assert 0.0 < value <= 1.0
            mirror = ARKIT.controls[ARKIT.index(weight)].mirror
            if viseme not in ("blinkLeft", "blinkRight", "lookLeft", "lookRight"):
                assert pose[mirror] == value, (viseme, weight)
