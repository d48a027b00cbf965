"""The meshes of a character become the one that Gaussians are bound to."""

from __future__ import annotations

import math

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from rigtalk.blender_addon.characters.targets import find_target
from rigtalk.blender_addon.gaussian.extraction import find_parts, head_mesh_of, parts_named
from rigtalk.blender_addon.gaussian.posing import Poser, held
from rigtalk.blender_addon.head.scene import create_head
from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.mesh import mesh_signature
from rigtalk.rigs import control_set

ARKIT = control_set("arkit").names[:52]


def coordinates(thing) -> np.ndarray:
    """Vertices of an object's own mesh, (V, 3)."""
    return np.array([vertex.co for vertex in thing.data.vertices], np.float32)


def shape(thing, name: str) -> np.ndarray:
    """Vertices of a shape key, (V, 3)."""
    data = thing.data.shape_keys.key_blocks[name].data
    return np.array([point.co for point in data], np.float32)


def extract(thing):
    return head_mesh_of(thing, bpy.context)


def delta(head, name: str) -> np.ndarray:
    return head.control_deltas[head.control_names.index(name)].astype(np.float32)


def test_shape_keys_become_differences(ball) -> None:
    head = extract(ball)
    assert head.control_names == ARKIT
    assert head.rig == "arkit"
    assert head.objects == ("Ball",)
    rest = coordinates(ball)
    assert np.abs(head.mesh.vertices - rest).max() < 1e-7
    for name in ("jawOpen", "tongueOut"):
        # Half precision has 11 bits: of 0.07 at most.
        assert np.abs(delta(head, name) - (shape(ball, name) - rest)).max() < 4e-5
    sizes = np.array([polygon.loop_total for polygon in ball.data.polygons])
    corners = np.array([loop.vertex_index for loop in ball.data.loops])
    assert head.signature == mesh_signature(len(rest), sizes, corners)


def test_values_and_keys_stay_as_they_were(ball, scene) -> None:
    block = ball.data.shape_keys.key_blocks["jawOpen"]
    block.value = 0.3
    block.keyframe_insert("value", frame=1)
    block.value = 0.6  # not keyed yet
    rest = coordinates(ball)
    head = extract(ball)
    assert np.abs(head.mesh.vertices - rest).max() < 1e-7, "the rest is not at rest"
    assert block.value == pytest.approx(0.6)


def test_modifiers_count_as_they_show_in_the_viewport(ball) -> None:
    smooth = ball.modifiers.new("Smooth", "SUBSURF")
    smooth.levels, smooth.render_levels = 1, 3
    assert len(extract(ball).mesh.vertices) > 3 * len(ball.data.vertices)
    smooth.show_viewport = False
    assert len(extract(ball).mesh.vertices) == len(ball.data.vertices)


def test_what_belongs_comes_along_in_the_space_of_the_head(ball, make_mesh) -> None:
    ball.matrix_world = Matrix.Translation((1, 2, 3)) @ Matrix.Rotation(0.5, 4, "Z")
    ball.scale = (0.5, 0.5, 0.5)
    teeth = make_mesh("Teeth", ["jawOpen"])
    teeth.parent = ball
    teeth.location = (0.0, 0.0, 0.2)
    bpy.context.view_layer.objects.active = ball
    head = extract(ball)
    assert head.objects == ("Ball", "Teeth")
    own = len(ball.data.vertices)
    expected = np.array([(0, 0, 0.2), (1, 0, 0.2), (0, 1, 0.2)])
    assert np.abs(head.mesh.vertices[own:] - expected).max() < 1e-6
    assert head.mesh.triangles.max() == own + 2
    # The key moves the corner of the teeth to (0.1, 0, 0).
    assert np.abs(delta(head, "jawOpen")[own] - (0.1, 0.0, 0.0)).max() < 1e-3
    teeth.data.shape_keys.key_blocks["jawOpen"].value = 0.0
    shown = parts_named(head.objects)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    assert shown.signature(depsgraph) == head.signature
    assert np.abs(shown.vertices(depsgraph) - head.mesh.vertices).max() < 1e-6


