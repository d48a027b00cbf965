"""A character of every convention is found, keyed and plays what was asked for."""

from __future__ import annotations

import re

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.characters import targets
from rigtalk.rigs.bones import bone_conventions
from rigtalk.rigs.conventions import conventions

ARKIT = rigs.control_set("arkit").names[:52]


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def short_side(name: str) -> str:
    return re.sub(r"Left$", "_L", re.sub(r"Right$", "_R", name))


SPELLINGS = {
    "camelCase": lambda name: name,
    "PascalCase": lambda name: name[0].upper() + name[1:],
    "snake_case": snake,
    "_L and _R": short_side,
    "prefix": lambda name: f"blendShape1.{name}",
    "prefix and sides": lambda name: f"head_lod0_mesh__{short_side(name)}",
    "capitals": str.upper,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_arkit_in_every_usual_spelling(make_mesh, speak, spelling):
    face = make_mesh("Face", [SPELLINGS[spelling](name) for name in ARKIT])
    _, target = speak(face)
    assert (target.controls.name, len(target.channels)) == ("arkit", 52)


@pytest.mark.parametrize(
    "convention",
    [c for c in conventions() if c.name != "metahuman-board"],
    ids=lambda convention: convention.name,
)
def test_shape_keys_of_every_convention(make_mesh, speak, convention):
    names = [control.name for control in convention.wanted]
    _, target = speak(make_mesh("Face", names))
    assert target.controls == convention.controls
    assert target.kind == "shape keys"
    assert {channel.control for channel in target.channels} == set(names)


@pytest.mark.parametrize("rig", ["metahuman", "arkit", "vrm"])
def test_custom_properties_of_an_object(make_holder, speak, rig):
    names = [c.name for c in next(c for c in conventions() if c.name == rig).wanted]
    _, target = speak(make_holder("Root", names))
    assert (target.controls.name, target.kind) == (rig, "properties")


def test_custom_properties_of_a_bone(make_armature, speak):
    rig = make_armature("Rig", ["root", "face"])
    for name in ARKIT:
        rig.pose.bones["face"][name] = 0.0
    performance, target = speak(rig)
    assert (target.object_name, target.kind) == ("Rig", "properties")
    bpy.context.scene.frame_set(2)
    jaw = rig.pose.bones["face"]["jawOpen"]
    assert jaw == pytest.approx(performance.curve("jawOpen")[1], abs=2e-6)


def test_custom_properties_of_an_armatures_data(make_armature, speak):
    rig = make_armature("Rig", ["root"])
    for name in rigs.control_set("metahuman").names:
        rig.data[name] = 0.0
    _, target = speak(rig)
    assert (target.controls.name, target.channels[0].owner) == ("metahuman", rig.data)


def test_a_face_board_moves_on_both_axes(board, speak):
    _, target = speak(board)
    assert (target.controls.name, target.kind) == ("metahuman-board", "bones")


def test_the_other_half_of_a_middle_control_moves_too(make_mesh, speak):
    halves = [n for n in ARKIT if n != "cheekPuff"] + ["cheekPuff_L", "cheekPuff_R"]
    _, target = speak(make_mesh("Face", halves))
    assert sum(channel.control == "cheekPuff" for channel in target.channels) == 2


def test_a_viseme_that_is_missing_moves_what_looks_most_like_it(make_mesh, speak):
    names = [n for n in rigs.control_set("oculus").names if n != "viseme_TH"]
    performance, target = speak(make_mesh("Face", names))
    channel = next(c for c in target.channels if c.control == "viseme_DD")
    expected = performance.curve("viseme_DD") + performance.curve("viseme_TH")
    np.testing.assert_allclose(channel.values(performance), np.minimum(expected, 1.0), atol=1e-6)


def test_parts_have_partial_sets_in_a_spelling_of_their_own(make_mesh, make_armature, speak):
    rig = make_armature("Rig", ["head"])
    face = make_mesh("Head", ARKIT)
    teeth = make_mesh("Teeth", ["Teeth_JawOpen", "Teeth_Jaw_Left", "Teeth_sparkle"])
    lashes = make_mesh("Lashes", ["eye_blink_l", "eye_blink_r", "eye_wide_l"])
    tongue = make_mesh("Tongue", ["Tongue_tongueOut"])
    brows = make_mesh("Brows", ["browDownLeft", "browDownRight", "browInnerUp"])
    for part in (face, teeth, lashes, tongue, brows):
        part.parent = rig
    _, target = speak(rig)
    moved = {
        part.name: {c.control for c in target.channels if c.owner == part.data.shape_keys}
        for part in (teeth, lashes, tongue, brows)
    }
    assert moved == {
        "Teeth": {"jawOpen", "jawLeft"},
        "Lashes": {"eyeBlinkLeft", "eyeBlinkRight", "eyeWideLeft"},
        "Tongue": {"tongueOut"},
        "Brows": {"browDownLeft", "browDownRight", "browInnerUp"},
    }


def test_visemes_beside_arkit_stay_at_rest_and_are_named(make_mesh, speak):
    face = make_mesh("Face", [*ARKIT, *rigs.control_set("oculus").names])
    _, target = speak(face)
    assert target.controls.name == "arkit"
    assert any("Oculus" in line for line in target.summary)
    assert targets.find_target(face, rig="oculus").controls.name == "oculus"


def test_the_real_head_is_found_and_moves(root, make_mesh, speak):
    path = root.parent / "shared" / "data" / "heads" / "ict_facekit.npz"
    if not path.is_file():
        pytest.skip("the head is not here")
    with np.load(path, allow_pickle=False) as head:
        names = [str(name) for name in head["shape_names"]]
    _, target = speak(make_mesh("Head", names))
    assert target.controls.name == "arkit"
    assert target.match.missing == ("tongueOut",)  # this head sticks out no tongue


@pytest.mark.parametrize("mode", ["QUATERNION", "XYZ", "AXIS_ANGLE"])
@pytest.mark.parametrize("convention", bone_conventions(), ids=lambda convention: convention.name)
def test_bones_of_a_face_rig_in_every_rotation_mode(make_armature, speak, convention, mode):
    rig = make_armature("Rig", convention.bones.values())
    for bone in rig.pose.bones:
        bone.rotation_mode = mode
        limit = bone.constraints.new("LIMIT_LOCATION")
        for axis in "xyz":
            setattr(limit, f"min_{axis}", -1.0)
            setattr(limit, f"max_{axis}", 1.0)
    _, target = speak(rig)
    assert (target.controls.name, target.kind) == ("arkit", "bones")
    assert target.match.convention == convention.name
    rotated = {c.path.rpartition(".")[2] for c in target.channels} - {"location", "scale"}
    allowed = {
        "QUATERNION": {"rotation_quaternion"},
        "XYZ": {"rotation_euler"},
        "AXIS_ANGLE": {"rotation_axis_angle"},
    }
    assert rotated <= allowed[mode]


def test_shape_keys_are_preferred_to_bones_until_these_drive_them(make_mesh, make_armature, speak):
    rigify = bone_conventions()[-1]
    rig, face = make_armature("Rig", rigify.bones.values()), make_mesh("Face", ARKIT)
    face.parent = rig
    for asked in (rig, face):
        assert targets.find_target(asked).kind == "shape keys"
    for block in face.data.shape_keys.key_blocks[1:]:
        variable = block.driver_add("value").driver.variables.new()
        variable.targets[0].id = rig
        variable.targets[0].data_path = f'pose.bones["{rig.pose.bones[0].name}"].location[0]'
    for asked in (rig, face):
        assert targets.find_target(asked).kind == "bones"
