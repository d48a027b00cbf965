from dataclasses import replace

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.fitting.plan import QUALITIES, plan_shots
from rigtalk.core.splat.head_mesh import HeadMesh
from rigtalk.core.splat.mesh import Mesh
from rigtalk.rigs import control_set
from rigtalk.rigs.head.build import build_head


@pytest.fixture(scope="module")
def face() -> HeadMesh:
    """All controls of the embedded head, on a mesh of its outline."""
    head = build_head()
    some = np.arange(0, len(head.vertices), 9)
    mesh = Mesh(head.vertices[some], np.array([[0, 1, 2]]))
    return HeadMesh(
        mesh, "s", tuple(head.shape_names), head.shape_deltas[:, some], ("Head",), "arkit"
    )


@pytest.mark.parametrize("quality", QUALITIES)
def test_every_control_has_its_turn(face, quality):
    chosen = QUALITIES[quality]
    shots = plan_shots(face, chosen)
    train = [s for s in shots if s.split == "train"]
    assert len(train) == chosen.pictures
    assert len(shots) == chosen.pictures + 2 * chosen.judges
    times = {name: sum(name in s.weights for s in train) for name in face.control_names}
    assert min(times.values()) >= (1 if quality == "draft" else 2), times
    ranges = {each.name: each for each in control_set("arkit").controls}
    for shot in shots:
        assert shot.camera.width == shot.camera.height == chosen.size
        for name, value in shot.weights.items():
            assert ranges[name].low <= value <= ranges[name].high


def test_judges_are_unseen(face):
    shots = plan_shots(face, QUALITIES["standard"])
    train = [s for s in shots if s.split == "train"]
    centres = np.array([s.camera.centre for s in train])
    seen = [s.weights for s in train]
    for shot in shots:
        if shot.split != "train":
            assert np.linalg.norm(centres - shot.camera.centre, axis=1).min() > 0.005
        if shot.split == "expression":
            assert shot.weights
            assert shot.weights not in seen
        if shot.split == "view":
            assert not shot.weights or shot.weights in seen


def test_faces_are_in_the_middle_and_heads_within(face):
    vertices = face.mesh.vertices.astype(float)
    outside = []
    for shot in plan_shots(face, QUALITIES["draft"]):
        camera = shot.camera
        x, y, z = (vertices @ camera.rotation.T + camera.translation).T
        assert z.min() > camera.near
        u, v = camera.fx * x / z + camera.cx, camera.fy * y / z + camera.cy
        inside = (u > 0) & (u < camera.width) & (v > 0) & (v < camera.height)
        outside.append(1 - inside.mean())
        x, y, z = camera.rotation @ face.face[0] + camera.translation
        off = np.hypot(camera.fx * x / z, camera.fy * y / z) / camera.width
        assert off < (0.3 if shot.weights else 0.4)
    assert np.median(outside) < 0.05
    assert np.mean(outside) < 0.3
    # Most pictures see the face.
    front = np.mean([s.camera.centre[1] < 0 for s in plan_shots(face, QUALITIES["standard"])])
    assert 0.6 < front < 0.95


def test_the_same_twice_and_another_with_another_seed(face):
    one, two, other = (plan_shots(face, QUALITIES["draft"], seed=s) for s in (0, 0, 1))
    assert [s.weights for s in one] == [s.weights for s in two]
    assert [s.weights for s in one] != [s.weights for s in other]


def test_a_head_without_controls_is_seen_at_rest(face):
    still = replace(face, control_names=(), control_deltas=face.control_deltas[:0])
    shots = plan_shots(still, QUALITIES["draft"])
    assert not any(s.weights for s in shots)
    assert {s.split for s in shots} == {"train", "view"}


@pytest.mark.parametrize("size", [1, -5, 100000])
def test_sizes_that_make_no_picture(face, size):
    with pytest.raises(RigtalkError, match="32 to 4096"):
        plan_shots(face, QUALITIES["draft"], size=size)
