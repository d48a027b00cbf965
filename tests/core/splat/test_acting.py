from dataclasses import replace

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.performance import Performance
from rigtalk.core.splat import acting
from rigtalk.core.splat.acting import Acting, rig_of
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh
from rigtalk.rigs import control_set

SHAPES = ("jawOpen", "mouthFunnel", "headPitch")


@pytest.fixture
def head(cloud) -> SplatHead:
    rng = np.random.default_rng(0)
    mesh = Mesh(
        rng.normal(size=(12, 3)), rng.permuted(np.tile(np.arange(12), (20, 1)), axis=1)[:, :3]
    )
    deltas = rng.normal(0, 0.1, (3, 12, 3))
    return SplatHead.bind(cloud(30), mesh, shape_names=SHAPES, shape_deltas=deltas)


def performed(count: int = 70) -> Performance:
    controls = control_set("arkit")
    values = np.random.default_rng(1).random((count, len(controls)))
    return Performance(values, 30, controls)


def test_each_frame_is_what_the_head_says(head):
    performance = performed()
    frames = list(Acting(head, performance))
    assert len(frames) == 70
    for i in (0, 31, 32, 69):
        weights = head.weights(performance.controls.names, performance.values[i])
        assert np.array_equal(frames[i].weights, weights)
        np.testing.assert_allclose(frames[i].vertices, head.vertices(weights), atol=1e-6)


def test_large_heads_take_another_way(head, monkeypatch):
    performance = performed(5)
    wanted = [pose.vertices for pose in Acting(head, performance)]
    monkeypatch.setattr(acting, "_KEPT", 1)
    found = [pose.vertices for pose in Acting(head, performance)]
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_angles_turn_the_head_unless_a_shape_does(head):
    performance = performed(3)
    played = Acting(head, performance)
    for i, pose in enumerate(played):
        yaw, roll = performance.curve("headYaw")[i], performance.curve("headRoll")[i]
        rotation, translation = played.stance.turned((yaw, 0.0, roll))  # headPitch is a shape
        np.testing.assert_allclose(pose.rotation, rotation, atol=1e-7)
        np.testing.assert_allclose(pose.translation, translation, atol=1e-7)


def test_angles_may_come_from_elsewhere(head):
    controls = control_set("unified")
    names = controls.names
    still = Performance(np.zeros((4, len(controls))), 30, controls)
    renamed = replace(head, shape_names=("a", names[0], "b"))
    turning = performed(2)
    poses = list(Acting(renamed, still, turning))
    assert len(poses) == 4
    assert not np.array_equal(poses[0].rotation, poses[1].rotation)
    assert np.array_equal(poses[1].rotation, poses[3].rotation)  # the last one holds
    assert np.array_equal(next(iter(Acting(renamed, still))).rotation, np.eye(3))


def test_gaussians_are_posed_corrected_and_turned(head):
    rng = np.random.default_rng(2)
    bases = {"positions": rng.normal(0, 0.1, (2, 30, 3))}
    mixed = replace(head, correctives=Correctives.of_dense(rng.normal(size=(3, 2)), bases))
    performance = performed(2)
    for pose, found in zip(
        Acting(mixed, performance), Acting(mixed, performance).gaussians(), strict=True
    ):
        posed = mixed.posed_by_weights(pose.weights)
        wanted = posed.positions @ pose.rotation.T + pose.translation
        np.testing.assert_allclose(found.positions, wanted, atol=1e-5)
        apart = found.positions - mixed.posed(pose.vertices).positions @ pose.rotation.T
        assert np.ptp(apart, axis=0).max() > 0.01  # the correctives are seen


def test_heads_that_cannot_act(head):
    with pytest.raises(RigtalkError, match="has no shapes"):
        Acting(replace(head, shape_names=(), shape_deltas=None), performed())
    with pytest.raises(RigtalkError, match="none of its 3 shapes is a control of 'arkit'"):
        Acting(replace(head, shape_names=("x", "y", "z")), performed())
    assert not list(Acting(head, performed(0)))


def test_rigs(head):
    assert rig_of(head) == "arkit"
    assert rig_of(replace(head, facts={"rig": "oculus"})) == "oculus"
    with pytest.raises(RigtalkError, match="klingon"):
        rig_of(replace(head, facts={"rig": "klingon"}))
