"""Sealed lips are found, and their keys are exact."""

from __future__ import annotations

import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.core.keys.reduction import reduce_keys
from rigtalk.core.keys.seals import sealed_frames
from rigtalk.core.performance import Performance


def closing(rig: str, jaw: str, lips: tuple[str, ...], *, share: bool) -> Performance:
    """A jaw that swings, with lips that meet over it for 4 frames and for 20."""
    controls = rigs.control_set(rig)
    values = np.zeros((100, len(controls)), dtype=np.float32)
    gap = 0.3 + 0.1 * np.sin(np.arange(100) / 5.0)
    shut = np.zeros(100)
    shut[20:24] = shut[50:70] = 1.0
    values[:, controls.index(jaw)] = gap
    for name in lips:
        values[:, controls.index(name)] = shut if share else shut * gap
    return Performance(values, 60.0, controls)


@pytest.mark.parametrize(
    ("rig", "jaw", "lips", "share"),
    [
        ("arkit", "jawOpen", ("mouthClose",), False),
        (
            "metahuman-board",
            "CTRL_C_jaw.Y",
            tuple(f"CTRL_{s}_mouth_lipsTogether{u}" for s in "LR" for u in "UD"),
            True,
        ),
    ],
)
def test_closures_are_found_and_exact(rig, jaw, lips, share):
    performance = closing(rig, jaw, lips, share=share)
    frames, names = sealed_frames(performance)
    assert set(names) == {jaw, *lips}
    assert list(np.flatnonzero(frames)) == [20, 21, 22, 23, 50, 51, 68, 69]
    curve = performance.curve(jaw)[:, None]
    (keys,) = reduce_keys(curve, np.array([0.05]), pinned=frames[:, None])
    np.testing.assert_array_equal(keys.evaluate(np.flatnonzero(frames)), curve[frames, 0])


def test_a_shut_jaw_has_nothing_to_seal():
    controls = rigs.control_set("arkit")
    frames, _ = sealed_frames(Performance(np.zeros((10, len(controls))), 60.0, controls))
    assert not frames.any()
