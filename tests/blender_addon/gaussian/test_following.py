"""A head follows what the rig does to its meshes, and notices when they are others."""

from __future__ import annotations

import json

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from rigtalk.blender_addon.gaussian.extraction import head_mesh_of
from rigtalk.blender_addon.gaussian.following import Follower, reach_of
from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead

HALF = 1e-3  # correctives and deltas are halfs of numbers about 1


def head_of(character, *, correctives=None, **facts) -> SplatHead:
    made = head_mesh_of(character, bpy.context)
    count = len(made.mesh.vertices)
    gaussians = Gaussians(
        made.mesh.vertices,
        np.full((count, 3), -5.0),
        np.tile([1, 0, 0, 0], (count, 1)),
        np.full(count, 4.0),
        np.zeros((count, 1, 3)),
    )
    bound = SplatHead.bind(gaussians, made.mesh)
    return SplatHead(
        gaussians,
        bound.triangle,
        bound.barycentric,
        made.mesh,
        made.signature,
        made.control_names,
        made.control_deltas,
        correctives,
        facts={**made.facts(), **facts},
    )


def look(follower: Follower) -> None:
    follower.look(bpy.context.evaluated_depsgraph_get())


def world(thing) -> np.ndarray:
    """Evaluated vertices in the world, the slow way."""
    shown = thing.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([shown.matrix_world @ vertex.co for vertex in shown.data.vertices])


def following(follower: Follower) -> np.ndarray:
    return follower.vertices + follower.origin


def test_vertices_are_where_they_are_seen(ball) -> None:
    follower = Follower(head_of(ball), ball)
    hook = bpy.data.objects.new("Hook", None)
    bpy.context.scene.collection.objects.link(hook)
    ball.parent = hook
    hook.matrix_world = Matrix.Translation((500.0, -3.0, 1.0)) @ Matrix.Rotation(1.0, 4, "Y")
    ball.data.shape_keys.key_blocks["jawOpen"].value = 0.7
    ball.modifiers.new("Smooth", "SMOOTH")
    look(follower)
    assert np.abs(following(follower) - world(ball)).max() < 1e-4  # of 500 m in single precision
    assert np.abs(follower.vertices).max() < 1.0, "numbers stay small"


def test_several_meshes_follow_in_their_order(ball) -> None:
    follower = Follower(head_of(ball), ball)
    bpy.ops.mesh.primitive_cube_add(size=0.05, location=(0, -0.1, 0))
    teeth = bpy.context.object
    teeth.parent = ball
    bpy.context.view_layer.update()
    head = head_of(ball)
    assert json.loads(head.facts["objects"]) == ["Ball", teeth.name]
    follower = Follower(head, ball)
    teeth.location.z = 0.3
    look(follower)
    expected = np.concatenate([world(ball), world(teeth)])
    assert np.abs(following(follower) - expected).max() < 1e-6


def test_only_what_moves_counts_as_new(ball) -> None:
    follower = Follower(head_of(ball), ball)
    look(follower)
    seen = follower.revision
    look(follower)
    assert follower.revision == seen
    ball.data.shape_keys.key_blocks["mouthSmileLeft"].value = 0.5
    look(follower)
    assert follower.revision == seen + 1
    ball.location.x = 0.01
    look(follower)
    assert follower.revision == seen + 2


def test_an_edited_mesh_is_told(ball) -> None:
    follower = Follower(head_of(ball), ball)
    look(follower)
    modifier = ball.modifiers.new("More", "SUBSURF")
    with pytest.raises(RigtalkError, match="bake again"):
        look(follower)
    ball.modifiers.remove(modifier)
    look(follower)
    # As many vertices, corners and faces as before, but one face turned round.
    ball.data.polygons[20].flip()
    ball.data.update()
    with pytest.raises(RigtalkError, match="bake again"):
        look(follower)


def test_a_lost_mesh_is_told_and_a_renamed_character_found(ball) -> None:
    follower = Follower(head_of(ball), ball)
    ball.name = "Hero"
    with pytest.raises(RigtalkError, match="gone or renamed"):
        look(follower)
    look(Follower(follower.head, ball))


def test_a_broken_rig_is_told(ball) -> None:
    follower = Follower(head_of(ball), ball)
    block = ball.data.shape_keys.key_blocks["jawOpen"]
    block.data[0].co.x = float("nan")
    block.value = 1.0
    with pytest.raises(RigtalkError, match="finite"):
        look(follower)


def test_coefficients_are_those_of_the_controls(ball) -> None:
    plain = head_of(ball)
    mix = np.zeros((len(plain.shape_names), 2), np.float32)
    mix[plain.shape_names.index("jawOpen"), 0] = 1.0
    mix[plain.shape_names.index("browInnerUp"), 1] = 2.0
    bases = {"opacity_logits": np.ones((2, len(plain.gaussians)))}
    follower = Follower(head_of(ball, correctives=Correctives.of_dense(mix, bases)), ball)
    blocks = ball.data.shape_keys.key_blocks
    for value, frame in ((0.0, 1), (0.8, 11)):
        blocks["jawOpen"].value = value
        blocks["jawOpen"].keyframe_insert("value", frame=frame)
    blocks["browInnerUp"].value = 0.25
    bpy.context.scene.frame_set(11)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    found = follower.coefficients(depsgraph)
    assert found is not None
    assert np.abs(found - (0.8, 0.5)).max() < HALF
    blocks["browInnerUp"].mute = True
    found = follower.coefficients(bpy.context.evaluated_depsgraph_get())
    assert np.abs(found - (0.8, 0.0)).max() < HALF
    assert Follower(plain, ball).coefficients(depsgraph) is None


def test_coefficients_do_without_a_character(ball) -> None:
    plain = head_of(ball)
    bases = {"opacity_logits": np.ones((1, len(plain.gaussians)))}
    correctives = Correctives.of_dense(np.ones((len(plain.shape_names), 1)), bases)
    follower = Follower(head_of(ball, correctives=correctives), ball)
    ball.shape_key_clear()
    assert follower.coefficients(bpy.context.evaluated_depsgraph_get()) is None


def test_reach_is_as_far_as_a_gaussian_shows(ball) -> None:
    head = head_of(ball)
    # exp(-d²/2) of an opacity of 0.982 is a 255th at 3.32 standard deviations.
    assert reach_of(head) == pytest.approx(3.324 * np.exp(-5.0), rel=1e-2)
