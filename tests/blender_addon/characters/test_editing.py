"""Mappings are mirrored, reset and moved to other characters without losing anything."""

from __future__ import annotations

import bpy
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.characters import editing, targets

ARKIT = rigs.control_set("arkit").names[:52]


@pytest.fixture
def mapping(editor, face):
    """The mapping of a face, as it was found."""
    bpy.ops.rigtalk.find_controls()
    return face.rigtalk_mapping


def row_of(mapping, control):
    return next(row for row in mapping.rows if row.control == control)


def test_the_left_side_is_copied_to_the_right(mapping):
    left = row_of(mapping, "mouthSmileLeft")
    left.gain, left.offset, left.invert, left.enabled = 0.5, 0.1, True, False
    left.limited, left.low, left.high = True, 0.2, 0.8
    row_of(mapping, "browInnerUp").gain = 3.0
    assert editing.mirror(mapping) == (1, 0)
    right = row_of(mapping, "mouthSmileRight")
    assert (right.gain, right.offset) == (0.5, pytest.approx(0.1))
    assert (right.invert, right.enabled, right.limited) == (True, False, True)
    assert (right.target, right.thing.name) == ("mouthSmileRight", "Face")
    assert editing.mirror(mapping) == (0, 0)


def test_a_row_that_only_the_left_has_gets_a_counterpart(mapping):
    right = next(i for i, r in enumerate(mapping.rows) if r.control == "eyeBlinkRight")
    mapping.rows.remove(right)
    row_of(mapping, "eyeBlinkLeft").gain = 0.7
    assert editing.mirror(mapping) == (0, 1)
    added = row_of(mapping, "eyeBlinkRight")
    assert (added.target, added.gain) == ("eyeBlinkRight", pytest.approx(0.7))


def test_no_counterpart_is_made_up(mapping, face):
    right = next(i for i, r in enumerate(mapping.rows) if r.control == "eyeBlinkRight")
    mapping.rows.remove(right)
    face.data.shape_keys.key_blocks["eyeBlinkRight"].name = "else"
    assert editing.mirror(mapping) == (0, 0)


def test_reset_gives_what_was_found(mapping, face):
    jaw = row_of(mapping, "jawOpen")
    jaw.gain, jaw.invert = 0.1, True
    smile = row_of(mapping, "mouthSmileLeft")
    smile.target = "nowhere"
    smile.gain = 2.0
    assert editing.reset(mapping, [jaw]) == 1
    assert (jaw.gain, jaw.invert) == (1.0, False)
    assert smile.target == "nowhere"
    assert editing.reset(mapping, mapping.rows) == 1
    smile = row_of(mapping, "mouthSmileLeft")
    assert (smile.target, smile.gain) == ("mouthSmileLeft", 1.0)
    assert editing.reset(mapping, mapping.rows) == 0


def test_a_mapping_moves_to_a_character_with_other_names(mapping, make_mesh):
    row_of(mapping, "jawOpen").gain = 0.6
    kept = editing.stored(mapping)
    other = make_mesh("Someone", ARKIT)
    assert editing.apply_stored(other, other, kept) == (52, 0)
    assert row_of(other.rigtalk_mapping, "jawOpen").gain == pytest.approx(0.6)
    assert {row.thing.name for row in other.rigtalk_mapping.rows} == {"Someone"}
    assert editing.stored(other.rigtalk_mapping).rows[0][0] == kept.rows[0][0]


def test_rows_that_point_at_nothing_on_another_character_are_kept_and_counted(mapping, make_mesh):
    kept = editing.stored(mapping)
    other = make_mesh("Someone", [name for name in ARKIT if name != "jawOpen"])
    assert editing.apply_stored(other, other, kept) == (52, 1)
    [(at, fault)] = editing.faults(other.rigtalk_mapping)
    assert other.rigtalk_mapping.rows[at].control == "jawOpen"
    assert "object is gone" in fault
    assert len(targets.find_target(other).channels) == 51


def test_a_new_row_takes_after_the_active_one(mapping):
    mapping.active = 4
    before = mapping.rows[4].control
    mapping.rows[4].gain = 0.5
    editing.add_row(mapping)
    assert (mapping.active, len(mapping.rows)) == (5, 53)
    assert (mapping.rows[5].control, mapping.rows[5].gain) == (before, 1.0)


def test_the_mapping_is_saved_with_the_character_and_follows_renaming(
    editor, face, mapping, tmp_path
):
    row_of(mapping, "jawOpen").gain = 0.25
    face.name = "Hero"
    path = tmp_path / "hero.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    hero = bpy.data.objects["Hero"]
    assert row_of(hero.rigtalk_mapping, "jawOpen").gain == 0.25
    assert row_of(hero.rigtalk_mapping, "jawOpen").thing == hero
    target = targets.find_target(hero)
    assert target.mapped
    assert len(target.channels) == 52


def test_the_mapping_of_a_face_is_obeyed_from_anywhere_on_the_character(
    editor, face, mapping, make_mesh, make_armature
):
    rig, teeth = make_armature("Rig", ["head"]), make_mesh("Teeth", ["jawOpen", "jawLeft"])
    face.parent = teeth.parent = rig
    for asked in (face, teeth, rig):
        target = targets.find_target(asked)
        assert (target.mapped, target.object_name) == (True, "Face")
    face.rigtalk_mapping.enabled = False
    assert not targets.find_target(rig).mapped
    assert targets.found_target(face).controls.name == "arkit"
