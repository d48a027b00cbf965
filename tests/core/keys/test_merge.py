"""New motion among old keys: what stays is the same to the bit, borders blend, edits are found."""

from __future__ import annotations

import numpy as np
import pytest

from rigtalk.core.keys.curve import LINEAR, Keys, bezier_keys, linear_keys
from rigtalk.core.keys.merge import hand_edits, plan_join
from rigtalk.core.keys.reduction import reduce_keys
from rigtalk.core.keys.stamp import EMPTY, Stamp

TOLERANCE = 0.01
NOTHING = linear_keys(np.zeros(0), np.zeros(0))


def motion(seed: int, frames: int = 120) -> np.ndarray:
    rng = np.random.default_rng(seed)
    bell = np.exp(-0.5 * (np.arange(-15, 16) / 4.0) ** 2)
    return np.convolve(rng.normal(size=frames + 30), bell / bell.sum(), "valid")[:frames]


def written(
    seed: int, *, old: Keys = NOTHING, stamp: Stamp = EMPTY, first: float = 10.0, frames: int = 120,
    take: int = 0, dense: bool = False, **options,
) -> tuple[Keys, Stamp, np.ndarray]:  # fmt: skip
    """Motion put among old keys; also the motion that was wanted."""
    values = motion(seed, frames)
    places = first + np.arange(frames)
    line = (first, first + frames - 1)
    join = plan_join(old, stamp, places, values, take=take, line=line, **options)
    if dense:
        new = linear_keys(places, join.target)
    else:
        (new,) = reduce_keys(
            join.target[:, None], np.array([TOLERANCE]), pinned=join.pinned[:, None], first=first
        )
    keys, stamp = join.finished(
        new, places, tolerance=None if dense else TOLERANCE, take=take
    )  # fmt: skip
    return keys, stamp, join.target


def rows(keys: Keys) -> list[tuple]:
    """Every field of every key."""
    parts = [np.asarray(value).reshape(len(keys), -1) for value in vars(keys).values()]
    return [tuple(row) for row in np.concatenate(parts, axis=1)]


def changed(keys: Keys, at: int, rise: float = 0.3, move: float = 0.0) -> Keys:
    """One key moved with its handles, as an animator drags it."""
    fields = dict(vars(keys))
    for name in ("co", "handle_left", "handle_right"):
        points = fields[name].copy()
        points[at] += (move, rise)
        fields[name] = points
    return Keys(**fields)


def without(keys: Keys, at: int) -> Keys:
    return keys.chosen(np.arange(len(keys)) != at)


def test_a_first_line_is_just_itself():
    keys, stamp, target = written(0)
    frames = 10 + np.arange(120)
    assert np.abs(keys.evaluate(frames) - target).max() <= TOLERANCE
    assert (stamp.match(keys) == np.arange(len(keys))).all()
    edited, gone = hand_edits(keys, stamp)
    assert not edited.any()
    assert not gone.any()


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("dense", [False, True])
def test_a_span_changes_nothing_outside_and_blends(seed, dense):
    old, stamp, before = written(seed, dense=dense)
    span = (50.0, 80.0)
    keys, _, target = written(seed + 50, old=old, stamp=stamp, span=span, blend=6.0, dense=dense)
    outside = (old.frames < span[0]) | (old.frames > span[1])
    left = set(rows(keys))
    assert all(row in left for row in rows(old.chosen(outside)))
    frames = 10 + np.arange(120)
    shown, past = keys.evaluate(frames), old.evaluate(frames)
    assert np.abs(shown - target).max() <= TOLERANCE + 1e-6
    away = (frames < span[0]) | (frames > span[1])
    assert np.abs(shown - past)[away].max() <= 2 * TOLERANCE
    inner = (frames >= 56) & (frames <= 74)
    assert np.abs(shown - motion(seed + 50))[inner].max() <= TOLERANCE + 1e-6
    # No jump: steps at the borders are no larger than those of both motions and their distance.
    steps = np.abs(np.diff(target))
    limit = max(np.abs(np.diff(before)).max(), np.abs(np.diff(motion(seed + 50))).max())
    assert steps.max() <= limit + 1.6 * np.abs(motion(seed + 50) - before).max() / 6.0


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("edit", ["raised", "moved", "handle", "linear", "deleted", "added"])
def test_hand_edits_stay_with_the_curve_around_them(seed, edit):
    old, stamp, _ = written(seed)
    at = len(old) // 2
    if edit == "raised":
        hand, low, high = changed(old, at), old.frames[at - 1], old.frames[at + 1]
    elif edit == "moved":
        room = min(old.frames[at + 1] - old.frames[at], 3.0) / 2
        hand, low, high = changed(old, at, 0.0, room), old.frames[at - 1], old.frames[at + 1]
    elif edit == "handle":
        fields = dict(vars(old))
        fields["handle_right"] = old.handle_right.copy()
        fields["handle_right"][at, 1] += 0.2
        hand, low, high = Keys(**fields), old.frames[at - 1], old.frames[at + 1]
    elif edit == "linear":
        fields = dict(vars(old))
        fields["interpolation"] = old.interpolation.copy()
        fields["interpolation"][at] = LINEAR
        hand, low, high = Keys(**fields), old.frames[at - 1], old.frames[at + 1]
    elif edit == "deleted":
        hand, low, high = without(old, at), old.frames[at - 1], old.frames[at + 1]
    else:
        middle = 0.5 * (old.frames[at] + old.frames[at + 1])
        extra = bezier_keys(np.array([middle]), np.array([2.0]), [0.0], [0.0])
        parts = [np.concatenate([vars(old)[n], vars(extra)[n]]) for n in vars(old)]
        hand = Keys(*parts).chosen(np.argsort(np.append(old.frames, middle)))
        low, high = old.frames[at], old.frames[at + 1]
    edited, gone = hand_edits(hand, stamp)
    assert edited.sum() + gone.sum() in (1, 2)

    keys, again, target = written(seed + 50, old=hand, stamp=stamp)
    kept = hand.chosen((hand.frames >= low) & (hand.frames <= high))
    assert set(rows(kept)) <= set(rows(keys))
    inside = np.arange(low, high, 0.25)
    np.testing.assert_array_equal(keys.evaluate(inside), hand.evaluate(inside))
    frames = 10.0 + np.arange(120)
    far = (frames < low - 4) | (frames > high + 4)
    assert np.abs(keys.evaluate(frames) - motion(seed + 50))[far].max() <= TOLERANCE + 1e-6
    assert np.abs(keys.evaluate(frames) - target).max() <= TOLERANCE + 1e-6

    # The edit is still known as one, and stays the next time; until told otherwise.
    third, stamped, _ = written(seed + 70, old=keys, stamp=again)
    assert set(rows(kept)) <= set(rows(third))
    plain, fresh, _ = written(seed + 70, old=third, stamp=stamped, keep_edits=False)
    assert np.abs(plain.evaluate(frames) - motion(seed + 70)).max() <= TOLERANCE
    assert not any(side.any() for side in hand_edits(plain, fresh))


