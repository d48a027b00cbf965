import numpy as np

from rigtalk.core.layers.events import add_events, ease


def test_events_overlap_and_add():
    times = np.arange(0, 3, 0.01)
    begins, ends = np.array([0.5, 0.9, 2.5]), np.array([1.5, 1.2, 2.8])
    out = np.zeros(len(times))
    add_events(out, times, begins, ends, shape=lambda event, t: np.full(len(t), event + 1.0))
    slow = sum(
        (i + 1.0) * ((times >= b) & (times < e))
        for i, (b, e) in enumerate(zip(begins, ends, strict=True))
    )
    np.testing.assert_array_equal(out, slow)


def test_no_event_and_no_time():
    out = np.zeros(4)
    empty = np.zeros(0)
    add_events(out, np.arange(4.0), empty, empty, shape=lambda event, t: t)
    add_events(empty, empty, np.ones(1), np.ones(1), shape=lambda event, t: t)
    assert not out.any()


def test_ease_is_a_smooth_step():
    x = ease(np.array([-1, 0, 0.5, 1, 2]))
    np.testing.assert_allclose(x, [0, 0, 0.5, 1, 1])
