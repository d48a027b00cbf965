"""What will not move is said, with the reason and what to do."""

from __future__ import annotations

import bpy
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.characters import targets

ARKIT = rigs.control_set("arkit").names[:52]


def drive(block, owner, path):
    curve = block.driver_add("value")
    variable = curve.driver.variables.new()
    if owner.id_type == "KEY":
        variable.targets[0].id_type = "KEY"
    variable.targets[0].id, variable.targets[0].data_path = owner, path
    curve.driver.expression = variable.name


@pytest.fixture
def pair(make_mesh, make_armature):
    """A face and lashes on one armature."""
    rig = make_armature("Rig", ["head"])
    face, lashes = make_mesh("Face", ARKIT), make_mesh("Lashes", ["eyeBlinkLeft", "eyeBlinkRight"])
    face.parent = lashes.parent = rig
    return face, lashes


def test_a_part_with_absolute_keys_is_left_out_and_named(pair, speak):
    face, lashes = pair
    lashes.data.shape_keys.use_relative = False
    _, target = speak(face)
    assert {c.owner for c in target.channels} == {face.data.shape_keys}
    assert "the shape keys of Lashes" in target.notes[0]
    assert not target.problem


def test_absolute_keys_alone_are_a_problem(face):
    face.data.shape_keys.use_relative = False
    assert targets.find_target(face).problem == (
        "the shape keys of FaceMesh are absolute: turn on Relative for them"
    )


def test_lashes_driven_by_lids_follow(pair, speak):
    face, lashes = pair
    for name in ("eyeBlinkLeft", "eyeBlinkRight"):
        block = lashes.data.shape_keys.key_blocks[name]
        drive(block, face.data.shape_keys, f'key_blocks["{name}"].value')
    _, target = speak(face)
    assert target.driven == 2
    assert target.notes == ("2 follow by drivers",)
    bpy.context.scene.frame_set(3)
    lid, lash = (o.data.shape_keys.key_blocks["eyeBlinkLeft"].value for o in pair)
    assert lash == pytest.approx(lid, abs=1e-6)


def test_a_driver_from_elsewhere_holds_its_shape_key(pair, speak):
    face, _ = pair
    drive(face.data.shape_keys.key_blocks["jawOpen"], face, "location.x")
    _, target = speak(face)
    assert target.notes == ("1 have drivers and stay as they are: jawOpen",)


def test_properties_that_drive_a_face_are_what_moves(make_mesh, make_armature, speak):
    rig, face = make_armature("Rig", ["head"]), make_mesh("Face", ARKIT)
    for name in ARKIT:
        rig[name] = 0.0
        drive(face.data.shape_keys.key_blocks[name], rig, f'["{name}"]')
    performance, target = speak(face)
    assert (target.object_name, target.kind) == ("Rig", "properties")
    bpy.context.scene.frame_set(4)
    shown = face.data.shape_keys.key_blocks["mouthFunnel"].value
    assert shown == pytest.approx(performance.curve("mouthFunnel")[3], abs=1e-5)


def test_a_face_that_is_wholly_driven_by_something_unknown_is_a_problem(face):
    for block in face.data.shape_keys.key_blocks[1:]:
        drive(block, face, "location.x")
    assert "animate what drives it" in targets.find_target(face).problem


def test_hidden_parts_are_keyed_and_named(scene, pair, speak):
    face, lashes = pair
    performance, _ = speak(face)
    lashes.hide_viewport = True
    assert targets.find_target(face).notes == ("Hidden, but keyed too: Lashes",)
    scene.frame_set(1)
    lashes.hide_viewport = False
    scene.frame_set(4)  # what is hidden is not evaluated
    lash = lashes.data.shape_keys.key_blocks["eyeBlinkLeft"].value
    assert lash == pytest.approx(performance.curve("eyeBlinkLeft")[3], abs=2e-6)


def test_another_character_on_the_same_mesh_is_named(scene, pair):
    face, _ = pair
    twin = bpy.data.objects.new("Twin", face.data)
    scene.collection.objects.link(twin)
    assert targets.find_target(face).notes == ("Moves too, on the same mesh: Twin",)
    assert targets.find_target(twin).notes == ("Moves too, on the same mesh: Face",)


def test_parts_of_an_excluded_collection_are_named(scene, pair):
    face, lashes = pair
    collection = bpy.data.collections.new("Parts")
    scene.collection.children.link(collection)
    scene.collection.objects.unlink(lashes)
    collection.objects.link(lashes)
    assert targets.glance(face).summary[2:] == ()
    bpy.context.view_layer.layer_collection.children["Parts"].exclude = True
    assert targets.glance(face).summary[2:] == ("Hidden, but keyed too: Lashes",)


def test_a_collection_that_an_empty_shows_cannot_be_animated_there(scene, face):
    shown = bpy.data.objects.new("Shown", None)
    shown.instance_type = "COLLECTION"
    shown.instance_collection = bpy.data.collections.new("Hero")
    scene.collection.objects.link(shown)
    assert targets.glance(shown).problem == (
        "Shown shows the collection Hero: select the face inside"
    )
