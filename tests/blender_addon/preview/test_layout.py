"""Where things go in the strip."""

from __future__ import annotations

import numpy as np
import pytest

from rigtalk.blender_addon.preview.layout import (
    Box,
    Span,
    envelope,
    free_box,
    polyline,
    runs,
    ticks,
)

REGION = Box(0, 0, 1000, 600)


def test_frames_map_linearly():
    span, box = Span(100.0, 200.0), Box(50, 0, 400, 10)
    assert span.x(np.array([100, 150, 200]), box).tolist() == [50, 250, 450]
    assert span.holds(200.0)
    assert not span.holds(200.5)


def test_a_span_has_room_on_both_sides_and_is_never_empty():
    span = Span.around(10, 110, margin=0.1)
    assert (span.first, span.last) == pytest.approx((0.0, 120.0))
    empty = Span.around(5, 5)
    assert empty.last - empty.first >= 2.0


def test_bars_take_the_edge_that_they_touch():
    tools = Box(0, 100, 60, 500)
    sidebar = Box(760, 0, 240, 600)
    header = Box(0, 570, 1000, 30)
    shelf = Box(0, 0, 1000, 80)
    elsewhere = Box(1000, 0, 300, 600)
    free = free_box(REGION, [tools, sidebar, header, shelf, elsewhere])
    assert free == Box(60, 80, 700, 490)


@pytest.mark.parametrize(("first", "last"), [(1.0, 240.0), (-50.0, 12.5), (3.0, 9.0), (0, 200000)])
def test_ticks_are_whole_frames_and_far_enough_apart(first, last):
    span = Span(first, last)
    frames, step = ticks(span, 900.0, 56.0)
    assert len(frames)
    assert frames[0] >= first
    assert frames[-1] <= last
    assert (np.diff(frames) == step).all()
    assert step * 900.0 / (last - first) >= 56.0 or last - first > 1e5


def test_an_envelope_spans_its_box_and_silence_is_a_line():
    box = Box(10, 20, 4, 40)
    points = envelope(np.array([-1.0, 0.0]), np.array([1.0, 0.0]), box).reshape(2, 2, 2)
    assert points[0, :, 1].tolist() == [20.0, 60.0]
    assert points[1, :, 1].tolist() == [39.5, 40.5]
    assert points[:, 0, 0].tolist() == [11.0, 13.0]


def test_curves_stay_in_their_row():
    points = polyline(np.array([1.0, 2.0, 3.0]), np.array([-1.0, 0.5, 7.0]), Box(0, 10, 9, 20))
    assert points[:, 1].tolist() == [10.0, 20.0, 30.0]


def test_runs_tell_first_and_last():
    mask = np.array([1, 1, 0, 0, 1, 0, 1], dtype=bool)
    assert runs(mask).tolist() == [[0, 1], [4, 4], [6, 6]]
    assert len(runs(np.zeros(3, dtype=bool))) == 0
