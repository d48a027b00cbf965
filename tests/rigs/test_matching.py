"""Characters are recognised by the names of what they have."""

import re

import numpy as np
import pytest

from rigtalk.rigs import (
    Response,
    Term,
    all_matches,
    closest_match,
    control_set,
    describe_match,
    match_controls,
)

ARKIT = control_set("arkit").names[:52]
METAHUMAN = control_set("metahuman").names
BOARD = tuple(c.name for c in control_set("metahuman-board").controls if not c.setting)


def _snake(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _short_sides(name, left, right):
    return re.sub("Left$", left, re.sub("Right$", right, name))


def _side_first(name):
    found = re.fullmatch(r"(.+)(Left|Right)", name)
    return f"{found[2][0]}_{found[1]}" if found else name


SPELLINGS = {
    "camel": lambda name: name,
    "pascal": lambda name: name[0].upper() + name[1:],
    "snake": _snake,
    "upper snake": lambda name: _snake(name).upper(),
    "spaced": lambda name: _snake(name).replace("_", " ").title(),
    "lower": str.lower,
    "_L": lambda name: _short_sides(name, "_L", "_R"),
    ".l": lambda name: _short_sides(name, ".l", ".r"),
    "L_ first": _side_first,
    "prefix": lambda name: "Head_" + name,
    "blend shape node": lambda name: "blendShape1." + name,
    "namespace": lambda name: "hero:face_" + name,
    "numbered": lambda name: f"A{len(name):02}_" + _snake(name).title(),
    "copy": lambda name: name + ".001",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_arkit_in_usual_spellings(spelling):
    spelt = {name: SPELLINGS[spelling](name) for name in ARKIT}
    match = match_controls(["Basis", "Smile fix", *spelt.values()])
    assert match.convention == "arkit"
    assert dict(match.names) == spelt
    assert match.missing == ()
    assert match.controls is control_set("arkit")


def test_middle_controls_may_come_in_halves(shared_data):
    with np.load(shared_data / "heads" / "ict_facekit.npz", allow_pickle=False) as head:
        names = [str(name) for name in head["shape_names"]]
    match = match_controls(names)
    assert match.convention == "arkit"
    assert match.missing == ("tongueOut",)
    assert match.names["browInnerUp"] == "browInnerUp_L"
    assert match.also == {"browInnerUp": ("browInnerUp_R",), "cheekPuff": ("cheekPuff_R",)}
    pairs = match.pairs()
    assert ("cheekPuff", "cheekPuff_L") in pairs
    assert ("cheekPuff", "cheekPuff_R") in pairs
    assert len(pairs) == 53


def test_one_half_alone_is_not_the_control():
    names = [name for name in ARKIT if name != "cheekPuff"]
    assert match_controls([*names, "cheekPuff_L"]).missing == ("cheekPuff",)


@pytest.mark.parametrize(
    "spell",
    [
        str,
        str.lower,
        lambda n: "MH:" + n,
        lambda n: n.replace("CTRL_expressions_", "CTRL_expressions."),
    ],
)
def test_metahuman_expressions(spell):
    match = match_controls([spell(name) for name in METAHUMAN])
    assert match.convention == "metahuman"
    assert dict(match.names) == {name: spell(name) for name in METAHUMAN}


@pytest.mark.parametrize("prefix", ["", "face:", "Rig_"])
def test_board_bones_stand_for_their_axes(prefix):
    bones = dict.fromkeys(prefix + re.sub(r"\.[XY]$", "", name) for name in BOARD)
    match = match_controls(["root", "spine", *bones])
    assert match.convention == "metahuman-board"
    assert match.missing == ()
    assert match.names["CTRL_C_jaw.X"] == match.names["CTRL_C_jaw.Y"] == prefix + "CTRL_C_jaw"
    assert [match.axes[f"CTRL_C_jaw.{axis}"] for axis in "XY"] == [0, 1]
    assert match.axes["CTRL_L_brow_down"] == 1


def test_board_properties_have_whole_names_and_older_names_are_known():
    match = match_controls(BOARD)
    assert match.names["CTRL_C_jaw.X"] == "CTRL_C_jaw.X"
    older = [name.replace("tongue_wideNarrow", "tongue_narrowWide") for name in BOARD]
    older = [name.replace("tongue_tipMove", "tongue_tip") for name in older]
    match = match_controls(older)
    assert match.names["CTRL_C_tongue_wideNarrow"] == "CTRL_C_tongue_narrowWide"
    assert match.names["CTRL_C_tongue_tipMove.Y"] == "CTRL_C_tongue_tip.Y"


def test_settings_of_the_board_are_left_alone():
    match = match_controls(control_set("metahuman-board").names)
    assert match.names.keys() == set(BOARD)


def test_missing_and_doubtful_names_are_said():
    names = [name for name in ARKIT if name not in ("jawOpen", "tongueOut")]
    match = match_controls([*names, "Jaw_Open", "JAW_OPEN"])
    assert match.missing == ("tongueOut",)
    assert match.ambiguous == {"jawOpen": ("Jaw_Open", "JAW_OPEN")}
    assert "jawOpen" not in match.names
    assert match.describe() == (
        "ARKit shape keys: 50 of 52 controls found; missing tongueOut; "
        "in doubt jawOpen (Jaw_Open or JAW_OPEN)"
    )


def test_the_name_of_the_table_and_the_common_prefix_win():
    match = match_controls([*ARKIT, "Jaw_Open", *("wrinkle_" + name for name in ARKIT[:30])])
    assert match.names["jawOpen"] == "jawOpen"
    assert match.names["eyeBlinkLeft"] == "eyeBlinkLeft"
    assert match.ambiguous == {}


def test_a_lone_prefix_is_not_believed():
    names = [name for name in ARKIT if name != "mouthLeft"]
    assert match_controls([*names, "open_mouth_left"]).missing == ("mouthLeft",)


def test_a_mouth_alone_is_enough_and_a_jaw_is_not():
    mouth = [c.name for c in control_set("arkit").controls if c.region in ("mouth", "jaw")]
    assert match_controls(mouth).convention == "arkit"
    assert match_controls(["jawOpen", "eyeBlinkLeft"]) is None
    assert closest_match(["jawOpen", "eyeBlinkLeft"]).names.keys() == {"jawOpen", "eyeBlinkLeft"}
    assert describe_match(["jawOpen", "eyeBlinkLeft"]).startswith(
        "not enough for ARKit shape keys: 2 of 52 controls found, 21 needed; missing "
    )


@pytest.mark.parametrize("names", [[], [""], ["Basis", "spine", "hand.L", "...", "123"]])
def test_other_names_are_nothing(names):
    assert match_controls(names) is None
    assert closest_match(names) is None
    assert describe_match(names).startswith("no control of a known rig found (known: ARKit")


OCULUS = [name for name in control_set("oculus").names if name != "viseme_sil"]
SHORT = ["sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou"]
VRCHAT = ["vrc.v_" + name.lower() for name in SHORT]
VRM0 = ["Neutral", *"AIUEO", "Blink", "Blink_L", "Blink_R", "Joy", "Angry", "Sorrow", "Fun"]
VRM0 += ["LookUp", "LookDown", "LookLeft", "LookRight"]
VROID = (
    [f"Fcl_MTH_{w}" for w in ("A", "I", "U", "E", "O", "Up", "Down", "Angry", "Small")]
    + [f"Fcl_ALL_{w}" for w in ("Neutral", "Angry", "Fun", "Joy", "Sorrow", "Surprised")]
    + [f"Fcl_EYE_{w}" for w in ("Natural", "Angry", "Close", "Close_R", "Close_L", "Joy", "Fun")]
    + [f"Fcl_BRW_{w}" for w in ("Angry", "Fun", "Joy", "Sorrow", "Surprised")]
)
MMD = [
    "真面目",
    "困る",
    "にこり",
    "怒り",
    "まばたき",
    "笑い",
    "ウィンク",
    "ウィンク２",
    "ウィンク右",
]
MMD += ["ｳｨﾝｸ２右", "あ", "い", "う", "え", "お", "▲", "∧", "ω"]


@pytest.mark.parametrize(
    ("names", "rig", "some"),
    [
        (OCULUS, "oculus", {"viseme_PP": "viseme_PP"}),
        (VRCHAT, "oculus", {"viseme_PP": "vrc.v_pp", "viseme_I": "vrc.v_ih"}),
        (SHORT, "oculus", {"viseme_U": "ou", "viseme_aa": "aa"}),
        (control_set("vrm").names, "vrm", {"happy": "happy"}),
        (
            VRM0,
            "vrm",
            {"ee": "E", "sad": "Sorrow", "blinkLeft": "Blink_L", "lookLeft": "LookLeft"},
        ),
        (
            ["Face.M_F00_000." + name for name in VROID],
            "vrm",
            {"aa": "Face.M_F00_000.Fcl_MTH_A", "happy": "Face.M_F00_000.Fcl_ALL_Joy"},
        ),
        (MMD, "vrm", {"aa": "あ", "blink": "まばたき", "blinkLeft": "ウィンク２"}),
        (control_set("cc4").names, "cc4", {"Eye_L_Look_R": "Eye_L_Look_R"}),
        (control_set("cc3").names, "cc3", {"Mouth_Open": "Mouth_Open"}),
        (
            [re.sub("^EyeClosed", "eye_closed_", name) for name in control_set("unified").names],
            "unified",
            {"EyeClosedLeft": "eye_closed_Left"},
        ),
        (
            ["Genesis8Female__" + name for name in control_set("daz").names],
            "daz",
            {"eCTRLvM": "Genesis8Female__eCTRLvM"},
        ),
        ([n.replace("eCTRL", "facs_ctrl_") for n in control_set("daz").names], "daz", {}),
        ([f"mouth_{letter}" for letter in "ABCDEFGHX"], "rhubarb", {"A": "mouth_A"}),
        (list("ABCDEF"), "rhubarb", {"F": "F"}),
        (control_set("preston-blair").names, "preston-blair", {"MBP": "MBP"}),
        ([f"SP_VISEME_{i}" for i in range(22)], "sapi", {"viseme_21": "SP_VISEME_21"}),
        ([f"viseme_{i}" for i in range(22)], "sapi", {"viseme_1": "viseme_1"}),
    ],
)
def test_conventions_in_their_own_spellings(names, rig, some):
    match = match_controls(["Basis", *names, "Smile fix", "Body_Fat"])
    assert match.convention == rig
    assert some.items() <= match.names.items()
    assert match.ambiguous == {}


def test_arkit_wins_over_visemes_on_one_mesh_and_says_so():
    match, second, *_ = all_matches([*ARKIT[:30], *OCULUS])
    assert match.convention == "arkit"
    assert match.besides == ("Oculus visemes",)
    assert match.describe().endswith("there too, and left at rest: Oculus visemes")
    assert second.convention == "oculus"
    assert second.besides == ("ARKit shape keys",)
    # Its vowels read as those of VRM, but they are no further visemes.
    assert all_matches(OCULUS)[0].besides == ()
    assert all_matches(control_set("cc4").names)[0].besides == ()


def test_expressions_of_both_vrms_and_of_character_creator_with_arkit():
    assert match_controls([*control_set("vrm").names, *ARKIT]).convention == "arkit"
    numbered = [f"A{i:02}_" + _snake(name).title() for i, name in enumerate(ARKIT, 1)]
    both = match_controls([*control_set("cc3").names, *numbered])
    assert both.convention == "arkit"
    assert both.names["jawOpen"].endswith("Jaw_Open")
    assert both.besides == ("Character Creator 3 (Standard)",)


def test_earlier_spellings_win():
    match = match_controls([*"AIUEO", "Fcl_MTH_A", "Blink", "あ"])
    assert match.names["aa"] == "Fcl_MTH_A"
    assert match.names["ih"] == "I"


def test_half_of_a_rig_is_found_and_what_is_missing_is_said():
    for rig in ("cc3", "oculus", "sapi", "daz"):
        names = control_set(rig).names
        match = match_controls(names[-(len(names) * 2 // 3) :])
        assert match.convention == rig
        assert match.missing
    assert match_controls(["A", "I", "U", "E"]) is None
    assert match_controls(OCULUS[:5]) is None
    vowels_short = [n for n in control_set("vrm").names if n != "oh"]
    assert describe_match(vowels_short) == (
        "not enough for VRM expressions: 16 of 17 controls found, but not oh"
    )


def test_missing_controls_are_shown_by_those_that_can():
    eyes = [name for name in control_set("vrm").names if name != "blink"]
    responses = match_controls(eyes).responses
    assert responses.keys() == {"blinkLeft", "blinkRight"}
    assert responses["blinkLeft"] == Response((Term("blinkLeft"), Term("blink")), high=1.0)
    assert match_controls(control_set("vrm").names).responses == {}
    # Neither of two that would stand in for each other: it goes on to the next.
    few = [name for name in OCULUS if name not in ("viseme_TH", "viseme_DD")]
    assert match_controls(few).responses == {
        "viseme_nn": Response((Term("viseme_nn"), Term("viseme_TH"), Term("viseme_DD")), high=1.0)
    }
