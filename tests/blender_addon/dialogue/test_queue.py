"""Several lines: one after another, each whole or not at all."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import pytest

from rigtalk import rigs
from rigtalk.blender_addon import compat
from rigtalk.blender_addon.dialogue import jobs
from rigtalk.blender_addon.dialogue.line import new_line
from rigtalk.blender_addon.dialogue.queue import Entry, Queue, Running
from rigtalk.blender_addon.dialogue.queue_operator import QueueOperator

ARKIT = rigs.control_set("arkit").names[:52]


def keyed(thing: bpy.types.Object) -> bool:
    holder = compat.curves_to_read(thing.data.shape_keys)
    return holder is not None and len(holder.fcurves) > 0


@pytest.fixture
def three(actor, extension, scene, make_mesh, line):
    """Three lines of three characters."""
    lines = []
    for i, name in enumerate(("Anna", "Bert", "Cleo")):
        said = new_line(scene, f"line {i}")
        said.character, said.audio_path = make_mesh(name, ARKIT), str(line)
        said.add_sound, said.start_frame = False, 1 + 1000 * i
        lines.append(said.uid)
    return lines


def queued(scene: bpy.types.Scene) -> Queue:
    entries = [Entry(scene.session_uid, line.uid, line.name) for line in scene.rigtalk.lines]
    return Queue(entries, jobs.options_of(scene.rigtalk))


def run(queue: Queue, *, steps: int = 10_000) -> None:
    while steps and not queue.done:
        queue.step(threaded=False)
        steps -= 1


def test_all_lines_are_made(three, scene):
    assert bpy.ops.rigtalk.generate(which="ALL") == {"FINISHED"}
    assert all(line.made for line in scene.rigtalk.lines)
    assert all(keyed(bpy.data.objects[name]) for name in ("Anna", "Bert", "Cleo"))


def test_one_undo_takes_back_all_lines(three):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.rigtalk.generate("EXEC_DEFAULT", True, which="ALL")
    assert keyed(bpy.data.objects["Cleo"])
    bpy.ops.ed.undo()
    assert not any(keyed(bpy.data.objects[name]) for name in ("Anna", "Bert", "Cleo"))


def test_only_ticked_lines_are_made(three, scene):
    scene.rigtalk.lines[1].chosen = False
    bpy.ops.rigtalk.generate(which="SELECTED")
    assert [line.made for line in scene.rigtalk.lines] == [True, False, True]


def test_only_what_changed_is_made_again(three, scene, line, tmp_path):
    copy = tmp_path / "copy.flac"
    copy.write_bytes(line.read_bytes())
    scene.rigtalk.lines[1].audio_path = str(copy)
    bpy.ops.rigtalk.generate(which="ALL")
    with pytest.raises(RuntimeError, match="no line of the list"):
        bpy.ops.rigtalk.generate(which="STALE")
    from rigtalk.blender_addon.dialogue import status

    copy.write_bytes(line.read_bytes() + b"\0")
    status.forget()
    from rigtalk.blender_addon.dialogue.operators import wanted_lines

    assert [each.name for each in wanted_lines(scene, "STALE")] == ["line 1"]


def test_one_bad_line_stops_no_other(three, scene, tmp_path):
    scene.rigtalk.lines[1].audio_path = str(tmp_path / "gone.wav")
    queue = queued(scene)
    run(queue)
    assert [line.made for line in scene.rigtalk.lines] == [True, False, True]
    assert "gone.wav" in scene.rigtalk.lines[1].fault
    kind, told = queue.summary()
    assert kind == "WARNING"
    assert told.startswith("2 of 3 lines generated; line 1: ")


def test_a_line_put_right_loses_its_fault(three, scene, line, tmp_path):
    said = scene.rigtalk.lines[0]
    said.audio_path = str(tmp_path / "gone.wav")
    run(queued(scene))
    said.audio_path = str(line)
    run(queued(scene))
    assert (said.made, said.fault) == (True, "")


def test_cancelling_keeps_what_is_done_and_begins_nothing(three, scene):
    queue = queued(scene)
    while not scene.rigtalk.lines[0].made:
        queue.step(threaded=False)
    queue.step(threaded=False)  # the second line is performed now, but not keyed
    queue.cancel()
    run(queue)
    assert [line.made for line in scene.rigtalk.lines] == [True, False, False]
    assert keyed(bpy.data.objects["Anna"])
    assert not keyed(bpy.data.objects["Bert"])
    assert "cancelled" in queue.summary()[1]


def test_cancelling_the_only_line_changes_nothing(actor, spoken, face, scene):
    queue = queued(scene)
    queue.step(threaded=False)
    queue.cancel()
    run(queue)
    assert not keyed(face)
    assert queue.summary() == ("INFO", "Cancelled: nothing was changed")


def test_lines_may_be_sorted_and_removed_meanwhile(three, scene):
    queue = queued(scene)
    queue.step(threaded=False)
    scene.rigtalk.lines.move(0, 2)
    scene.rigtalk.lines.remove(0)  # the second one
    run(queue)
    assert {line.name: line.made for line in scene.rigtalk.lines} == {
        "line 0": True,
        "line 2": True,
    }
    assert "was removed from the list" in queue.summary()[1]


def test_a_scene_deleted_meanwhile_fails_its_lines_alone(three, scene):
    queue = queued(scene)
    bpy.data.scenes.new("Other")
    bpy.data.scenes.remove(scene)
    run(queue)
    assert queue.summary()[1].startswith("0 of 3 lines generated")


def test_a_character_of_another_scene_is_refused(actor, spoken, face, scene):
    scene.collection.objects.unlink(face)
    queue = queued(scene)
    run(queue)
    assert queue.summary() == (
        "ERROR",
        "Face, who speaks Said, is not in the scene Scene: choose another character",
    )


def test_an_empty_range_is_refused(actor, spoken, scene):
    scene.rigtalk.use_range = True
    scene.rigtalk.range_first, scene.rigtalk.range_last = 20, 20
    with pytest.raises(RuntimeError, match="range from frame 20 to 20 is empty"):
        bpy.ops.rigtalk.generate()


def test_a_fault_of_ours_does_not_leave_the_buttons_grey(actor, spoken, scene, monkeypatch):
    queue = Running.queue = queued(scene)
    monkeypatch.setattr(jobs, "prepare_line", lambda *_: 1 / 0)
    operator = QueueOperator()
    with pytest.raises(ZeroDivisionError):
        operator.modal(bpy.context, SimpleNamespace(type="TIMER"))
    assert Running.queue is None
    assert queue.cancelled
    assert bpy.ops.rigtalk.generate.poll()
