"""Work on a thread: what becomes of its result, its faults, and of objects that go away."""

from __future__ import annotations

import threading

import bpy
import pytest

from rigtalk.blender_addon.gaussian import standing, work
from rigtalk.blender_addon.gaussian.work import Work
from rigtalk.core.errors import RigtalkError


def test_the_result_reaches_blender(extension, ball):
    seen = []

    def finish(obj, result):
        seen.append((obj, result, threading.current_thread().name))
        return "told"

    task = Work(ball, "Working", lambda cancelled: threading.current_thread().name, finish)
    task.start()
    task._ended.wait(10)
    assert task.done
    assert task.end() == "told"
    assert seen == [(ball, "rigtalk head", threading.main_thread().name)]


def test_a_fault_is_raised_where_it_is_ended(extension, ball):
    def fail(cancelled):
        raise RigtalkError("went wrong")

    task = Work(ball, "Working", fail, lambda obj, result: "told")
    task.run()
    with pytest.raises(RigtalkError, match="went wrong"):
        task.end()


def test_cancelling_drops_the_result(extension, ball):
    task = Work(ball, "Working", lambda cancelled: cancelled(), lambda obj, result: "told")
    Work.running = task
    assert bpy.ops.rigtalk.gaussian_work_cancel.poll()
    bpy.ops.rigtalk.gaussian_work_cancel()
    assert task.done, "nobody waits for what was given up"
    task.run()
    assert task._result is True, "the thread is told"
    with pytest.raises(RigtalkError, match="nothing was changed"):
        task.end()
    work.stop()
    assert Work.running is None
    assert not bpy.ops.rigtalk.gaussian_work_cancel.poll()


def test_a_removed_object_is_missed(extension, ball):
    task = Work(ball, "Working", lambda cancelled: 1, lambda obj, result: "told")
    task.run()
    bpy.data.objects.remove(ball)
    with pytest.raises(RigtalkError, match="removed"):
        task.end()
    task.unsay()


def test_an_object_is_found_again_after_undo(extension, ball):
    bpy.ops.ed.undo_push(message="before")
    task = Work(ball, "Working", lambda cancelled: 1, lambda obj, result: obj.name)
    ball.location.x = 5.0
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    task.run()
    assert task.end() == "Ball"


def test_words_are_shown_in_the_panel_until_they_are_taken_back(extension, ball):
    standing.say(ball, "Working", 0.25)
    settings = ball.rigtalk_gaussian
    assert (settings.status, settings.progress) == ("Working", 0.25)
    standing.say(ball, "Ready")
    assert (settings.status, settings.progress) == ("Ready", standing.IDLE)
    standing.clear(ball)
    assert (settings.status, settings.progress) == ("", standing.IDLE)
