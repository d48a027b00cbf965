"""The buttons of the mapping: what they do, and what they say when they cannot."""

from __future__ import annotations

import bpy
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.characters import operators, targets

ARKIT = rigs.control_set("arkit").names[:52]


def test_one_click_lists_what_a_character_is(editor, face):
    assert bpy.ops.rigtalk.find_controls() == {"FINISHED"}
    rows = face.rigtalk_mapping.rows
    assert [row.control for row in rows] == list(ARKIT)
    assert {row.thing for row in rows} == {face}
    assert face.rigtalk_mapping.controls == "arkit"


def test_the_list_is_kept_with_what_carries_the_controls(editor, face, make_armature):
    rig = make_armature("Rig", ["head"])
    face.parent = rig
    bpy.ops.rigtalk.find_controls()
    assert not rig.rigtalk_mapping.rows
    assert len(face.rigtalk_mapping.rows) == 52
    face.rigtalk_mapping.rows[0].gain = 0.5
    bpy.ops.rigtalk.find_controls()  # again: into the same list
    assert len(face.rigtalk_mapping.rows) == 52
    assert face.rigtalk_mapping.rows[0].gain == 1.0


def test_another_rig_may_be_asked_for(editor, make_mesh):
    face = make_mesh("Face", [*ARKIT, *rigs.control_set("oculus").names])
    bpy.ops.rigtalk.find_controls(rig="oculus")
    assert face.rigtalk_mapping.controls == "oculus"
    assert targets.find_target(face).controls.name == "oculus"
    with pytest.raises(RuntimeError, match="is no metahuman character"):
        bpy.ops.rigtalk.find_controls(rig="metahuman")
    assert face.rigtalk_mapping.controls == "oculus"


def test_where_nothing_is_found_nothing_changes(editor, face, make_mesh):
    bpy.ops.rigtalk.find_controls()
    prop = make_mesh("Prop", ["bend"])
    with pytest.raises(RuntimeError, match="no control of a known rig"):
        bpy.ops.rigtalk.find_controls()
    assert not prop.rigtalk_mapping.rows


def test_rows_are_added_and_removed(editor, face):
    bpy.ops.rigtalk.find_controls()
    mapping = face.rigtalk_mapping
    mapping.active = 51
    bpy.ops.rigtalk.mapping_add()
    assert (len(mapping.rows), mapping.active) == (53, 52)
    bpy.ops.rigtalk.mapping_remove()
    assert (len(mapping.rows), mapping.active) == (52, 51)
    while mapping.rows:
        bpy.ops.rigtalk.mapping_remove()
    assert mapping.active == 0
    with pytest.raises(RuntimeError, match="use Find Controls first"):
        bpy.ops.rigtalk.mapping_remove()


def test_a_character_of_no_known_rig_is_mapped_by_hand(editor, make_mesh, speak):
    puppet = make_mesh("Puppet", ["gape", "grin"])
    assert targets.glance(puppet).problem
    bpy.ops.rigtalk.mapping_add()
    row = puppet.rigtalk_mapping.rows[0]
    row.control, row.target, row.gain = "jawOpen", "gape", 0.8
    performance, target = speak(puppet)
    assert (target.mapped, target.problem) == (True, "")
    bpy.context.scene.frame_set(3)
    expected = 0.8 * performance.curve("jawOpen")[2]
    assert puppet.data.shape_keys.key_blocks["gape"].value == pytest.approx(expected, abs=1e-6)


def test_forgetting_the_mapping_finds_by_name_again(editor, face):
    bpy.ops.rigtalk.find_controls()
    bpy.ops.rigtalk.mapping_clear()
    assert not targets.find_target(face).mapped


def test_mirror_and_reset(editor, face):
    bpy.ops.rigtalk.find_controls()
    mapping = face.rigtalk_mapping
    by_name = {row.control: row for row in mapping.rows}
    by_name["eyeWideLeft"].gain = 0.5
    bpy.ops.rigtalk.mapping_mirror()
    assert by_name["eyeWideRight"].gain == 0.5
    mapping.active = list(ARKIT).index("eyeWideLeft")
    bpy.ops.rigtalk.mapping_reset()
    assert (by_name["eyeWideLeft"].gain, by_name["eyeWideRight"].gain) == (1.0, 0.5)
    bpy.ops.rigtalk.mapping_reset(every=True)
    assert by_name["eyeWideRight"].gain == 1.0


def test_check_chooses_the_first_row_that_is_wrong(editor, face, make_mesh):
    other = make_mesh("Other", ["bend"])
    bpy.context.view_layer.objects.active = face
    bpy.ops.rigtalk.find_controls()
    mapping = face.rigtalk_mapping
    face.shape_key_remove(face.data.shape_keys.key_blocks["jawOpen"])
    mapping.rows[40].thing, mapping.rows[40].target = other, "bend"
    bpy.context.scene.collection.objects.unlink(other)
    bpy.ops.rigtalk.mapping_check()
    assert mapping.rows[mapping.active].control == "jawOpen"
    bpy.ops.rigtalk.mapping_remove()
    bpy.ops.rigtalk.mapping_check()
    assert mapping.rows[mapping.active].thing == other
    assert any("Other was deleted" in note for note in targets.find_target(face).notes)


def test_each_change_is_one_step_to_undo(editor, face):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.rigtalk.find_controls("EXEC_DEFAULT", True)
    assert targets.glance(bpy.data.objects["Face"]).kind == "targets"
    bpy.ops.ed.undo()
    thing = bpy.data.objects["Face"]
    assert not thing.rigtalk_mapping.rows
    assert targets.glance(thing).kind == "shape keys"
    bpy.ops.ed.redo()
    assert len(bpy.data.objects["Face"].rigtalk_mapping.rows) == 52


@pytest.mark.parametrize("cls", operators.CLASSES, ids=lambda cls: cls.bl_idname)
def test_every_button_says_what_it_does_and_why_it_is_grey(editor, cls):
    assert cls.__doc__
    assert not cls.__doc__.endswith(".")
    said = []

    class Asked(cls):
        @classmethod
        def poll_message_set(cls, message):
            said.append(message)

    bpy.context.view_layer.objects.active = None
    assert not Asked.poll(bpy.context)
    assert said == ["Select a character first"]


def test_every_property_has_a_description(editor, face):
    mapping = face.rigtalk_mapping
    mapping.rows.add()
    for group in (mapping, mapping.rows[0]):
        for prop in group.bl_rna.properties:
            if prop.identifier not in ("rna_type", "name", "rows"):
                assert prop.description, prop.identifier
