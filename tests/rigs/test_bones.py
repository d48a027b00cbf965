"""Face rigs of bones, at the rest positions of the two human rigs that Rigify generates."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from rigtalk.rigs import (
    RestBone,
    bone_channels,
    closest_bones,
    control_set,
    match_bones,
    match_controls,
)
from rigtalk.rigs.bones import bone_conventions
from rigtalk.rigs.face_table import FaceTable, other_side

ARKIT = control_set("arkit")
RIGS = ("rigify", "rigify-modular")
REST = json.loads((Path(__file__).parent / "data" / "rigify_rest.json").read_text())


def _bones(rig, **changes):
    return {name: RestBone(**{**row, **changes}) for name, row in REST[rig].items()}


def _weights(**weights):
    row = np.zeros((1, len(ARKIT)), dtype=np.float32)
    for name, value in weights.items():
        row[0, ARKIT.index(name)] = value
    return row


def _posed(rig, bones, weights, prefix=""):
    """Where bones of the table land, as Rigify's constraints have it: what each is keyed with, in
    its own axes, and its share of the jaw and of its neighbours. The plain twin of the module."""
    match = match_bones(bones)
    face = FaceTable(next(c for c in bone_conventions() if c.name == rig).table, ARKIT)
    keyed = {bone: np.zeros(3) for bone in match.bones}
    turn = np.zeros(3)
    by_name = {name: bone for bone, name in match.bones.items()}
    for channel in bone_channels(match, bones):
        value = float(channel.response.apply(ARKIT, weights)[0])
        axes = np.array(bones[channel.bone].axes)
        if channel.path == "location":
            keyed[by_name[channel.bone]] += axes[:, channel.index] * value
        elif channel.path == "rotation_euler":
            turn += axes[:, channel.index] * value
    heads = {bone: np.array(bones[name].head) for bone, name in match.bones.items()}
    angle = np.linalg.norm(turn)
    axis = turn / angle if angle else turn
    landed = {}
    for bone, head in heads.items():
        arm = head - heads["jaw_master"]
        turned = (
            arm * np.cos(angle)
            + np.cross(axis, arm) * np.sin(angle)
            + axis * (axis @ arm) * (1 - np.cos(angle))
        )
        carried = turned - arm + keyed["jaw_master"]
        landed[bone] = keyed[bone] + face.rides.get(bone, 0.0) * carried
        for leader, share in face.follows.get(bone, {}).items():
            landed[bone] += share * keyed[leader]
    width = np.linalg.norm(heads["lips.L"] - heads["lips.R"])
    return {bone: move / width for bone, move in landed.items()}


@pytest.mark.parametrize("rig", RIGS)
def test_generated_rigs_are_found_whole_among_their_other_bones(rig):
    others = ["spine", "DEF-lip.T.L.001", "ORG-jaw_master", "MCH-lid.T.L.002", "upper_arm_fk.L"]
    match = match_bones([*others, *REST[rig]])
    assert match.convention == rig
    assert match.complete_enough
    assert match.missing == ()
    assert len(match.names) == 52
    assert match.controls is ARKIT
    assert match.names["jawOpen"] == "jaw_master"
    assert match.names["eyeBlinkRight"] == "lid.T.R.002"
    assert match.describe().endswith("31 of 31 bones found, for 52 of 52 ARKit weights")
    assert match_controls(REST[rig]) is None


def test_a_prefix_that_all_have_is_set_aside():
    match = match_bones(["hero:" + name for name in REST["rigify"]])
    assert match.bones["lips.L"] == "hero:lips.L"
    bones = {"hero:" + name: bone for name, bone in _bones("rigify").items()}
    assert all(channel.bone.startswith("hero:") for channel in bone_channels(match, bones))


def test_half_a_face_is_a_face_and_says_what_it_lacks():
    kept = [name for name in REST["rigify"] if not name.startswith(("brow", "lid", "eye"))]
    match = match_bones(kept)
    assert match.convention == "rigify"
    assert "eyeBlinkLeft" in match.missing
    assert "missing eyeBlinkLeft" in match.describe()
    channels = bone_channels(match, {n: b for n, b in _bones("rigify").items() if n in kept})
    assert {channel.bone for channel in channels} <= set(kept)


@pytest.mark.parametrize("names", [[], ["spine", "hand.L"], ["chin"]])
def test_a_body_is_no_face(names):
    assert closest_bones(names) is None


def test_a_face_without_its_jaw_is_none_and_says_so():
    names = [name for name in REST["rigify"] if name != "jaw_master"]
    assert match_bones(names) is None
    assert closest_bones(names).describe() == (
        "not enough for Rigify face: 30 of 31 bones found, but not jaw_master"
    )


@pytest.mark.parametrize("rig", RIGS)
def test_parts_of_the_face_land_where_the_table_has_them(rig):
    bones = _bones(rig, rotation_mode="XYZ")
    face = FaceTable(next(c for c in bone_conventions() if c.name == rig).table, ARKIT)
    for control in (
        "mouthPucker",
        "mouthSmileLeft",
        "mouthFunnel",
        "browInnerUp",
        "noseSneerRight",
    ):
        landed = _posed(rig, bones, _weights(**{control: 1.0}))
        for bone, rows in face.moves.items():
            if control in rows and bone in ("lip.T", "lip.B.L.001", "lips.R", "brow.T.L.003"):
                np.testing.assert_allclose(landed[bone], rows[control], atol=0.005)


@pytest.mark.parametrize("rig", RIGS)
def test_the_jaw_opens_by_the_table_and_lips_meet_over_it(rig):
    bones = _bones(rig, rotation_mode="XYZ")

    def gap(**weights):
        landed = _posed(rig, bones, _weights(**weights))
        return [
            (landed[upper] - landed[lower])[2]
            for upper, lower in (("lip.T", "lip.B"), ("lip.T.R.001", "lip.B.R.001"))
        ]

    open_, side = gap(jawOpen=1.0)
    assert 0.35 < open_ < 0.5  # 0.52 along the tangent; the chord and the upper lip take some
    assert 0.2 < side < open_
    # jawOpen behind sealed lips is at most 0.22; 0.01 mouth widths are half a millimetre.
    for jaw in (0.05, 0.1, 0.22):
        np.testing.assert_allclose(gap(jawOpen=jaw, mouthClose=jaw), 0.0, atol=0.01)


@pytest.mark.parametrize("rig", RIGS)
def test_right_is_the_mirror_of_left(rig):
    bones = _bones(rig, rotation_mode="XYZ")
    left = _posed(rig, bones, _weights(mouthSmileLeft=1, eyeBlinkLeft=1, jawLeft=1, eyeWideRight=1))
    right = _posed(
        rig, bones, _weights(mouthSmileRight=1, eyeBlinkRight=1, jawRight=1, eyeWideLeft=1)
    )
    for bone, move in left.items():
        np.testing.assert_allclose(right[other_side(bone)], move * [-1, 1, 1], atol=2e-3)


@pytest.mark.parametrize("rig", RIGS)
def test_lids_close_and_eyes_turn(rig):
    bones = _bones(rig, rotation_mode="XYZ")
    match = match_bones(bones)
    heads = {bone: np.array(bones[name].head) for bone, name in match.bones.items()}
    width = np.linalg.norm(heads["lips.L"] - heads["lips.R"])
    closed = _posed(rig, bones, _weights(eyeBlinkLeft=1.0))
    way = (heads["lid.T.L.002"] - heads["lid.B.L.002"])[2] / width
    assert (closed["lid.B.L.002"] - closed["lid.T.L.002"])[2] == pytest.approx(way, rel=0.1)
    looking = _posed(rig, bones, _weights(eyeLookUpLeft=1.0, eyeLookInLeft=1.0))["eye.L"] * width
    target = heads["eye.L"] - heads["master_eye.L"] + looking
    assert np.degrees(np.arctan2(target[2], -target[1])) == pytest.approx(18, abs=2)
    assert np.degrees(np.arctan2(target[0], -target[1])) == pytest.approx(-24, abs=2)


def test_twice_the_size_moves_twice_as_far_and_turns_as_much():
    small = bone_channels(match_bones(REST["rigify"]), _bones("rigify"))
    doubled = {
        name: RestBone(np.multiply(row["head"], 2.0), row["axes"])
        for name, row in REST["rigify"].items()
    }
    large = bone_channels(match_bones(REST["rigify"]), doubled)
    assert [c.bone for c in small] == [c.bone for c in large]
    for one, two in zip(small, large, strict=True):
        factor = 2.0 if one.path == "location" else 1.0
        for a, b in zip(one.response.terms, two.response.terms, strict=True):
            assert b.gain == pytest.approx(factor * a.gain, rel=1e-6)


def test_a_rig_that_lies_on_its_side_turns_about_its_own_axes():
    """An armature with y up: the same face, so the same keys in the bones' own axes."""
    turned = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    bones = {
        name: RestBone(turned @ row["head"], turned @ np.array(row["axes"]))
        for name, row in REST["rigify"].items()
    }
    upright = bone_channels(match_bones(REST["rigify"]), _bones("rigify"))
    lying = bone_channels(match_bones(REST["rigify"]), bones)
    for a, b in zip(upright, lying, strict=True):
        values = _weights(jawOpen=0.4, mouthSmileLeft=1, eyeLookUpRight=1)
        assert a.response.apply(ARKIT, values) == pytest.approx(
            b.response.apply(ARKIT, values), abs=1e-6
        )


