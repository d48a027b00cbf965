"""The embedded head in a real Blender: shape keys, face board, studio."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="needs the bpy wheel: python build.py test installs it")

from rigtalk.blender_addon.head.scene import (  # noqa: E402 - bpy comes first
    HEAD_ANGLES,
    create_face_board,
    create_head,
    create_studio,
)
from rigtalk.rigs import control_set, mapping  # noqa: E402
from rigtalk.rigs.head import Head, build_head  # noqa: E402

if TYPE_CHECKING:
    import bpy

ARKIT = control_set("arkit")
BOARD = control_set("metahuman-board")


@pytest.fixture(scope="module")
def built() -> Head:
    return build_head()


@pytest.fixture
def head(scene: bpy.types.Scene) -> bpy.types.Object:
    return create_head(scene)


def coordinates(points: bpy.types.bpy_prop_collection, count: int) -> np.ndarray:
    values = np.empty(3 * count, np.float32)
    points.foreach_get("co", values)
    return values.reshape(-1, 3)


def evaluated(thing: bpy.types.Object, count: int) -> np.ndarray:
    graph = bpy.context.evaluated_depsgraph_get()
    return coordinates(thing.evaluated_get(graph).data.vertices, count)


def test_one_mesh_carries_the_52_shapes_at_rest(head: bpy.types.Object, built: Head) -> None:
    blocks = head.data.shape_keys.key_blocks
    assert tuple(block.name for block in blocks[1:]) == ARKIT.names[:52]
    assert [block.value for block in blocks[1:]] == [0.0] * 52
    count = len(built.vertices)
    assert len(head.data.vertices) == count
    np.testing.assert_array_equal(evaluated(head, count), built.vertices)
    opened = coordinates(blocks["jawOpen"].data, count) - built.vertices
    expected = built.shape_deltas[built.shape_names.index("jawOpen")]
    # float32 sums of positions of 0.2 m
    np.testing.assert_allclose(opened, expected, atol=3e-8)


def test_blender_mixes_shapes_as_deform_does(head: bpy.types.Object, built: Head) -> None:
    mix = {"jawOpen": 0.6, "mouthClose": 0.4, "mouthSmileLeft": 0.7, "eyeBlinkRight": 1.0}
    for name, value in mix.items():
        head.data.shape_keys.key_blocks[name].value = value
    got = evaluated(head, len(built.vertices))
    np.testing.assert_allclose(got, built.deform(built.weights(**mix)), atol=1e-6)


def test_every_part_has_material_group_texture_and_colour(
    head: bpy.types.Object, built: Head
) -> None:
    mesh = head.data
    assert len(mesh.materials) == len(built.material_names)
    assert {group.name for group in head.vertex_groups} == set(built.parts)
    assert mesh.uv_layers.active is not None
    assert mesh.color_attributes.active_color.domain == "CORNER"
    sizes = np.array([polygon.loop_total for polygon in mesh.polygons])
    assert set(sizes) <= {3, 4}
    assert len(sizes) == len(built.faces)
    assert all(polygon.use_smooth for polygon in mesh.polygons)
    assert not mesh.validate()
    modifier = head.modifiers["Subdivision"]
    assert not modifier.show_viewport
    assert not modifier.show_render


def test_a_name_that_is_taken_and_a_collection_of_ones_own(scene: bpy.types.Scene) -> None:
    cast = bpy.data.collections.new("Cast")
    scene.collection.children.link(cast)
    first = create_head(scene, name="Ann", collection=cast)
    second = create_head(scene, name="Ann", collection=cast)
    assert [thing.name for thing in cast.objects] == ["Ann", "Ann.001"]
    assert first.data is not second.data


def set_board(board: bpy.types.Object, values: np.ndarray) -> None:
    for name, value in zip(BOARD.names, values, strict=True):
        bone, _, axis = name.partition(".")
        if bone in board.pose.bones:
            board.pose.bones[bone].location["XY".index(axis or "Y")] = value
    bpy.context.view_layer.update()


def test_the_board_undoes_the_mapping_from_arkit(head: bpy.types.Object) -> None:
    board = create_face_board(head)
    to_board = mapping("arkit", "metahuman-board")
    blocks = head.data.shape_keys.key_blocks
    for name in ARKIT.names[:52]:
        wanted = np.zeros(len(ARKIT), np.float32)
        wanted[ARKIT.index(name)] = 0.7
        if name == "mouthClose":
            wanted[ARKIT.index("jawOpen")] = 1.0
        set_board(board, to_board.apply(wanted))
        got = np.array([block.value for block in blocks[1:]])
        np.testing.assert_allclose(got, wanted[:52], atol=2e-3, err_msg=name)


def test_the_board_has_every_channel_and_keeps_its_range(head: bpy.types.Object) -> None:
    board = create_face_board(head)
    skipped = ("Switch", "FollowHead", "Multiplyer")
    for control in BOARD.controls:
        bone, _, axis = control.name.partition(".")
        if any(word in bone for word in skipped):
            assert bone not in board.pose.bones
            continue
        limit = board.pose.bones[bone].constraints[0]
        letter = (axis or "Y").lower()
        assert getattr(limit, f"min_{letter}") == pytest.approx(control.low)
        assert getattr(limit, f"max_{letter}") == pytest.approx(control.high)
        assert (limit.min_z, limit.max_z) == (0.0, 0.0)
        assert board.pose.bones[bone].custom_shape is not None


def test_drivers_run_where_scripts_are_off(head: bpy.types.Object) -> None:
    create_face_board(head)
    drivers = head.data.shape_keys.animation_data.drivers
    assert len(drivers) == 52
    assert all(curve.driver.is_valid and curve.driver.is_simple_expression for curve in drivers)


def test_sliders_of_left_and_right_face_each_other(head: bpy.types.Object) -> None:
    board = create_face_board(head)
    bones = board.data.bones
    for bone in bones:
        if "_L_" in bone.name:
            other = bones.get(bone.name.replace("_L_", "_R_"))
            if other is not None and abs(bone.head_local.x) < 9.0:
                assert bone.head_local.x == pytest.approx(-other.head_local.x)
                assert bone.head_local.z == pytest.approx(other.head_local.z)
    heights = {
        name: bones[f"CTRL_L_{name}"].head_local.z
        for name in ("brow_raiseIn", "eye", "nose", "mouth_cornerPull")
    }
    assert sorted(heights.values(), reverse=True) == list(heights.values())
    assert bones["CTRL_C_jaw"].head_local.z < heights["mouth_cornerPull"]


def test_sliders_move_the_way_that_they_pull(head: bpy.types.Object) -> None:
    """A positive x is to the character's left (+x of the scene) but for jaw, nose and corners."""
    board = create_face_board(head)
    for name, way in (
        ("CTRL_C_mouth", (1.0, 1.0)),
        ("CTRL_L_eye", (1.0, 1.0)),
        ("CTRL_R_eye", (1.0, 1.0)),
        ("CTRL_C_jaw", (-1.0, -1.0)),
        ("CTRL_R_nose", (-1.0, 1.0)),
        ("CTRL_L_nose", (1.0, 1.0)),
    ):
        matrix = board.data.bones[name].matrix_local
        assert matrix.col[0][0] == pytest.approx(way[0], abs=1e-6), name
        assert matrix.col[1][2] == pytest.approx(way[1], abs=1e-6), name


