import numpy as np

from rigtalk.blender_addon.direction.polyline import corners


def test_straight_lines_need_their_ends_only():
    times = np.linspace(0, 10, 500)
    rows = np.stack([times, 3 - 0.2 * times], axis=1)
    np.testing.assert_array_equal(corners(times, rows, tolerance=1e-9), [0, 499])


def test_lines_between_corners_stay_near_every_sample():
    times = np.linspace(0, 10, 501)
    rows = np.stack([np.sin(times), np.abs(times - 5)], axis=1)
    kept = corners(times, rows, tolerance=0.01)
    assert 500 in kept
    assert 250 in kept  # the corner itself
    assert len(kept) < 50
    for column in rows.T:
        line = np.interp(times, times[kept], column[kept])
        assert np.abs(line - column).max() <= 0.01


def test_one_and_two_samples():
    np.testing.assert_array_equal(corners(np.zeros(1), np.zeros((1, 3)), tolerance=0.1), [0])
    np.testing.assert_array_equal(corners(np.arange(2.0), np.eye(2), tolerance=0.1), [0, 1])


def test_what_holds_holds_exactly():
    times = np.linspace(0, 3, 301)
    rows = np.clip(np.stack([1 - times, times - 1], axis=1), 0, 1) ** 2
    kept = corners(times, rows, tolerance=0.05)
    for column in rows.T:
        line = np.interp(times, times[kept], column[kept])
        held = (column == 0.0) | (column == 1.0)
        np.testing.assert_array_equal(line[held], column[held])
