import numpy as np
import pytest

from rigtalk.core.direction import Direction
from rigtalk.core.features import log_mel, normalise, reference_level
from rigtalk.core.layers import Layers
from rigtalk.core.prosody import Prosody
from rigtalk.rigs import control_set

ARKIT = control_set("arkit")


@pytest.fixture(scope="module")
def prosody(babble: np.ndarray) -> Prosody:
    peaks = log_mel(babble).max(axis=1)
    return Prosody(normalise(peaks, reference_level(peaks)))


def times(fps: float, seconds: float = 40.0) -> np.ndarray:
    return np.arange(round(seconds * fps)) / fps


def test_the_same_take_at_every_rate(prosody: Prosody):
    layers = Layers(prosody, Direction(seed=5))
    fine = layers.at(times(120))
    np.testing.assert_allclose(layers.at(times(60)), fine[::2], atol=1e-6)
    np.testing.assert_allclose(layers.at(times(24)), fine[::5], atol=1e-6)
    again = Layers(prosody, Direction(seed=5)).at(times(24))
    np.testing.assert_array_equal(again, layers.at(times(24)))


def test_parts_equal_the_whole(prosody: Prosody):
    layers = Layers(prosody, Direction())
    whole = layers.at(times(60))
    parts = [layers.at(part) for part in np.array_split(times(60), 37)]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)


def test_another_seed_and_another_line_are_other_takes(prosody: Prosody):
    blink = ARKIT.index("eyeBlinkLeft")
    take = Layers(prosody, Direction(seed=1)).at(times(30))[:, blink]
    seed = Layers(prosody, Direction(seed=2)).at(times(30))[:, blink]
    other = Layers(Prosody(prosody.loudness[:-7]), Direction(seed=1)).at(times(30))[:, blink]
    for different in (seed, other):
        assert np.corrcoef(take, different)[0, 1] < 0.6
        assert np.abs(take - different).max() > 0.9


def test_only_what_is_theirs_moves(prosody: Prosody):
    values = Layers(prosody, Direction()).at(times(30))
    moving = {ARKIT.names[i] for i in np.flatnonzero(values.any(axis=0))}
    assert not {n for n in moving if n.startswith(("mouth", "jaw", "tongue"))}
    for name in ("eyeBlinkLeft", "headYaw", "headPitch", "eyeLookInLeft", "leftEyeYaw"):
        assert name in moving
    assert (values >= ARKIT.lows).all()
    assert (values <= ARKIT.highs).all()


@pytest.mark.parametrize(
    ("strength", "names"),
    [
        ("blinks", ("browDownLeft", "eyeSquintLeft")),
        ("gaze", ("eyeLookInLeft", "eyeLookUpLeft", "leftEyeYaw")),
        ("head", ("headYaw", "headPitch", "headRoll")),
    ],
)
def test_a_layer_can_be_turned_off(prosody: Prosody, strength: str, names: tuple[str, ...]):
    values = Layers(prosody, Direction(strength={strength: 0.0})).at(times(30))
    for name in names:
        assert not values[:, ARKIT.index(name)].any()


@pytest.mark.parametrize(
    ("strength", "name"), [("gaze", "leftEyeYaw"), ("head", "headYaw"), ("head", "headPitch")]
)
def test_a_strength_that_changes(prosody: Prosody, strength: str, name: str):
    keys = ((10.0, {strength: 1.0}), (20.0, {strength: 0.0}))
    at, column = times(30), ARKIT.index(name)
    # Eyes answer the head as it is, so the head itself does not change here but for its own test.
    given = Layers(prosody, Direction(strength_keys=keys)).at(at)[:, column]
    steady = Layers(prosody, Direction()).at(at)[:, column]
    gain = np.interp(at, [10, 20], [1, 0])
    np.testing.assert_allclose(given, gain * steady, atol=1e-6)
    assert np.abs(steady[at > 20]).max() > 0.01  # there was something to turn off


def test_blinks_that_stop_and_that_hurry(prosody: Prosody):
    at, blink = times(60), ARKIT.index("eyeBlinkLeft")
    still = {"gaze": 0.0}
    ends = ((15.0, {"blinks": 1.0}), (15.1, {"blinks": 0.0}))
    stops = Layers(prosody, Direction(strength=still, strength_keys=ends)).at(at)[:, blink]
    steady = Layers(prosody, Direction(strength=still)).at(at)[:, blink]
    assert stops[at < 15].max() > 0.9
    assert not stops[at > 16].any()
    assert steady[at > 16].max() > 0.9
    hurry = ((15.0, {"blinks": 1.0}), (15.1, {"blinks": 2.0}))
    more = Layers(prosody, Direction(strength=still, strength_keys=hurry)).at(at)[:, blink]

    def count(lid: np.ndarray) -> int:
        return np.count_nonzero(np.diff((lid > 0.4).astype(int)) == 1)

    assert count(more[at > 16]) > 1.3 * count(steady[at > 16])


def test_the_layers_apart_are_the_layers(prosody: Prosody):
    layers = Layers(prosody, Direction({"joy": 1.0}, seed=2))
    parts = layers.apart(times(30))
    assert set(parts) == {"blinks", "gaze", "head", "emotion"}
    np.testing.assert_allclose(ARKIT.clip(sum(parts.values())), layers.at(times(30)), atol=1e-6)
    assert parts["blinks"][:, ARKIT.index("eyeBlinkLeft")].max() > 0.9
    assert not parts["blinks"][:, ARKIT.index("leftEyeYaw")].any()
    assert not parts["head"][:, ARKIT.index("noseSneerLeft")].any()


def test_silence_blinks_and_breathes():
    layers = Layers(Prosody(np.zeros(6000, dtype=np.float32)), Direction())
    values = layers.at(times(60, 60))
    assert (values[:, ARKIT.index("eyeBlinkLeft")] > 0.9).any()
    nose = values[:, ARKIT.index("noseSneerLeft")]
    assert nose.max() > 0.02
    cycles = np.count_nonzero(np.diff((nose > nose.mean()).astype(int)) == 1)
    assert 10 <= cycles <= 18  # breaths a minute
    assert 0.005 < layers.jaw(times(60, 60)).max() < 0.02


def test_nothing_at_all():
    layers = Layers(Prosody(np.zeros(1, dtype=np.float32)), Direction())
    assert layers.at(times(60, 0.05)).shape == (3, 61)