def test_a_shorter_line_clears_only_its_own_unedited_keys():
    first, stamp, _ = written(1, take=0)
    both, stamp, _ = written(2, old=first, stamp=stamp, first=200.0, take=1)
    free = bezier_keys(np.array([170.0]), np.array([1.0]), [0.0], [0.0])
    parts = [np.concatenate([vars(both)[n], vars(free)[n]]) for n in vars(both)]
    both = Keys(*parts).chosen(np.argsort(np.append(both.frames, 170.0)))
    late = int(np.searchsorted(both.frames, 100.0)) + 2
    hand = changed(both, late)

    short, _, _ = written(3, old=hand, stamp=stamp, frames=40, take=0)
    frames = set(short.frames.tolist())
    assert 170.0 in frames
    assert set(rows(hand.chosen(hand.frames >= 200))) <= set(rows(short))
    island = hand.frames[late - 1 : late + 2].tolist()
    assert {f for f in frames if 49 < f < 170} == set(island)
    gone, _, _ = written(3, old=hand, stamp=stamp, frames=40, take=0, keep_edits=False)
    assert [f for f in gone.frames if 49 < f < 170] == [hand.frames[late]]


def test_keys_that_we_never_wrote_are_replaced_in_the_line_and_kept_outside():
    own = linear_keys(np.array([0.0, 40.0, 60.5, 300.0]), np.ones(4))
    keys, _, _ = written(4, old=own)
    frames = keys.frames.tolist()
    assert frames[0] == 0.0
    assert frames[-1] == 300.0
    assert 60.5 not in frames


def test_the_same_line_again_is_the_same():
    keys, stamp, _ = written(5)
    again, _, _ = written(5, old=keys, stamp=stamp)
    assert rows(again) == rows(keys)


def test_frames_between_frames():
    old, stamp, _ = written(6, first=10.5)
    keys, _, target = written(7, old=old, stamp=stamp, first=10.0, frames=119, span=(30.0, 60.0))
    assert set(rows(old.chosen((old.frames < 30) | (old.frames > 60)))) <= set(rows(keys))
    assert (np.diff(keys.frames) >= 0.5).all()
    frames = 10.0 + np.arange(119)
    inside = (frames > 35) & (frames < 55)
    assert np.abs(keys.evaluate(frames) - target)[inside].max() <= TOLERANCE + 1e-6


def test_rounding_is_not_an_edit():
    keys, stamp, _ = written(8)
    fields = dict(vars(keys))
    fields["handle_left"] = keys.handle_left + np.float32(4e-5)
    assert not hand_edits(Keys(**fields), stamp)[0].any()
    assert hand_edits(changed(keys, 3, rise=1e-3), stamp)[0].sum() == 1
