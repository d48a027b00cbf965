"""Control sets as values: lookup, ranges, mirroring."""

import numpy as np
import pytest

from rigtalk.rigs import RigtalkError, control_set
from rigtalk.rigs.controls import REGIONS


def test_columns_are_found_by_name_and_by_region():
    arkit = control_set("arkit")
    assert arkit.index("jawOpen") == 17
    np.testing.assert_array_equal(arkit.indices("eyeBlinkLeft", "tongueOut"), [0, 51])
    assert [arkit.names[i] for i in arkit.in_region("tongue", "head")] == [
        "tongueOut",
        "headYaw",
        "headPitch",
        "headRoll",
    ]
    assert sum(len(arkit.in_region(region)) for region in REGIONS) == len(arkit)


def test_an_unknown_control_is_named_in_the_error():
    with pytest.raises(RigtalkError, match=r"'arkit' has no control 'JawOpen'"):
        control_set("arkit").index("JawOpen")


def test_clip_uses_the_range_of_each_control():
    board = control_set("metahuman-board")
    clipped = board.clip(np.full((2, len(board)), -3.0, dtype=np.float32))
    assert clipped[0, board.index("CTRL_C_jaw.X")] == -1.0
    assert clipped[0, board.index("CTRL_C_jaw.Y")] == 0.0


@pytest.mark.parametrize("name", ["arkit", "metahuman", "metahuman-board"])
def test_mirroring_twice_changes_nothing_and_once_changes_something(name, random_frames):
    controls = control_set(name)
    values = random_frames.uniform(controls.lows, controls.highs, (5, len(controls)))
    once = controls.mirrored(values)
    assert not np.array_equal(once, values)
    np.testing.assert_array_equal(controls.mirrored(once), values)


def test_mirroring_swaps_sides_and_turns_the_head_the_other_way():
    arkit = control_set("arkit")
    values = np.zeros(len(arkit))
    values[arkit.indices("eyeBlinkLeft", "jawLeft", "headYaw", "headPitch")] = 0.3
    mirrored = arkit.mirrored(values)
    changed = {arkit.names[i]: mirrored[i] for i in np.flatnonzero(mirrored)}
    assert changed == {"eyeBlinkRight": 0.3, "jawRight": 0.3, "headYaw": -0.3, "headPitch": 0.3}
