import numpy as np
import pytest

from rigtalk.core.direction import Direction
from rigtalk.core.layers.blinks import Blinks
from rigtalk.core.prosody import Prosody


def loudness(seconds: float, phrase: float = 3.0, pause: float = 0.6) -> Prosody:
    time = np.arange(round(seconds * 100)) / 100
    return Prosody(np.where(time % (phrase + pause) < phrase, 0.95, 0.0).astype(np.float32))


def blinks(direction: Direction | None = None, *, seconds: float = 600.0, seed: int = 0) -> Blinks:
    rng = np.random.default_rng(seed)
    return Blinks(loudness(seconds), direction or Direction(), rng=rng)


def test_as_many_as_people():
    rates = [len(blinks(seed=seed).begins) / 10 for seed in range(5)]
    assert 16 < np.mean(rates) < 21
    intervals = np.diff(blinks().begins)
    assert intervals.min() >= 0.6
    assert 0.3 < np.log(intervals).std() < 0.8  # spread as log-normal times are, not a clock


def test_drawn_to_the_ends_of_phrases():
    since = blinks(seconds=1200).begins % 3.6 - 3.0  # seconds after a phrase's end
    near = np.mean((since >= 0) & (since <= 0.2))
    assert near > 3 * 0.2 / 3.6


def test_wide_eyes_blink_less():
    calm = len(blinks().begins)
    for emotion in ("surprise", "fear"):
        assert len(blinks(Direction(emotions={emotion: 1.0})).begins) < 0.65 * calm


def test_lids_shut_fast_and_open_slowly():
    take = blinks(seconds=60)
    begin = take.begins[0]
    time = np.arange(begin - 0.1, begin + 0.5, 0.001)
    lid = take.curves(time)["eyeBlinkLeft"]
    assert lid.max() > 0.99
    shutting = np.count_nonzero((lid > 0.05) & (lid < 0.95) & (time < time[np.argmax(lid)]))
    opening = np.count_nonzero((lid > 0.05) & (lid < 0.95) & (time > time[np.argmax(lid)]))
    assert 40 <= shutting <= 90  # milliseconds
    assert 1.3 < opening / shutting < 4
    assert lid[0] == lid[-1] == 0.0


@pytest.mark.parametrize("fps", [24, 25, 30])
def test_full_blinks_show_at_low_rates(fps: float):
    take = blinks(seconds=120)
    lid = take.curves(np.arange(0, 120, 1 / fps))["eyeBlinkLeft"]
    for begin, depth in zip(take.begins, take._depth, strict=True):
        if begin < 119:
            assert lid[int(begin * fps) : int((begin + 0.4) * fps)].max() == pytest.approx(depth)


def test_strength():
    assert (
        not blinks(Direction(strength={"blinks": 0}))
        .curves(np.arange(0, 60, 0.02))["eyeBlinkLeft"]
        .any()
    )
    half = blinks(Direction(strength={"blinks": 0.5})).curves(np.arange(0, 60, 0.02))
    assert half["eyeBlinkLeft"].max() == pytest.approx(0.5)
    double = blinks(Direction(strength={"blinks": 2.0}))
    assert len(double.begins) > 1.5 * len(blinks().begins)
