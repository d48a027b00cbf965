"""Characters are found by what they carry, and what is missing is said."""

from __future__ import annotations

import bpy
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.characters import targets
from rigtalk.core.errors import RigtalkError

ARKIT = rigs.control_set("arkit").names[:52]


def test_arkit_shape_keys_are_found(face):
    target = targets.find_target(face)
    assert (target.controls.name, target.kind, len(target.channels)) == ("arkit", "shape keys", 52)
    assert target.summary == ("ARKit shape keys", "52 of 52 shape keys")


def test_missing_controls_are_named(make_mesh):
    thing = make_mesh("Half", [name for name in ARKIT if name not in ("tongueOut", "jawForward")])
    assert targets.find_target(thing).summary[2] == "Missing jawForward, tongueOut"


def test_board_is_found_with_both_axes_of_its_bones(board):
    target = targets.find_target(board)
    assert target.controls.name == "metahuman-board"
    axes = {c.index for c in target.channels if c.path == 'pose.bones["CTRL_C_jaw"].location'}
    assert axes == {0, 1}
    settings = {control.name for control in target.controls.controls if control.setting}
    assert not settings & {channel.control for channel in target.channels}


def test_metahuman_expressions_are_found_as_properties(scene):
    thing = bpy.data.objects.new("Root", None)
    scene.collection.objects.link(thing)
    for name in rigs.control_set("metahuman").names:
        thing[name] = 0.0
    target = targets.find_target(thing)
    assert (target.controls.name, target.kind, len(target.channels)) == (
        "metahuman",
        "properties",
        251,
    )


def test_teeth_beside_the_face_move_with_it(make_mesh):
    rig = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.scene.collection.objects.link(rig)
    face, teeth = make_mesh("Face", ARKIT), make_mesh("Teeth", ["jawOpen", "jawLeft", "sparkle"])
    face.parent = teeth.parent = rig
    target = targets.find_target(face)
    of_teeth = {c.control for c in target.channels if c.owner == teeth.data.shape_keys}
    assert of_teeth == {"jawOpen", "jawLeft"}
    assert set(target.objects) == {face, teeth, rig}
    assert targets.find_target(rig).object_name == "Face"


def test_two_objects_on_one_mesh_are_keyed_once(scene, face):
    copy = bpy.data.objects.new("Copy", face.data)
    scene.collection.objects.link(copy)
    copy.parent = face
    assert len(targets.find_target(face).channels) == 52


def test_a_driven_face_is_animated_on_its_board(face, board):
    for block in face.data.shape_keys.key_blocks[1:]:
        driver = block.driver_add("value").driver
        variable = driver.variables.new()
        variable.targets[0].id = board
        variable.targets[0].data_path = 'pose.bones["CTRL_C_jaw"].location[1]'
        driver.expression = variable.name
    target = targets.find_target(face)
    assert (target.object_name, target.controls.name) == ("Board", "metahuman-board")
    assert face in target.objects
    assert targets.find_target(face, rig="arkit").driven == 52


def test_the_rig_that_is_asked_for_must_be_there(face):
    with pytest.raises(RigtalkError, match="Face is no metahuman character: it has arkit"):
        targets.find_target(face, rig="metahuman")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (["smile", "frown"], "no control of a known rig found"),
        (["jawOpen", "mouthLeft"], "not enough for ARKit shape keys: 2 of 52"),
    ],
)
def test_other_shape_keys_are_refused_with_the_reason(make_mesh, keys, message):
    with pytest.raises(RigtalkError, match=f"Thing: .*{message}"):
        targets.find_target(make_mesh("Thing", keys))


def test_a_camera_is_no_character(scene):
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    with pytest.raises(RigtalkError, match="Camera has no shape keys: select"):
        targets.find_target(camera)


def test_names_with_quotes_and_copies_are_escaped(make_mesh):
    thing = make_mesh("Odd", [f'my"rig:{name}' for name in ARKIT])
    target = targets.find_target(thing)
    for channel in target.channels:
        block = channel.owner.path_resolve(channel.path.removesuffix(".value"))
        assert block.name == f'my"rig:{channel.control}'


def test_characters_of_a_scene_are_listed_once(face, board, make_mesh):
    make_mesh("Prop", ["bend"])
    rows = {row.object_name: row for row in targets.list_targets(bpy.context.scene.objects)}
    assert set(rows) == {"Face", "Board"}
    assert (rows["Face"].rig, rows["Face"].matched, rows["Face"].total) == ("arkit", 52, 52)
    assert rows["Board"].rig == "metahuman-board"
