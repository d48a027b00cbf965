"""What the panel shows is kept until something changes, and never longer."""

from __future__ import annotations

import bpy
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.characters import glances, targets

ARKIT = rigs.control_set("arkit").names[:52]


@pytest.fixture
def looks(monkeypatch):
    """Counts how often a character is looked at anew."""
    seen = []
    real = glances._look

    def look(character):
        seen.append(character.name)
        return real(character)

    glances.forget()
    monkeypatch.setattr(glances, "_look", look)
    yield seen
    glances.forget()


@pytest.fixture
def rigged(face, make_mesh, make_armature):
    """A face and teeth on an armature."""
    rig, teeth = make_armature("Rig", ["head"]), make_mesh("Teeth", ["jawOpen", "jawLeft"])
    face.parent = teeth.parent = rig
    return face, teeth, rig


def test_it_says_what_find_target_finds(face, looks):
    seen, target = targets.glance(face), targets.find_target(face)
    assert seen.found
    assert (seen.object_name, seen.kind, seen.rig) == ("Face", "shape keys", "arkit")
    assert (seen.title, seen.summary, seen.problem) == ("ARKit shape keys", target.summary, "")


def test_nothing_and_no_character_are_problems(scene, make_mesh):
    assert targets.glance(None).problem == "Select a character first"
    seen = targets.glance(make_mesh("Prop", ["bend"]))
    assert (seen.found, seen.object_name) == (False, "Prop")
    assert "no control of a known rig" in seen.problem


def test_without_a_change_it_is_looked_at_once(rigged, looks):
    face, _, rig = rigged
    for _ in range(5):
        targets.glance(face)
        targets.glance(rig)
    assert looks == ["Face", "Rig"]


def rename_key(face, teeth, rig):
    face.data.shape_keys.key_blocks["jawOpen"].name = "gape"


def rename_key_of_a_part(face, teeth, rig):
    teeth.data.shape_keys.key_blocks["jawOpen"].name = "gape"


def remove_key(face, teeth, rig):
    face.shape_key_remove(face.data.shape_keys.key_blocks["jawOpen"])


def unparent(face, teeth, rig):
    teeth.parent = None


def drive(face, teeth, rig):
    face.data.shape_keys.key_blocks["jawOpen"].driver_add("value")


def add_property(face, teeth, rig):
    rig["jawOpen"] = 0.0


def make_absolute(face, teeth, rig):
    face.data.shape_keys.use_relative = False


def rename_object(face, teeth, rig):
    face.name = "Hero"


def hide(face, teeth, rig):
    teeth.hide_viewport = True


def use_the_mesh_twice(face, teeth, rig):
    bpy.data.objects.new("Twin", face.data)


def rename_bone(face, teeth, rig):
    rig.data.bones["head"].name = "skull"


def delete_a_part(face, teeth, rig):
    bpy.data.objects.remove(teeth)


@pytest.mark.parametrize(
    "change",
    [
        rename_key,
        rename_key_of_a_part,
        remove_key,
        unparent,
        drive,
        add_property,
        make_absolute,
        rename_object,
        hide,
        use_the_mesh_twice,
        rename_bone,
        delete_a_part,
    ],
)
def test_a_change_is_seen_at_once(rigged, looks, change):
    face = rigged[0]
    targets.glance(face)
    change(*rigged)
    seen = targets.glance(face)
    assert len(looks) == 2
    assert seen.summary == targets.find_target(face).summary


def test_a_change_of_the_mapping_is_seen(editor, face, looks):
    targets.glance(face)
    bpy.ops.rigtalk.find_controls()
    assert targets.glance(face).kind == "targets"
    before = len(looks)
    row = face.rigtalk_mapping.rows[0]
    for name, value in (("enabled", False), ("gain", 0.5), ("target", "nowhere")):
        setattr(row, name, value)
        assert targets.glance(face).summary == targets.find_target(face).summary
        before += 1
        assert len(looks) == before
    targets.glance(face)
    assert len(looks) == before


def test_it_survives_undo_and_another_file(editor, face, looks):
    targets.glance(face)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    mesh = bpy.data.meshes.new("Face")
    thing = bpy.data.objects.new("Face", mesh)
    assert not targets.glance(thing).found
    assert len(looks) == 2


def test_only_text_is_kept(rigged, looks):
    targets.glance(rigged[0])

    def leaves(value):
        if isinstance(value, tuple | list):
            for each in value:
                yield from leaves(each)
        else:
            yield value

    for state, seen in glances._KNOWN.values():
        kept = [*leaves(state), *leaves(list(vars(seen).values()))]
        assert {type(value) for value in kept} <= {str, int, bool, float}


def test_no_more_than_some_are_kept(make_mesh, looks):
    for i in range(glances._MOST + 3):
        targets.glance(make_mesh(f"Prop{i}", ["bend"]))
    assert len(glances._KNOWN) <= glances._MOST


def test_in_one_redraw_a_character_is_looked_for_once(face, monkeypatch):
    asked = []
    real = glances._glance
    monkeypatch.setattr(glances, "_glance", lambda c: asked.append(c) or real(c))
    monkeypatch.setattr(glances.Redraw, "seconds", 60.0)
    first = targets.glance(face)
    assert targets.glance(face) is first
    face.shape_key_add(name="another")
    targets.glance(face)
    face.name = "Other"
    assert targets.glance(face).object_name == "Other"
    assert len(asked) == 3
    monkeypatch.setattr(glances.Redraw, "seconds", 0.0)
    targets.glance(face)
    assert len(asked) == 4


def test_the_owners_of_channels_are_found_again(face):
    seen = targets.glance(face)
    assert glances.owners_of_glance(seen) == [face.data.shape_keys]
    face.shape_key_clear()
    assert glances.owners_of_glance(seen) == []
