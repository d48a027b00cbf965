"""Emotions that can be told apart, and brows that follow the voice."""

import numpy as np
import pytest

from rigtalk.core.direction import EMOTIONS
from rigtalk.rigs import control_set
from rigtalk.training.articulation import Style, articulate, frame_count

ARKIT = control_set("arkit")
UPPER = ARKIT.in_region("brows", "eyes", "cheeks", "nose")


def perform(line, emotion, seed, **options):
    rng = np.random.default_rng(seed)
    return articulate(line, line[-1].end, rng=rng, emotion=emotion, **options).arkit


def speech_mean(line, emotion, seed):
    """Mean pose of a take; the average mouth of speech is in all of them."""
    return perform(line, emotion, seed, style=Style.sample(np.random.default_rng(seed))).mean(
        axis=0
    )


def pose_of(curves, *names):
    return curves[:, ARKIT.indices(*names)].mean()


@pytest.mark.parametrize(("size", "least"), [(0.3, 0.9), (1.0, 0.97)])
@pytest.mark.parametrize("region", ["whole face", "upper face"])
def test_emotions_are_told_apart(line, size, least, region):
    """By the nearest mean of other takes, neutral among them, also without the mouth."""
    columns = UPPER if region == "upper face" else np.arange(52)
    feelings = [np.zeros(7), *(size * np.eye(7))]
    known = [np.mean([speech_mean(line, e, 100 + s) for s in range(8)], axis=0) for e in feelings]
    centres = np.stack(known)[:, columns]
    right = []
    for label, emotion in enumerate(feelings):
        for seed in range(8):
            pose = speech_mean(line, emotion, seed)[columns]
            right.append(np.argmin(np.linalg.norm(centres - pose, axis=1)) == label)
    assert np.mean(right) >= least


# What each emotion must show (FACS) and what it must not.
SIGNS = {
    "joy": (("mouthSmileLeft", "cheekSquintRight"), ("mouthFrownLeft", "browDownLeft")),
    "sadness": (("browInnerUp", "mouthFrownRight"), ("mouthSmileLeft", "eyeWideLeft")),
    "anger": (("browDownLeft", "eyeSquintRight"), ("mouthSmileLeft", "browOuterUpLeft")),
    "surprise": (("browInnerUp", "browOuterUpLeft", "eyeWideLeft"), ("browDownLeft",)),
    "fear": (("browInnerUp", "eyeWideRight", "mouthStretchLeft"), ("mouthSmileLeft",)),
    "disgust": (("noseSneerLeft", "noseSneerRight", "browDownLeft"), ("browOuterUpLeft",)),
    "contempt": (("mouthDimpleLeft", "mouthSmileLeft"), ("browDownLeft",)),
}


@pytest.mark.parametrize("name", EMOTIONS)
def test_emotions_show_their_action_units(line, name):
    shown, absent = SIGNS[name]
    emotion = np.eye(7)[EMOTIONS.index(name)]
    neutral = np.concatenate([perform(line, None, s) for s in range(6)])
    full = np.concatenate([perform(line, emotion, s) for s in range(6)])
    slight = np.concatenate([perform(line, 0.3 * emotion, s) for s in range(6)])
    for sign in shown:
        gains = [pose_of(curves, sign) - pose_of(neutral, sign) for curves in (slight, full)]
        # Contempt is on one side of the face in each take, so that the mean over takes is half.
        assert gains[0] > (0.05 if name == "contempt" else 0.1), sign
        assert gains[1] > (0.15 if name == "contempt" else 0.3), sign
        assert gains[1] > 1.5 * gains[0], sign
    for sign in absent:
        assert pose_of(full, sign) < 0.17, sign


def test_contempt_is_on_one_side(line):
    sides = []
    for seed in range(12):
        curves = perform(line, np.eye(7)[EMOTIONS.index("contempt")], seed)
        left, right = (pose_of(curves, f"mouthSmile{side}") for side in ("Left", "Right"))
        assert max(left, right) > 2.5 * min(left, right)
        sides.append(left > right)
    assert 0 < sum(sides) < 12


def test_emotions_mix(line):
    joy, surprise = np.eye(7)[0], np.eye(7)[3]
    both = np.concatenate([perform(line, 0.6 * (joy + surprise), s) for s in range(3)])
    assert pose_of(both, "mouthSmileLeft") > 0.25
    assert pose_of(both, "browOuterUpLeft", "browOuterUpRight") > 0.4
    everything = perform(line, np.ones(7), 0)
    assert everything.max() <= 1.0


def test_a_smile_still_rounds_and_sadness_speaks_small(line):
    def jaw_and_pucker(name):
        emotion = None if name is None else np.eye(7)[EMOTIONS.index(name)]
        curves = perform(line, emotion, 1, style=Style(variation=0.0))
        return np.percentile(curves[:, ARKIT.indices("jawOpen", "mouthPucker")], 95, axis=0)

    neutral, joy, sadness = (jaw_and_pucker(name) for name in (None, "joy", "sadness"))
    assert joy[1] > 0.85 * neutral[1]
    assert joy[0] > 1.03 * neutral[0]
    assert sadness[0] < 0.85 * neutral[0]
    smiles = perform(line, np.eye(7)[0], 1)[:, ARKIT.index("mouthSmileLeft")]
    rounded = next(p for p in line if p.symbol == "uw")
    wide = next(p for p in line if p.symbol == "ay")
    at = [round((p.start + p.end) * 25) for p in (rounded, wide)]
    assert smiles[at[0]] < 0.8 * smiles[at[1]]


def test_regions_move_together_and_the_mouth_on_its_own(line):
    """Brows and lids drift as one; the jaw shares with them no more than the accents of speech."""
    curves = [perform(line, 0.6 * np.eye(7)[4], s)[60:-60] for s in range(12)]
    flat = np.concatenate([c - c.mean(axis=0) for c in curves])

    def agreement(first, second):
        return np.corrcoef(flat[:, ARKIT.indices(first, second)].T)[0, 1]

    assert agreement("browInnerUp", "eyeWideLeft") > 0.5
    assert agreement("browInnerUp", "browOuterUpLeft") > 0.5
    assert agreement("browInnerUp", "jawOpen") < agreement("browInnerUp", "eyeWideLeft") - 0.2
    assert agreement("browInnerUp", "jawOpen") < 0.5


def test_brows_rise_on_loud_accents(line):
    frames = frame_count(line[-1].end)
    times = np.arange(frames) / 50
    accent = next(p for p in line if p.symbol == "ay")
    centre = (accent.start + accent.end) / 2
    loudness = 0.5 + 0.4 * np.exp(-0.5 * ((times - centre) / 0.08) ** 2)
    brows = np.mean(
        [
            perform(line, None, s, loudness=loudness)[:, ARKIT.index("browOuterUpLeft")]
            for s in range(24)
        ],
        axis=0,
    )
    near = np.abs(times - centre) < 0.15
    assert brows[near].max() > 0.05
    assert brows[near].max() > 1.5 * np.median(brows)
    every = np.stack([perform(line, None, s)[:, UPPER] for s in range(24)])
    # Beats, not emotions.
    assert 0.05 < np.percentile(every.max(axis=(1, 2)), 50) < 0.35
