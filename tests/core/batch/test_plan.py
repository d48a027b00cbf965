"""Rows become tasks, or problems."""

import os

import pytest

from rigtalk.core.batch.jobs_file import Row
from rigtalk.core.batch.plan import make_plan


@pytest.fixture
def plan(folder):
    for name in ("room.blend", "hall.blend"):
        (folder / name).write_text("scene")

    def make(*rows, kept=()):
        labelled = [Row(f"row {i}", {"audio": "one.wav", **row}) for i, row in enumerate(rows)]
        return make_plan(labelled, base=folder, out=folder / "out", kept=kept)

    return make


def test_curves_and_scenes_are_two_tasks(plan, folder):
    made = plan({"outputs": "a.blend;a.csv;a.fbx;a.npz", "fps": 30, "start": 7})
    curves, scene = made.tasks
    assert [path.name for path in curves.outputs] == ["a.csv", "a.npz"]
    assert [path.name for path in scene.outputs] == ["a.blend", "a.fbx"]
    assert (curves.kind, scene.kind) == ("curves", "scene")
    assert scene.lines[0].start == 7
    again = plan({"outputs": "a.blend;a.csv;a.fbx;a.npz", "fps": 30, "start": 8}).tasks
    assert curves.settings(folder) == again[0].settings(folder)
    assert scene.settings(folder) != again[1].settings(folder)


def test_one_blend_is_one_scene(plan):
    made = plan(
        {"outputs": "talk.blend;a.fbx;all.glb"},
        {"outputs": "other.blend"},
        {"outputs": "talk.blend;b.fbx;all.glb"},
    )
    assert made.problems == {}
    assert [task.rows for task in made.tasks] == [(0, 2), (1,)]
    assert [path.name for path in made.tasks[0].outputs] == [
        "talk.blend",
        "a.fbx",
        "all.glb",
        "b.fbx",
    ]


def test_collisions(plan, folder):
    made = plan(
        {"outputs": "a.csv"},
        {"outputs": "sub/../a.csv"},
        {"outputs": "A.CSV"},
        {"outputs": "b.fbx"},
        {"outputs": "b.fbx"},
        {"outputs": "t.blend;c.fbx"},
        {"outputs": "u.blend;c.fbx"},
        {"outputs": "t.blend", "scene": "room.blend"},
        {"outputs": "t.blend", "fps": 25},
        {"outputs": "x.blend;y.blend"},
        {"outputs": "d.csv;d.csv"},
    )
    said = {row: problem.split(": ", 1)[1] for row, problem in made.problems.items()}
    assert set(said) == {1, 2, 4, 6, 7, 8, 9}
    assert said[1].startswith("row 0 writes it already; put {name} into outputs")
    assert said[2] == said[1]
    assert said[4].startswith("row 3 writes it already")
    assert said[6].startswith("row 5 writes it already")
    assert said[7] == "row 5 writes it too, with another scene; lines of one scene need the same"
    assert said[8] == "row 5 writes it too, with another fps; lines of one scene need the same"
    assert said[9] == "x.blend and y.blend"


def test_no_input_is_written_over(plan, folder):
    (folder / "link").symlink_to(folder)
    made = plan(
        {"outputs": "../room.blend"},
        {"outputs": "new.blend", "scene": "room.blend"},
        {"outputs": "../link/hall.blend"},
        {"outputs": "x.blend", "scene": "hall.blend"},
        {"outputs": "../jobs.csv"},
        kept=[folder / "jobs.csv"],
    )
    assert set(made.problems) == {0, 2, 4}
    assert "is an input of row 1; it is not written over" in made.problems[0]
    assert "is an input of row 3" in made.problems[2]
    assert "is the batch's own jobs.csv" in made.problems[4]


def test_loops_of_links(plan, folder):
    (folder / "a.wav").symlink_to(folder / "b.wav")
    (folder / "b.wav").symlink_to(folder / "a.wav")
    (folder / "out").mkdir()
    (folder / "out" / "c").symlink_to(folder / "out" / "d")
    (folder / "out" / "d").symlink_to(folder / "out" / "c")
    made = plan({"audio": "a.wav"}, {"outputs": "c/x.csv"}, {"audio": "x/../" * 9 + "one.wav"})
    assert set(made.problems) >= {0, 1}
    for row in (0, 1):
        assert (
            "oo many levels of symbolic links" in made.problems[row] or "loop" in made.problems[row]
        )


def test_what_is_for_scenes_only(plan):
    made = plan(
        {"object": "Head", "scene": "room.blend", "outputs": "x.csv"},
        {"object": "Head", "outputs": "a.blend"},
        {"scene": "nowhere.blend", "outputs": "b.blend"},
        {"actor": "nobody.onnx", "outputs": "c.csv"},
        {"preset": "godot", "outputs": "d.csv"},
    )
    assert 0 not in made.problems, "may be said for all lines"
    assert [made.problems[row].rpartition("/")[2] for row in range(1, 5)] == [
        "object names a character in a scene: give the scene",
        "nowhere.blend: no such file",
        "nobody.onnx: no such file",
        "preset is for exports of scenes: add an output such as {name}.fbx",
    ]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_folders_that_are_read_only(plan, folder):
    folder.chmod(0o500)
    try:
        assert "no permission to write" in plan({}).problems[0]
    finally:
        folder.chmod(0o700)


def test_places_that_cannot_be(plan, folder):
    (folder / "out").mkdir()
    (folder / "out" / "dir.csv").mkdir()
    made = plan({"outputs": "dir.csv"}, {"outputs": "../one.wav/x.csv"}, {"audio": "out"})
    assert "is a folder; name a file to write" in made.problems[0]
    assert "one.wav is no folder" in made.problems[1]
    assert "is a folder; name a file" in made.problems[2]
