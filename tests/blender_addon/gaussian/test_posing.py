"""Expressions are put on for a moment, whatever else moves the character, and leave no trace."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon.characters.targets import find_target
from rigtalk.blender_addon.gaussian.posing import Poser, held
from rigtalk.core.errors import RigtalkError
from rigtalk.rigs import control_set


def blocks(thing):
    return thing.data.shape_keys.key_blocks


def evaluated(thing, name: str) -> float:
    depsgraph = bpy.context.evaluated_depsgraph_get()
    keys = thing.evaluated_get(depsgraph).data.shape_keys
    return float(keys.key_blocks[name].value)


def test_controls_that_are_not_named_are_at_rest(face) -> None:
    blocks(face)["jawOpen"].value = 0.7
    poser = Poser(find_target(face))
    poser.set({"mouthFunnel": 0.4})
    assert blocks(face)["mouthFunnel"].value == pytest.approx(0.4)
    assert blocks(face)["jawOpen"].value == 0.0


def test_all_is_as_it_was_even_after_a_fault(face) -> None:
    blocks(face)["jawOpen"].value, blocks(face)["mouthFunnel"].value = 0.7, 0.1
    poser = Poser(find_target(face))
    with pytest.raises(RuntimeError, match="fault"), held(poser):  # noqa: PT012
        poser.set({"mouthFunnel": 1.0})
        raise RuntimeError("fault")
    assert blocks(face)["jawOpen"].value == pytest.approx(0.7)
    assert blocks(face)["mouthFunnel"].value == pytest.approx(0.1)


def test_keys_do_not_move_what_is_held(face, scene) -> None:
    for frame, value in ((1, 0.2), (20, 0.9)):
        blocks(face)["jawOpen"].value = value
        blocks(face)["jawOpen"].keyframe_insert("value", frame=frame)
    scene.frame_set(20)
    poser = Poser(find_target(face))
    with held(poser):
        poser.set({})
        scene.frame_set(20)
        assert evaluated(face, "jawOpen") == 0.0
    scene.frame_set(20)
    assert evaluated(face, "jawOpen") == pytest.approx(0.9)
    scene.frame_set(1)
    assert evaluated(face, "jawOpen") == pytest.approx(0.2)


def test_nla_strips_do_not_move_what_is_held(face, scene) -> None:
    blocks(face)["jawOpen"].value = 0.8
    blocks(face)["jawOpen"].keyframe_insert("value", frame=1)
    data = face.data.shape_keys.animation_data
    action = data.action
    data.action = None
    data.nla_tracks.new().strips.new("Strip", 1, action)
    scene.frame_set(1)
    assert evaluated(face, "jawOpen") == pytest.approx(0.8)
    poser = Poser(find_target(face))
    with held(poser):
        poser.set({})
        scene.frame_set(1)
        assert evaluated(face, "jawOpen") == 0.0
    assert data.use_nla
    scene.frame_set(1)
    assert evaluated(face, "jawOpen") == pytest.approx(0.8)


def test_curves_that_were_muted_stay_muted(face) -> None:
    blocks(face)["jawOpen"].keyframe_insert("value", frame=1)
    blocks(face)["mouthFunnel"].keyframe_insert("value", frame=1)
    from rigtalk.blender_addon import compat

    curves = compat.curves_to_read(face.data.shape_keys).fcurves
    curves[0].mute = True
    with held(Poser(find_target(face))):
        assert all(curve.mute for curve in curves)
    assert [curve.mute for curve in curves] == [True, False]


def test_handlers_wait(face, scene) -> None:
    def meddle(*_: object) -> None:
        blocks(face)["jawOpen"].value = 0.5

    bpy.app.handlers.frame_change_post.append(meddle)
    before = list(bpy.app.handlers.frame_change_post)
    poser = Poser(find_target(face))
    with held(poser):
        poser.set({})
        scene.frame_set(3)
        assert blocks(face)["jawOpen"].value == 0.0
    assert list(bpy.app.handlers.frame_change_post) == before


def test_a_board_is_posed_by_expressions_of_one_way_each(board) -> None:
    poser = Poser(find_target(board))
    assert poser.controls is control_set("metahuman")
    assert (poser.controls.lows[poser.controls.indices(*poser.names)] >= 0).all()
    assert "CTRL_expressions_jawOpen" in poser.names
    poser.set({"CTRL_expressions_jawOpen": 1.0})
    moved = [bone.name for bone in board.pose.bones if np.abs(bone.location).max() > 0.5]
    assert moved == ["CTRL_C_jaw"]
    poser.set({})
    assert max(np.abs(bone.location).max() for bone in board.pose.bones) == 0.0


def test_absolute_shape_keys_are_refused(face) -> None:
    face.data.shape_keys.use_relative = False
    with pytest.raises(RigtalkError, match="Relative"), held(Poser(find_target(face))):
        pass