def test_the_embedded_head_looks_forward_and_turns(scene) -> None:
    head_object = create_head(scene, neck=True)
    head = extract(head_object)
    assert head.front == (0.0, -1.0, 0.0)
    assert head.up == (0.0, 0.0, 1.0)
    assert {"headYaw", "headPitch", "headRoll"} < set(head.control_names)
    far = np.argmin(head.mesh.vertices[:, 1])  # the tip of the nose, 0.13 m from the axis
    head_object["headYaw"] = 0.2
    head_object.update_tag()
    shown = parts_named(head.objects).vertices(bpy.context.evaluated_depsgraph_get())
    linear = head.mesh.vertices + 0.2 * delta(head, "headYaw")
    assert np.abs(shown - head.mesh.vertices)[far].max() > 0.01
    # The straight line misses an arc of 0.2 rad at 0.13 m by 0.13 (1 - cos 0.2) = 2.6 mm.
    assert np.abs(shown - linear)[far].max() < 0.003


def test_a_head_that_lies_has_its_crown_where_the_sky_is(ball) -> None:
    ball.rotation_euler = (math.pi / 2, 0.0, 0.0)
    bpy.context.view_layer.update()
    head = extract(ball)
    assert head.up == pytest.approx((0.0, 1.0, 0.0), abs=1e-6)
    assert np.dot(head.front, head.up) == pytest.approx(0.0, abs=1e-6)


def test_a_hidden_head_is_refused(ball) -> None:
    ball.hide_render = True
    with pytest.raises(RigtalkError, match="Ball is hidden"):
        extract(ball)
    ball.hide_render = False
    ball.hide_set(True)
    with pytest.raises(RigtalkError, match="Ball is hidden"):
        extract(ball)


@pytest.mark.parametrize(
    ("scale", "message"),
    [((1, 1, 2), "unevenly"), ((-1, 1, 1), "mirrored"), ((0, 0, 0), "scaled to nothing")],
)
def test_scales_that_no_camera_can_follow_are_refused(ball, scale, message: str) -> None:
    ball.scale = scale
    bpy.context.view_layer.update()
    with pytest.raises(RigtalkError, match=message):
        extract(ball)


def test_a_mesh_without_faces_is_refused(ball) -> None:
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.delete(type="ONLY_FACE")
    bpy.ops.object.mode_set(mode="OBJECT")
    with pytest.raises(RigtalkError, match="no faces"):
        extract(ball)


def test_a_mesh_without_size_is_refused(ball) -> None:
    for block in ball.data.shape_keys.key_blocks:
        block.data.foreach_set("co", np.zeros(len(block.data) * 3))
    with pytest.raises(RigtalkError, match="no size"):
        extract(ball)


def test_controls_that_move_nothing_are_refused(ball) -> None:
    rest = shape(ball, "Basis").ravel()
    for block in ball.data.shape_keys.key_blocks:
        block.data.foreach_set("co", rest)
    with pytest.raises(RigtalkError, match="move no vertex"):
        extract(ball)


def test_a_modifier_that_makes_other_faces_is_named(ball) -> None:
    ball.modifiers.new("Smooth", "SMOOTH")
    weld = ball.modifiers.new("Merger", "WELD")
    weld.merge_threshold = 0.03
    with pytest.raises(RigtalkError, match=r"Merger of Ball makes other faces when \w+ moves"):
        extract(ball)
    assert weld.show_viewport
    assert max(block.value for block in ball.data.shape_keys.key_blocks[1:]) == 0.0


def test_no_character_and_no_mesh(scene, board) -> None:
    bpy.ops.mesh.primitive_cube_add()
    with pytest.raises(RigtalkError, match="no shape keys"):
        extract(bpy.context.object)
    with pytest.raises(RigtalkError, match="no mesh"):
        extract(board)


def test_a_board_moves_the_meshes_that_it_drives(scene) -> None:
    thing = create_head(scene, face_board=True)
    poser = Poser(find_target(thing))
    assert poser.controls.name == "metahuman"
    parts = find_parts(poser.target, bpy.context, thing)
    assert parts.space == thing
    rest = coordinates(thing)
    with held(poser):
        poser.set({"CTRL_expressions_jawOpen": 1.0})
        shown = parts.vertices(bpy.context.evaluated_depsgraph_get())
    wanted = shape(thing, "jawOpen") - rest
    assert np.abs(wanted).max() > 0.005
    # The board's mapping adds small movements beside the main one.
    assert np.abs(shown - rest - wanted).max() < 0.3 * np.abs(wanted).max()


def test_a_linked_character_is_refused(ball, tmp_path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (_, wanted):
        wanted.objects = ["Ball"]
    (linked,) = wanted.objects
    bpy.context.scene.collection.objects.link(linked)
    bpy.context.view_layer.update()
    with pytest.raises(RigtalkError, match="is linked from a library"):
        extract(linked)


def test_parts_that_are_gone(ball) -> None:
    with pytest.raises(RigtalkError, match="Teeth is gone or renamed"):
        parts_named(["Ball", "Teeth"])
