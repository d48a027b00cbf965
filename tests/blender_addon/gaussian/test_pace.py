"""Pictures are coarse only while things move and are slow."""

from __future__ import annotations

from rigtalk.blender_addon.gaussian.pace import BUDGET, SETTLED, STEPS, Pace


def test_fast_pictures_are_always_whole() -> None:
    pace = Pace()
    pace.took(0.8 * BUDGET, 1.0)
    pace.changed = 10.0
    assert pace.scale(10.01) == 1.0


def test_slow_pictures_are_coarse_until_nothing_moves() -> None:
    pace = Pace()
    assert pace.scale(0.0) == 1.0, "nothing is known yet"
    pace.took(0.06, 1.0)
    pace.changed = 10.0
    assert STEPS[-1] <= pace.scale(10.01) < 1.0
    assert pace.scale(10.0 + SETTLED[0] + 0.01) == 1.0


def test_where_pictures_take_long_changes_are_waited_for_longer() -> None:
    pace = Pace(changed=0.0)
    pace.took(0.2, 1.0)
    assert pace.scale(SETTLED[0] + 0.1) < 1.0
    pace.took(100.0, 1.0)
    assert pace.scale(SETTLED[1] + 0.1) == 1.0


def test_the_slower_the_coarser() -> None:
    scales = []
    for seconds in (0.04, 0.06, 0.1, 1.0):
        pace = Pace(changed=0.0)
        pace.took(seconds, 1.0)
        scales.append(pace.scale(0.1))
    assert scales == sorted(scales, reverse=True)
    assert scales[-1] == STEPS[-1]


def test_coarse_pictures_tell_what_whole_ones_would_take() -> None:
    pace = Pace(changed=0.0)
    pace.took(0.1, 1.0)
    scale = pace.scale(0.1)
    for _ in range(20):
        pace.took(0.4 * BUDGET, scale)  # another process had the processor
    assert pace.scale(0.1) > scale