def test_turns_are_the_same_in_every_rotation_mode():
    angle = {}
    for mode in ("XYZ", "QUATERNION", "AXIS_ANGLE"):
        channels = bone_channels(match_bones(REST["rigify"]), _bones("rigify", rotation_mode=mode))
        values = {
            (c.path, c.index): float(c.response.apply(ARKIT, _weights(jawOpen=0.5))[0])
            for c in channels
            if c.bone == "jaw_master" and c.path != "location"
        }
        if mode == "XYZ":
            angle[mode] = values["rotation_euler", 0]
        elif mode == "QUATERNION":
            w, x, y, z = (values["rotation_quaternion", i] for i in range(4))
            assert (y, z) == (0, 0)
            angle[mode] = 2 * np.arctan2(x, w)
        else:
            assert [values["rotation_axis_angle", i] for i in (1, 2, 3)] == [1, 0, 0]
            angle[mode] = values["rotation_axis_angle", 0]
    assert angle["XYZ"] == pytest.approx(angle["AXIS_ANGLE"])
    assert angle["XYZ"] == pytest.approx(angle["QUATERNION"], rel=0.01)
    assert 8 < np.degrees(angle["XYZ"]) < 12


def _faceit(reach=0.02):
    limits = {"low": (-reach, -2 * reach, -reach), "high": (reach, reach, reach)}
    table = next(c for c in bone_conventions() if c.name == "faceit").table
    return {b: RestBone((0, 0, 0), np.eye(3), **limits) for b in table["sliders"]}


