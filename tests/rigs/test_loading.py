"""The tables of control sets are what the outside world calls by these names."""

import json

import numpy as np
import pytest

from rigtalk.rigs import RigtalkError, control_set, control_set_names
from rigtalk.rigs.controls import REGIONS
from rigtalk.rigs.loading import _control_set

SIZES = {
    "arkit": 61,
    "cc3": 36,
    "cc4": 62,
    "daz": 17,
    "metahuman": 251,
    "metahuman-board": 185,
    "oculus": 15,
    "preston-blair": 10,
    "rhubarb": 9,
    "sapi": 22,
    "unified": 66,
    "vrm": 17,
}


@pytest.fixture(scope="module")
def public_names(shared_data):
    return json.loads((shared_data / "metahuman" / "names.json").read_text())


def test_the_sets_there_are_and_their_sizes():
    assert {name: len(control_set(name)) for name in control_set_names()} == SIZES


def test_arkit_is_the_column_order_of_live_link_face(public_names):
    pascal = [name[0].upper() + name[1:] for name in control_set("arkit").names]
    assert pascal == public_names["livelink_csv_header"][2:]


def test_metahuman_is_the_order_in_which_animator_streams(public_names):
    assert list(control_set("metahuman").names) == public_names["expressions"]


def test_the_board_is_the_public_181_and_the_four_that_make_185(public_names):
    names = control_set("metahuman-board").names
    assert list(names[:181]) == public_names["face_board"]
    assert names[181:] == (
        "CTRL_rigLogicSwitch",
        "CTRL_neckCorrectivesMultiplyerU",
        "CTRL_neckCorrectivesMultiplyerM",
        "CTRL_neckCorrectivesMultiplyerD",
    )


@pytest.mark.parametrize("name", SIZES)
def test_every_control_has_a_region_a_side_a_range_and_a_partner(name):
    controls = control_set(name)
    for control in controls.controls:
        assert control.region in REGIONS
        assert control.low <= control.rest <= control.high
        assert control.low < control.high
        partner = controls.controls[controls.index(control.mirror)]
        assert (partner.region, partner.low, partner.high) == (
            control.region,
            control.low,
            control.high,
        )
        assert (control.side, partner.side) in {("L", "R"), ("R", "L"), ("C", "C")}


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("CTRL_C_jaw.X", -1, 1),
        ("CTRL_C_jaw.Y", 0, 1),
        ("CTRL_C_jaw_fwdBack", -1, 1),
        ("CTRL_L_eye_blink", -1, 1),
        ("CTRL_L_mouth_pushPullU", -1, 1),
        ("CTRL_R_mouth_thicknessInwardD", -1, 1),
        ("CTRL_C_tongue_wideNarrow", -1, 1),
        ("CTRL_R_mouth_suckBlow", -1, 1),
        ("CTRL_L_brow_down", 0, 1),
        ("CTRL_C_jaw_openExtreme", 0, 1),
        ("CTRL_C_neck_swallow", 0, 1),
        ("CTRL_lookAtSwitch", 0, 1),
    ],
)
def test_board_ranges(name, low, high):
    board = control_set("metahuman-board")
    control = board.controls[board.index(name)]
    assert (control.low, control.high) == (low, high)


def test_sideways_channels_flip_in_the_mirror_and_outward_ones_do_not():
    board = control_set("metahuman-board")
    signs = {c.name: c.mirror_sign for c in board.controls}
    flipped = {name for name, sign in signs.items() if sign == -1}
    outward = {f"CTRL_{side}_{part}.X" for side in "LR" for part in ("nose", "mouth_corner")}
    assert flipped == {name for name in signs if name.endswith(".X")} - outward | {
        "CTRL_C_mouth_lipShiftU",
        "CTRL_C_mouth_lipShiftD",
    }


def test_only_settings_of_the_board_rest_away_from_zero():
    board = control_set("metahuman-board")
    resting = {c.name: c.rest for c in board.controls if c.rest}
    assert resting == {
        "CTRL_rigLogicSwitch": 1,
        "CTRL_neckCorrectivesMultiplyerU": 0.8,
        "CTRL_neckCorrectivesMultiplyerM": 0.5,
        "CTRL_neckCorrectivesMultiplyerD": 0.2,
    }
    assert {c.name for c in board.controls if c.setting} >= set(resting)
    assert not control_set("arkit").rests.any()
    np.testing.assert_allclose(board.rests.sum(), 2.5, atol=1e-6)


def test_an_unknown_rig_lists_the_known_ones():
    with pytest.raises(RigtalkError, match="unknown rig 'arkit52': choose from arkit, cc3, "):
        control_set("arkit52")


def _table(*rows):
    return {"name": "test", "title": "", "version": 1, "controls": list(rows)}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"name": "a", "region": "jaw", "side": "C"}] * 2, "twice"),
        ([{"name": "a", "region": "knee", "side": "C"}], "no region 'knee'"),
        (
            [
                {"name": "a", "region": "jaw", "side": "L", "mirror": "b"},
                {"name": "b", "region": "jaw", "side": "R"},
            ],
            "not each other's mirror",
        ),
    ],
)
def test_a_faulty_table_is_refused(rows, message):
    with pytest.raises(ValueError, match=message):
        _control_set(_table(*rows))
