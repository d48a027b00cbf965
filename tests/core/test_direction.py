import numpy as np
import pytest

from rigtalk.core.direction import EMOTIONS, Direction
from rigtalk.core.errors import RigtalkError


def test_steady_emotions_mix():
    row = Direction(emotions={"joy": 0.7, "anger": 0.2, "neutral": 1.0}).emotion_at(np.zeros(2))
    assert row.shape == (2, 7)
    assert row.dtype == np.float32
    expected = {"joy": 0.7, "anger": 0.2}
    np.testing.assert_allclose(row[0], [expected.get(name, 0.0) for name in EMOTIONS])


def test_emotions_over_time():
    direction = Direction(keys=((1.0, {"joy": 0.0}), (3.0, {"joy": 1.0})))
    joy = direction.emotion_at(np.array([0, 1, 2, 3, 9]))[:, 0]
    np.testing.assert_allclose(joy, [0, 0, 0.5, 1, 1])


def test_strength():
    direction = Direction(strength={"mouth": 1.2})
    assert direction.gain("mouth") == 1.2
    assert direction.gain("head") == 1.0


def test_strength_over_time():
    direction = Direction(
        strength={"mouth": 0.5, "head": 0.3},
        strength_keys=((1.0, {"mouth": 1.0}), (2.0, {"jaw": 2.0}), (3.0, {"mouth": 0.0})),
    )
    times = np.array([0.0, 1.0, 2.0, 3.0, 9.0])
    mouth = direction.gain_at("mouth", times)
    assert mouth.dtype == np.float32
    np.testing.assert_allclose(mouth, [1, 1, 0.5, 0, 0])  # a key that is silent is passed over
    np.testing.assert_allclose(direction.gain_at("jaw", times), 2.0)
    np.testing.assert_allclose(direction.gain_at("head", times), 0.3)
    np.testing.assert_allclose(direction.gain_at("gaze", times), 1.0)
    assert direction.gain_over("head", times) == 0.3  # as it was given, not as float32


def test_whether_anything_is_felt():
    assert not Direction().emotional
    assert not Direction(emotions={"neutral": 1.0, "joy": 0.0}).emotional
    assert Direction(emotions={"joy": 0.1}).emotional
    assert Direction(keys=((0.0, {}), (1.0, {"fear": 0.2}))).emotional
    assert not Direction(emotions={"joy": 1.0}, keys=((0.0, {}),)).emotional  # keys override


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ({"emotions": {"hunger": 1}}, "unknown emotion 'hunger': choose from neutral, joy"),
        ({"emotions": {"joy": 1.5}}, "intensity of joy is 1.5"),
        ({"emotions": {"joy": float("nan")}}, "intensity of joy is nan"),
        ({"strength": {"ears": 1}}, "unknown strength 'ears'"),
        ({"strength": {"mouth": -1}}, "strength of mouth is -1"),
        ({"keys": ((2.0, {}), (1.0, {}))}, "must be finite and rise"),
        ({"keys": ((float("nan"), {}),)}, "must be finite and rise"),
        ({"strength_keys": ((0.0, {"ears": 1}),)}, "unknown strength 'ears'"),
        ({"strength_keys": ((0.0, {"jaw": 2.1}),)}, "strength of jaw is 2.1"),
        ({"strength_keys": ((1.0, {}), (1.0, {}))}, "times of strength keys must be finite"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": 2**32}, "seed is 4294967296"),
    ],
)
def test_complaints(words: dict, complaint: str):
    with pytest.raises(RigtalkError, match=complaint):
        Direction(**words)
