"""The moments that a contact sheet shows are those at which the mouth does most."""

from __future__ import annotations

import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.moments import APART_SECONDS, telling_moments
from rigtalk.core.performance import Performance

ARKIT = rigs.control_set("arkit")


def with_gestures(*gestures: tuple[float, dict[str, float]]) -> Performance:
    """Six seconds in which poses come and go within 0.2 s around given times."""
    times = np.arange(360) / 60.0
    values = np.zeros((360, len(ARKIT)), dtype=np.float32)
    for at, pose in gestures:
        bump = np.clip(1.0 - np.abs(times - at) / 0.1, 0.0, 1.0)
        for name, value in pose.items():
            values[:, ARKIT.index(name)] += bump * value
    return Performance(values, 60.0, ARKIT)


def test_each_gesture_is_found_and_named():
    performance = with_gestures(
        (1.0, {"jawOpen": 0.6}),
        (2.0, {"jawOpen": 0.2, "mouthClose": 0.2}),
        (3.0, {"mouthPucker": 0.7, "mouthFunnel": 0.3}),
        (4.0, {"mouthRollLower": 0.6}),
    )
    found = {moment.label: moment.time for moment in telling_moments(performance)}
    assert found == pytest.approx(
        {"open": 1.0, "lips together": 2.0, "rounded": 3.0, "lip to teeth": 4.0}, abs=0.02
    )


def test_moments_are_apart_in_order_and_no_more_than_asked():
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 1, (600, len(ARKIT))).astype(np.float32)
    moments = telling_moments(Performance(values, 60.0, ARKIT), count=8)
    times = [moment.time for moment in moments]
    assert len(times) == 8
    assert (np.diff(times) >= APART_SECONDS - 1e-6).all()


def test_a_face_at_rest_has_one_moment():
    still = Performance(np.zeros((60, len(ARKIT)), dtype=np.float32), 60.0, ARKIT)
    assert [moment.label for moment in telling_moments(still)] == ["at rest"]
