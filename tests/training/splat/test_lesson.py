import numpy as np
import pytest

from rigtalk.core.splat.hearing import heard_at
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.splat.lesson import head_size, make_lessons
from rigtalk.training.splat.places import place_features
from rigtalk.training.splat.takes import HeadTake
from rigtalk.training.splat.targets import Truth


def test_a_lesson_holds_what_the_shapes_miss(line_take, face_head):
    index, learnt, held = make_lessons([line_take], face_head, frames=12, window=8, seed=1)
    assert 100 < len(index) < len(face_head)
    assert (len(learnt), len(held)) == (12, 16)
    assert learnt.heard.shape == (12, 8, 64)
    begin = int(0.85 * len(line_take))
    frame = next(
        i for i in range(begin, len(line_take)) if (line_take.weights[i] == held.weights[0]).all()
    )
    expected = Truth.of(face_head, index).targets(held.weights[0], line_take.vertices(frame))
    expected[:, :3] /= head_size(face_head)
    np.testing.assert_allclose(held.targets[0], expected, rtol=2e-3, atol=1e-6)
    heard = heard_at(line_take.features, line_take.times[frame], 8)
    np.testing.assert_allclose(held.heard[0], heard, atol=1e-3)


def test_the_end_of_a_take_is_not_learnt_from(line_take, face_head):
    _, learnt, held = make_lessons([line_take], face_head, frames=30, window=8, seed=1)
    split = int(0.85 * len(line_take))
    first = {row.tobytes() for row in line_take.weights[:split]}
    assert all(row.tobytes() in first for row in learnt.weights)
    assert not all(row.tobytes() in first for row in held.weights)


def test_a_rig_that_its_shapes_tell_all_of_teaches_nothing(line_take, face_head):
    linear = HeadTake(
        "linear", line_take.features, line_take.times, line_take.weights,
        lambda frame: face_head.vertices(line_take.weights[frame]),
    )  # fmt: skip
    with pytest.raises(RigtalkError, match="nothing to learn"):
        make_lessons([linear], face_head, frames=8, window=8, seed=1)


def test_the_size_is_that_of_the_face(face_head):
    assert 0.1 < head_size(face_head) < 0.25  # m


def test_places_that_move_alike_are_alike(face_head):
    """Lips come apart although they lie together; neighbours on a lip do not."""
    features = place_features(face_head, np.arange(len(face_head)))
    assert features.shape == (800, 15)
    np.testing.assert_allclose((features[:, 3:] ** 2).mean(axis=0), 1, rtol=1e-3)
    corners = face_head.mesh.triangles[face_head.triangle]
    jaw = np.asarray(face_head.shape_deltas[17], np.float64)[corners[:, 0], 2]
    where = face_head.gaussians.positions.astype(np.float64)
    apart = np.linalg.norm(where[:, None] - where[None], axis=2)
    other = np.linalg.norm(features[:, None, 3:] - features[None, :, 3:], axis=2)
    near = (apart < 0.008) & (apart > 0)
    together = near & (np.abs(jaw[:, None] - jaw[None]) < 0.002)
    split = near & (np.abs(jaw[:, None] - jaw[None]) > 0.012)
    assert split.sum() >= 4
    assert np.median(other[split]) > 2 * np.median(other[together])
