from dataclasses import replace

import numpy as np
import pytest

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.splat.motion import LAG, HingedMotion, breath


def opened(head, amount):
    weights = np.zeros(len(head.shape_names), np.float32)
    weights[head.shape_names.index("jawOpen")] = amount
    return weights


@pytest.mark.parametrize("amount", [0.0, 1.0])
def test_shut_and_wide_open_it_is_the_artists_shape(face_head, hinged, amount):
    weights = opened(face_head, amount)
    np.testing.assert_allclose(
        hinged.vertices(weights, 0.0), face_head.vertices(weights), atol=1e-6
    )


def test_in_between_the_chin_goes_round_the_hinge(face_head, hinged):
    """Half open it is farther from the hinge than the middle of the straight way."""
    deltas = np.linalg.norm(np.asarray(face_head.shape_deltas[17], np.float64), axis=1)
    chin = deltas > 0.8 * deltas.max()
    weights = opened(face_head, 0.5)
    straight, round_ = face_head.vertices(weights), hinged.vertices(weights, 0.0)

    def radius(vertices):
        return np.linalg.norm((vertices[chin] - hinged.hinge)[:, 1:], axis=1)

    assert np.abs(hinged.swing[:, 1:]).max() < 1e-6  # the head is the same on both sides
    sagitta = radius(face_head.mesh.vertices) * (1 - np.cos(hinged.swing[chin, 0] / 2))
    np.testing.assert_allclose(radius(round_) - radius(straight), sagitta, rtol=0.05)
    assert 5e-4 < sagitta.mean() < 3e-3


def test_breath_follows_a_low_voice(hinged, face_head):
    features = np.zeros((200, 64), np.float32)
    features[50:100, :16] = 1.0
    features[150:, 32:] = 1.0  # a hiss
    full = breath(features, np.array([0.3, 0.5 + LAG, 0.75 + LAG, 1.3, 1.8]))
    np.testing.assert_allclose(full, [0, 0.5, 1, 0, 0], atol=0.1)
    rest = face_head.mesh.vertices
    puffed = np.linalg.norm(hinged.vertices(opened(face_head, 0), 1.0) - rest, axis=1)
    assert 2e-3 < puffed.max() < 2e-2
    assert np.mean(puffed > 1e-3) < 0.2


def test_a_head_without_a_jaw_cannot(face_head):
    names = tuple(f"shape{i}" for i in range(len(face_head.shape_names)))
    with pytest.raises(RigtalkError, match="no shape 'jawOpen'"):
        HingedMotion.of(replace(face_head, shape_names=names))
    flat = np.zeros_like(face_head.shape_deltas)
    with pytest.raises(RigtalkError, match="moves nothing"):
        HingedMotion.of(replace(face_head, shape_deltas=flat))
    slid = flat.copy()
    slid[17, :, 2] = -0.01
    with pytest.raises(RigtalkError, match="slides and does not turn"):
        HingedMotion.of(replace(face_head, shape_deltas=slid))
