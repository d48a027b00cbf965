"""The test slider moves one target and leaves no trace."""

from __future__ import annotations

import bpy
import pytest

from rigtalk import rigs

ARKIT = rigs.control_set("arkit").names[:52]


@pytest.fixture
def mapping(editor, face):
    """A mapping whose active row is the jaw; every shape key is at rest."""
    for block in face.data.shape_keys.key_blocks[1:]:
        block.value = 0.0
    face.data.shape_keys.key_blocks["jawOpen"].value = 0.125
    bpy.ops.rigtalk.find_controls()
    mapping = face.rigtalk_mapping
    mapping.active = ARKIT.index("jawOpen")
    return mapping


def values(face):
    return {block.name: block.value for block in face.data.shape_keys.key_blocks[1:]}


def test_it_moves_the_target_and_puts_it_back(mapping, face):
    before = values(face)
    mapping.rows[mapping.active].gain = 0.5
    for amount in (0.2, 0.8):
        mapping.trial = amount
        assert values(face) == before | {"jawOpen": pytest.approx(amount / 2, abs=1e-6)}
    mapping.trial = 0.0
    assert values(face) == before
    assert face.data.shape_keys.animation_data is None


@pytest.mark.parametrize(
    "end",
    [
        lambda mapping: setattr(mapping, "active", 3),
        lambda mapping: bpy.ops.rigtalk.mapping_put_back(),
        lambda mapping: bpy.ops.rigtalk.mapping_remove(),
        lambda mapping: bpy.ops.rigtalk.mapping_clear(),
        lambda mapping: bpy.ops.rigtalk.find_controls(),
        lambda mapping: bpy.ops.rigtalk.mapping_reset(every=True),
    ],
)
def test_whatever_ends_it_puts_the_target_back(mapping, face, end):
    before = values(face)
    mapping.trial = 0.9
    end(mapping)
    assert values(face) == before


def test_a_row_that_is_pointed_elsewhere_gives_back_the_old_target(mapping, face):
    before = values(face)
    mapping.trial = 0.9
    mapping.rows[mapping.active].target = "mouthFunnel"
    mapping.trial = 0.5
    assert values(face) == before | {"mouthFunnel": 0.5}
    mapping.trial = 0.0
    assert values(face) == before


def test_a_target_that_is_removed_meanwhile_does_no_harm(mapping, face):
    mapping.trial = 0.9
    face.shape_key_remove(face.data.shape_keys.key_blocks["jawOpen"])
    mapping.trial = 0.0
    assert mapping.tried == ""


def test_bones_and_properties_are_moved_too(editor, make_armature):
    rig = make_armature("Rig", ["jaw"])
    rig["open"] = 0.25
    rig.pose.bones["jaw"]["wide"] = 0.5
    rows = [
        ("BONE", "jaw", "", lambda: rig.pose.bones["jaw"].location[1]),
        ("PROPERTY", "open", "", lambda: rig["open"]),
        ("PROPERTY", "wide", "jaw", lambda: rig.pose.bones["jaw"]["wide"]),
    ]
    mapping = rig.rigtalk_mapping
    for kind, target, bone, _ in rows:
        bpy.ops.rigtalk.mapping_add()
        row = mapping.rows[mapping.active]
        row.control, row.kind, row.target, row.bone = "jawOpen", kind, target, bone
        row.channel = "LOCATION_Y"
    for i, (*_, read) in enumerate(rows):
        mapping.active = i
        before = read()
        mapping.trial = 0.75
        assert read() == pytest.approx(0.75)
        mapping.trial = 0.0
        assert read() == before


def test_a_control_with_two_ways_goes_both(editor, board):
    bpy.ops.rigtalk.find_controls()
    mapping = board.rigtalk_mapping
    mapping.active = next(i for i, r in enumerate(mapping.rows) if r.control == "CTRL_C_jaw.X")
    mapping.trial = -0.5
    assert board.pose.bones["CTRL_C_jaw"].location.x == pytest.approx(-0.5)
