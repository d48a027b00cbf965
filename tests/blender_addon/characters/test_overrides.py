"""Linked characters are overridden with their shape keys, keyed, and keep it all in the file."""

from __future__ import annotations

import bpy
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.characters import overrides, targets

ARKIT = rigs.control_set("arkit").names[:52]


@pytest.fixture
def library(make_mesh, make_armature, tmp_path):
    """A file with a collection that holds a character; nothing is open afterwards."""
    collection = bpy.data.collections.new("Hero")
    bpy.context.scene.collection.children.link(collection)
    rig = make_armature("Rig", ["head"])
    face, teeth = make_mesh("Face", ARKIT), make_mesh("Teeth", ["jawOpen", "jawLeft"])
    for thing in (rig, face, teeth):
        bpy.context.scene.collection.objects.unlink(thing)
        collection.objects.link(thing)
    face.parent = teeth.parent = rig
    path = tmp_path / "hero.blend"
    bpy.data.libraries.write(str(path), {collection})
    for thing in (rig, face, teeth):
        data = thing.data
        bpy.data.objects.remove(thing)
        bpy.data.batch_remove([data])
    bpy.data.collections.remove(collection)
    return path


def link(path, kind, name):
    with bpy.data.libraries.load(str(path), link=True) as (_, wanted):
        setattr(wanted, kind, [name])
    return getattr(wanted, kind)[0]


def link_collection(path):
    collection = link(path, "collections", "Hero")
    bpy.context.scene.collection.children.link(collection)
    return collection.all_objects["Face"]


def link_instance(path):
    instance = bpy.data.objects.new("Hero", None)
    instance.instance_type = "COLLECTION"
    instance.instance_collection = link(path, "collections", "Hero")
    bpy.context.scene.collection.objects.link(instance)
    return instance


def link_object(path):
    thing = link(path, "objects", "Face")
    bpy.context.scene.collection.objects.link(thing)
    return thing


def override_in_blender(path):
    """As Object > Library Override > Make does: the shape keys stay linked."""
    face = link_collection(path)
    collection = next(c for c in bpy.data.collections if c.library)
    collection.override_hierarchy_create(bpy.context.scene, bpy.context.view_layer)
    return next(o for o in bpy.data.objects if o.override_library and o.name == face.name)


@pytest.mark.parametrize("arrive", [link_collection, link_object, override_in_blender])
def test_a_linked_character_says_what_to_do(library, arrive):
    problem = targets.glance(arrive(library)).problem
    assert "linked from a library" in problem
    assert "override" in problem


@pytest.mark.parametrize(
    "arrive", [link_collection, link_instance, link_object, override_in_blender]
)
def test_an_overridden_character_is_keyed_and_keeps_it(editor, library, arrive, speak, tmp_path):
    bpy.context.view_layer.objects.active = arrive(library)
    assert bpy.ops.rigtalk.override_character() == {"FINISHED"}
    face = bpy.context.view_layer.objects.active
    assert face.override_library is not None
    performance, target = speak(face)
    assert not target.problem
    assert {c.control for c in target.channels} == set(ARKIT)
    path = tmp_path / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    bpy.context.scene.frame_set(4)
    face = next(o for o in bpy.data.objects if o.override_library and o.name.startswith("Face"))
    shown = face.data.shape_keys.key_blocks["jawOpen"].value
    assert shown == pytest.approx(performance.curve("jawOpen")[3], abs=1e-5)


def test_a_mapping_of_an_override_is_kept_in_the_file(editor, library, tmp_path):
    """The library has never heard of mappings: on reading, Blender would drop what is new."""
    bpy.context.view_layer.objects.active = link_collection(library)
    bpy.ops.rigtalk.override_character()
    bpy.ops.rigtalk.find_controls()
    face = bpy.context.view_layer.objects.active
    holder = targets.mapping_owner(face)
    assert (len(holder.rigtalk_mapping.rows), holder.library) == (54, None)
    holder.rigtalk_mapping.rows[5].gain = 0.5
    path = tmp_path / "shot.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    face = next(o for o in bpy.data.objects if o.override_library and o.name.startswith("Face"))
    mapping = targets.mapping_owner(face).rigtalk_mapping
    assert (len(mapping.rows), mapping.rows[5].gain, mapping.rows[5].thing) == (54, 0.5, face)
    target = targets.find_target(face)
    assert (target.mapped, target.object_name) == (True, face.name)
    assert targets.glance(face).object_name == face.name
    bpy.context.view_layer.objects.active = face
    bpy.ops.rigtalk.mapping_reset(every=True)
    assert mapping.rows[5].gain == 1.0
    bpy.ops.rigtalk.find_controls()
    assert targets.mapping_owner(face).rigtalk_mapping == mapping


def test_a_character_of_this_file_needs_no_override(editor, face):
    assert overrides.why_not(face) == "Face is not linked from a library"
    with pytest.raises(RuntimeError, match="not linked"):
        bpy.ops.rigtalk.override_character()


def test_linked_parts_beside_own_ones_are_left_out(library, make_armature, make_mesh):
    face = make_mesh("Own", ARKIT)
    rig = make_armature("OwnRig", ["head"])
    face.parent = rig
    mesh = link(library, "meshes", "TeethMesh")
    teeth = bpy.data.objects.new("OwnTeeth", mesh)
    bpy.context.scene.collection.objects.link(teeth)
    teeth.parent = rig
    target = targets.find_target(face)
    assert {c.owner for c in target.channels} == {face.data.shape_keys}
    assert "TeethMesh is linked" in target.notes[0]
