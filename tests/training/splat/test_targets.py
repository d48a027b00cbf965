from dataclasses import replace

import numpy as np
import pytest

from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.posed import unpacked
from rigtalk.training.splat.targets import TARGET_CHANNELS, Truth, moving


def as_offsets(targets):
    parts = np.split(targets, 3, axis=1)
    return dict(zip(TARGET_CHANNELS, parts, strict=True))


@pytest.fixture(scope="module")
def frame(face_head, hinged):
    weights = np.zeros(len(face_head.shape_names), np.float32)
    weights[[17, 20]] = 0.45, 0.3
    return weights, hinged.vertices(weights, 0.8)


def test_with_the_targets_the_shapes_pose_what_truly_is(face_head, frame):
    weights, vertices = frame
    offsets = as_offsets(Truth.of(face_head).targets(weights, vertices))
    truth = face_head.posed(vertices)
    without = face_head.posed_by_weights(weights)
    found = face_head.posed(face_head.vertices(weights), offsets=offsets)
    gap = np.linalg.norm(without.positions - truth.positions, axis=1)
    assert gap.max() > 2e-3
    np.testing.assert_allclose(found.positions, truth.positions, atol=1e-6)

    def apart(posed):
        ours, theirs = unpacked(posed.covariances), unpacked(truth.covariances)
        return np.linalg.norm(ours - theirs, axis=(1, 2)) / np.linalg.norm(theirs, axis=(1, 2))

    # Turns and stretches along three own axes leave out shears, which are of second order here.
    assert np.median(apart(found)) < 0.3 * np.median(apart(without))
    assert np.percentile(apart(found), 95) < 0.5 * np.percentile(apart(without), 95)


def test_some_are_as_all(face_head, frame):
    some = np.arange(5, 800, 97)
    everyone = Truth.of(face_head).targets(*frame)
    np.testing.assert_allclose(Truth.of(face_head, some).targets(*frame), everyone[some], atol=1e-7)


def test_what_correctives_do_is_not_asked_for_again(face_head, frame):
    weights, vertices = frame
    plain = Truth.of(face_head).targets(weights, vertices)
    mix = np.zeros((len(weights), 1))
    mix[17] = 1 / 0.45
    whole = {"positions": plain[None, :, :3], "rotations": plain[None, :, 6:]}
    head = replace(face_head, correctives=Correctives.of_dense(mix, whole))
    left = Truth.of(head).targets(weights, vertices)
    np.testing.assert_allclose(left[:, :3], 0, atol=1e-5)
    np.testing.assert_allclose(left[:, 6:], 0, atol=1e-4)
    np.testing.assert_allclose(left[:, 3:6], plain[:, 3:6], atol=1e-6)


def test_what_the_shapes_do_needs_nothing(face_head, frame):
    weights, _ = frame
    targets = Truth.of(face_head).targets(weights, face_head.vertices(weights))
    np.testing.assert_allclose(targets, 0, atol=1e-4)  # rounding, on slivers of triangles
    np.testing.assert_allclose(targets[:, :3], 0, atol=1e-6)


def test_those_that_lack_little_stay(face_head, frame):
    targets = Truth.of(face_head).targets(*frame)
    part = moving(targets[None], 0.2)
    gap = np.abs(targets[:, :3]).max(axis=1)
    assert 0.2 < part.mean() < 1
    assert gap[part].min() > 4e-5 > gap[~part].max()
