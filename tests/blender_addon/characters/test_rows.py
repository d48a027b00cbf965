"""Rows of a mapping become channels with the right responses, and the other way round."""

from __future__ import annotations

import dataclasses

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.animation import keys
from rigtalk.blender_addon.characters import editing, targets
from rigtalk.blender_addon.characters.rows import RowData, channels_of, fault_of, response_of
from rigtalk.core.performance import Performance
from rigtalk.rigs.bones import bone_conventions

CONTROLS = rigs.control_set("arkit")
ARKIT = CONTROLS.names[:52]


def row(control="jawOpen", **settings):
    return RowData(control, "SHAPE_KEY", control, **settings)


def shown(rows, **values):
    weights = CONTROLS.rests[None].copy()
    for name, value in values.items():
        weights[0, CONTROLS.index(name)] = value
    return float(response_of(rows, CONTROLS).apply(CONTROLS, weights)[0])


@pytest.mark.parametrize(
    ("settings", "value", "expected"),
    [
        ({}, 0.4, 0.4),
        ({"gain": 0.5}, 0.4, 0.2),
        ({"gain": -2.0}, 0.4, -0.8),
        ({"offset": 0.25}, 0.4, 0.65),
        ({"invert": True}, 0.0, 1.0),
        ({"invert": True}, 0.4, 0.6),
        ({"invert": True, "gain": 0.5, "offset": 0.1}, 1.0, 0.1),
        ({"gain": 3.0, "limited": True, "low": 0.1, "high": 0.9}, 0.4, 0.9),
        ({"limited": True, "low": 0.1, "high": 0.9}, 0.0, 0.1),
        ({"low": 0.1, "high": 0.2}, 0.9, 0.9),
    ],
)
def test_settings_of_a_row(settings, value, expected):
    assert shown([row(**settings)], jawOpen=value) == pytest.approx(expected, abs=1e-6)


def test_an_angle_is_inverted_within_its_own_range():
    assert shown([row("headYaw", invert=True)], headYaw=0.2) == pytest.approx(-0.2, abs=1e-6)


def test_rows_of_one_target_add_up_and_all_limits_hold():
    rows = [row("jawLeft", limited=True, low=-0.5, high=1.0), row("jawRight", gain=-1.0)]
    assert shown(rows, jawLeft=0.7, jawRight=0.2) == pytest.approx(0.5, abs=1e-6)
    assert shown(rows, jawRight=0.9) == pytest.approx(-0.5, abs=1e-6)
    assert shown([row(""), *rows], jawLeft=0.3) == pytest.approx(0.3, abs=1e-6)


def test_several_targets_of_a_control_and_several_controls_of_a_target(editor, scene, face):
    bpy.ops.rigtalk.find_controls()
    rows = face.rigtalk_mapping.rows
    while len(rows) > 1:
        rows.remove(len(rows) - 1)
    rows[0].control = rows[0].target = "jawOpen"
    for control, target, gain in (("jawOpen", "mouthFunnel", 0.5), ("cheekPuff", "jawOpen", 0.25)):
        added = rows.add()
        added.thing, added.control, added.target, added.gain = face, control, target, gain
    channels, faults = channels_of(rows, CONTROLS)
    assert not faults
    weights = np.tile(CONTROLS.rests, (3, 1))
    weights[:, CONTROLS.index("jawOpen")] = (0.0, 0.4, 0.8)
    weights[:, CONTROLS.index("cheekPuff")] = 0.2
    line = Performance(weights.astype(np.float32), 60.0, CONTROLS)
    keys.write_performance(line, channels, scene=scene, start_frame=1)
    scene.frame_set(2)
    blocks = face.data.shape_keys.key_blocks
    assert blocks["jawOpen"].value == pytest.approx(0.45, abs=1e-6)
    assert blocks["mouthFunnel"].value == pytest.approx(0.2, abs=1e-6)


@pytest.mark.parametrize("kind", ["shape keys", "visemes", "bones", "board", "properties"])
def test_what_is_found_comes_back_from_rows_unchanged(
    editor, make_mesh, make_armature, make_holder, board, kind
):
    """Found channels as rows and rows as channels: the same values in the same places."""
    if kind == "shape keys":
        character = make_mesh("Face", [f'odd "{name}"' for name in ARKIT])
    elif kind == "visemes":
        character = make_mesh("Face", [n for n in rigs.control_set("oculus").names if n[-1] != "H"])
    elif kind == "bones":
        character = make_armature("Rig", bone_conventions()[-1].bones.values())
    elif kind == "board":
        character = board
    else:
        character = make_holder("Root", rigs.control_set("metahuman").names)
    found = targets.find_target(character)
    editing.fill(character, found)
    mapped = targets.find_target(character)
    assert mapped.mapped
    assert mapped.controls == found.controls
    assert mapped.objects == found.objects

    def placed(target):
        return {(c.owner.name, c.path, c.index): c for c in target.channels}

    before, after = placed(found), placed(mapped)
    assert before.keys() == after.keys()
    shares = np.random.default_rng(3).uniform(0, 1, (9, len(found.controls)))
    controls = found.controls
    values = controls.lows + shares * (controls.highs - controls.lows)
    line = Performance(values.astype(np.float32), 60.0, controls)
    for place, channel in before.items():
        np.testing.assert_allclose(
            after[place].values(line), channel.values(line), atol=1e-5, err_msg=str(place)
        )
        assert after[place].group == channel.group


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": "gone"}, "Face has no shape key 'gone'"),
        ({"control": "jawTwist"}, "has no control 'jawTwist'"),
        ({"thing": None}, "its object is gone"),
        ({"target": ""}, "no shape key is named"),
        ({"kind": "BONE"}, "has no bone"),
        ({"kind": "PROPERTY", "target": "nothing"}, "no number 'nothing'"),
        ({"kind": "DATA", "target": "nothing"}, "no number 'nothing'"),
        ({"limited": True, "low": 1.0, "high": 0.0}, "above the upper limit"),
    ],
)
def test_a_row_that_points_at_nothing_says_why_and_is_left_out(editor, face, change, message):
    bpy.ops.rigtalk.find_controls()
    stored = face.rigtalk_mapping.rows[17]
    assert fault_of(stored, CONTROLS) == ""
    for name, value in change.items():
        setattr(stored, name, value)
    assert message in fault_of(stored, CONTROLS)
    target = targets.find_target(face)
    assert len(target.channels) == 51
    assert target.notes[0].startswith("1 rows point at nothing: ")
    assert message in target.notes[0]


def test_a_bone_that_changed_its_rotation_mode_is_named(editor, make_armature):
    rig = make_armature("Rig", ["jaw"])
    bpy.ops.rigtalk.mapping_add()
    stored = rig.rigtalk_mapping.rows[0]
    stored.control, stored.kind, stored.target = "jawOpen", "BONE", "jaw"
    stored.channel = "ROTATION_X"
    assert "in the mode quaternion" in fault_of(stored, CONTROLS)
    rig.pose.bones["jaw"].rotation_mode = "XYZ"
    assert fault_of(stored, CONTROLS) == ""
    assert targets.find_target(rig).channels[0].path == 'pose.bones["jaw"].rotation_euler'


def test_every_setting_is_kept_in_a_row(editor, face):
    bpy.ops.rigtalk.mapping_add()
    stored = face.rigtalk_mapping.rows[0]
    assert {f.name for f in dataclasses.fields(RowData)} <= set(stored.bl_rna.properties.keys())