def test_faceit_slides_to_the_ends_of_its_limits():
    bones = _faceit()
    match = match_bones(bones)
    assert match.convention == "faceit"
    assert match.missing == ()
    channels = {(c.bone, c.path, c.index): c.response for c in bone_channels(match, bones)}

    def at(bone, axis, **weights):
        return float(channels[bone, "location", axis].apply(ARKIT, _weights(**weights))[0])

    assert at("c_lips_corner.L", 1, mouthSmileLeft=1) == pytest.approx(0.02)
    assert at("c_lips_corner.L", 1, mouthFrownLeft=0.5) == pytest.approx(-0.02)
    assert at("c_jaw_target", 1, jawOpen=1) == pytest.approx(-0.04)
    assert at("c_jaw_target", 0, jawRight=1) == pytest.approx(-0.02)
    assert at("c_LookAt2D_slider2d", 0, eyeLookUpLeft=1, eyeLookUpRight=1) == pytest.approx(0.02)


def test_a_slider_without_limits_is_left_alone():
    bones = {name: RestBone((0, 0, 0), np.eye(3)) for name in _faceit()}
    assert bone_channels(match_bones(bones), bones) == ()


@pytest.mark.parametrize("convention", bone_conventions(), ids=lambda c: c.name)
def test_tables_name_real_weights_and_both_sides(convention):
    for control in convention.moved:
        assert control in ARKIT.names
    assert set(convention.required) <= set(convention.bones)
    for bone in convention.bones:
        assert other_side(bone) in convention.bones
    assert not any(re.search(r"DEF-|ORG-|MCH-", name) for name in convention.bones.values())