def test_a_head_can_come_with_its_board(scene: bpy.types.Scene) -> None:
    head = create_head(scene, face_board=True)
    boards = [thing for thing in scene.objects if thing.type == "ARMATURE"]
    assert len(boards) == 1
    boards[0].pose.bones["CTRL_C_jaw"].location.y = 1.0
    bpy.context.view_layer.update()
    # Drivers read the place of the bone back from a float32 matrix.
    jaw = head.data.shape_keys.key_blocks["jawOpen"].value
    assert jaw == pytest.approx(1.0, abs=1e-5)


def test_the_neck_turns_nods_and_tilts_the_head_and_not_the_shoulders(
    scene: bpy.types.Scene, built: Head
) -> None:
    head = create_head(scene, neck=True)
    count = len(built.vertices)
    bpy.context.view_layer.update()
    # Weights are held in hundredths; at rest the bones change nothing but the last bits.
    np.testing.assert_allclose(evaluated(head, count), built.vertices, atol=1e-6)
    nose, crown = built.landmarks["nose_tip"], int(built.vertices[:, 2].argmax())
    ways = {"headYaw": (nose, 0, -1.0), "headPitch": (nose, 2, -1.0), "headRoll": (crown, 0, 1.0)}
    assert set(ways) == set(HEAD_ANGLES)
    for name, (vertex, axis, sign) in ways.items():
        head[name] = 0.3
        head.update_tag()
        bpy.context.view_layer.update()
        moved = evaluated(head, count) - built.vertices
        assert sign * moved[vertex, axis] > 0.02, name
        assert np.abs(moved[built.parts["shirt"]]).max() < 1e-6, name
        head[name] = 0.0
    head.update_tag()
    # Shapes work on the turned head as on the still one.
    head["headYaw"] = 0.3
    head.data.shape_keys.key_blocks["jawOpen"].value = 1.0
    head.update_tag()
    bpy.context.view_layer.update()
    marks = built.landmarks
    lips = evaluated(head, count)[[marks["lip_upper_inner"], marks["lip_lower_inner"]]]
    wanted = built.deform(built.weights(jawOpen=1.0))[
        [marks["lip_upper_inner"], marks["lip_lower_inner"]]
    ]
    assert np.linalg.norm(lips[0] - lips[1]) == pytest.approx(
        np.linalg.norm(wanted[0] - wanted[1]), abs=1e-5
    )


def test_the_studio_frames_the_face(
    scene: bpy.types.Scene, head: bpy.types.Object, built: Head, tmp_path: Path
) -> None:
    camera = create_studio(scene, head)
    assert scene.camera is camera
    assert sum(thing.type == "LIGHT" for thing in scene.objects) == 3
    bpy.context.view_layer.update()
    from bpy_extras.object_utils import world_to_camera_view
    from mathutils import Vector

    for name in ("nose_tip", "chin", "mouth_corner_left", "eye_outer_right"):
        point = Vector(built.vertices[built.landmarks[name]].tolist())
        seen = world_to_camera_view(scene, camera, point)
        assert 0.2 < seen.x < 0.8, name
        assert 0.15 < seen.y < 0.85, name


def test_the_file_stays_small(head: bpy.types.Object, tmp_path: Path) -> None:
    path = tmp_path / "head.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=True)
    assert path.stat().st_size < 20e6
