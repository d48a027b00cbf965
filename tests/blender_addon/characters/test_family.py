"""Who belongs to a character, and who only stands beside it."""

from __future__ import annotations

import bpy
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.characters import targets
from rigtalk.blender_addon.characters.family import find_family
from rigtalk.core.errors import RigtalkError

ARKIT = rigs.control_set("arkit").names[:52]


def owners(target):
    return {channel.owner.user.name.removesuffix("Mesh") for channel in target.channels}


def together(scene, name, *things):
    collection = bpy.data.collections.new(name)
    scene.collection.children.link(collection)
    for thing in things:
        scene.collection.objects.unlink(thing)
        collection.objects.link(thing)
    return collection


def test_parts_in_one_collection_belong_together(scene, make_mesh):
    face, teeth = make_mesh("Face", ARKIT), make_mesh("Teeth", ["jawOpen", "jawLeft"])
    together(scene, "Hero", face, teeth)
    assert owners(targets.find_target(face)) == {"Face", "Teeth"}
    assert owners(targets.find_target(teeth)) == {"Face", "Teeth"}


def test_two_faces_in_one_collection_are_two_characters(scene, make_mesh):
    faces = [make_mesh(name, ARKIT) for name in ("Ada", "Ben")]
    teeth = make_mesh("Teeth", ["jawOpen", "jawLeft"])
    together(scene, "Cast", *faces, teeth)
    for face in faces:
        assert owners(targets.find_target(face)) == {face.name, "Teeth"}
    with pytest.raises(RigtalkError, match="Teeth"):
        targets.find_target(teeth)


def test_the_root_of_a_scene_joins_nothing(make_mesh):
    face = make_mesh("Face", ARKIT)
    make_mesh("Mask", ["jawOpen", "jawLeft"])
    assert owners(targets.find_target(face)) == {"Face"}


def test_parts_below_one_empty_belong_together(make_mesh, make_holder):
    face, lashes = make_mesh("Face", ARKIT), make_mesh("Lashes", ["eyeBlinkLeft", "eyeBlinkRight"])
    face.parent = lashes.parent = make_holder("Root", [])
    assert owners(targets.find_target(face)) == {"Face", "Lashes"}
    assert owners(targets.find_target(face.parent)) == {"Face", "Lashes"}


def test_a_mesh_that_an_armature_deforms_belongs_to_it_without_being_its_child(
    make_mesh, make_armature
):
    rig = make_armature("Rig", ["head"])
    face, lashes = make_mesh("Face", ARKIT), make_mesh("Lashes", ARKIT[:2])
    for part in (face, lashes):
        part.modifiers.new("Armature", "ARMATURE").object = rig
    for asked in (rig, face, lashes):
        assert owners(targets.find_target(asked)) == {"Face", "Lashes"}


def test_what_is_deeper_below_belongs_too(make_mesh, make_armature, make_holder):
    rig, inner = make_armature("Rig", ["head"]), make_holder("Inner", [])
    face, teeth = make_mesh("Face", ARKIT), make_mesh("Teeth", ["jawOpen", "jawLeft"])
    inner.parent, face.parent, teeth.parent = rig, rig, inner
    family = find_family(face)
    assert {o.name for o in family.members} >= {"Face", "Teeth", "Rig"}
    assert owners(targets.find_target(inner)) == {"Face", "Teeth"}


def test_lashes_with_all_52_move_with_the_face_of_their_rig(make_mesh, make_armature):
    rig = make_armature("Rig", ["head"])
    for name in ("Head", "Lashes"):
        make_mesh(name, ARKIT).parent = rig
    assert len(targets.find_target(rig).channels) == 104
