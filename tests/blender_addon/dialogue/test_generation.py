"""The worker gives what the actor gives, stops when told, and keeps what goes wrong."""

from __future__ import annotations

import time

import numpy as np
import pytest

from rigtalk.blender_addon.dialogue.generation import Generation, Request
from rigtalk.core.direction import Direction
from rigtalk.core.errors import RigtalkError


def wait(generation: Generation, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not generation.done and time.monotonic() < end:
        time.sleep(0.005)
    assert generation.done


def request(line, **part: float) -> Request:
    return Request(line, Direction(), "arkit", 30.0, **part)


def test_thread_and_direct_call_give_the_same(actor, line):
    direct, threaded = Generation(request(line)), Generation(request(line))
    direct.run()
    threaded.start()
    wait(threaded)
    np.testing.assert_array_equal(
        direct.result().performance.values, threaded.result().performance.values
    )
    assert threaded.fraction == 1.0


def test_only_the_shown_part_of_a_strip_is_kept(actor, line):
    generation = Generation(request(line, begin=1.0, end=2.0))
    generation.run()
    performance = generation.result().performance
    assert performance.start == pytest.approx(1.0)
    assert len(performance) == 30


def test_a_strip_that_shows_nothing_is_an_error(actor, line):
    generation = Generation(request(line, begin=1000.0))
    generation.run()
    with pytest.raises(RigtalkError, match=r"nothing of line\.flac"):
        generation.result()


def test_cancelled_work_ends_soon_and_has_no_result(actor, line, monkeypatch):
    monkeypatch.setattr(actor, "patience", 10**9)
    generation = Generation(request(line))
    generation.start()
    started = time.monotonic()
    generation.stop()
    assert time.monotonic() - started < 2.0
    assert generation.done
    with pytest.raises(RigtalkError, match="cancelled"):
        generation.result()


def test_errors_of_the_thread_reach_the_caller(actor, tmp_path):
    generation = Generation(request(tmp_path / "missing.wav"))
    generation.start()
    wait(generation)
    with pytest.raises(RigtalkError, match=r"missing\.wav"):
        generation.result()


def test_there_is_no_result_before_its_time(actor, line):
    with pytest.raises(RigtalkError, match="not ready"):
        Generation(request(line)).result()
