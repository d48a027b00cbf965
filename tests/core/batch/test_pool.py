"""Workers are few, and none grows old."""

import sys
from pathlib import Path

import pytest

from rigtalk.core.batch.fields import Line
from rigtalk.core.batch.pool import Pool
from rigtalk.core.batch.tasks import Task

STAGE = Path(__file__).with_name("stage.py")


@pytest.fixture
def tasks(folder):
    def make(count: int, kind="scene", suffix=".blend") -> list[Task]:
        return [
            Task(
                kind,
                (i,),
                (Line(f"{i}", f"{i}", "", folder / "one.wav", (folder / f"{i}{suffix}",)),),
            )
            for i in range(count)
        ]

    return make


def test_processes_are_renewed_after_so_many_scenes(folder, tasks):
    ended = []
    pool = Pool(
        2,
        lambda kind: [sys.executable, str(STAGE)],
        begins=lambda task: None,
        ends=lambda task, outcome: ended.append((task.rows[0], outcome.errors, outcome.final)),
        scenes_each=3,
    )
    pool.run(tasks(12))
    assert sorted(ended) == [(i, [""], True) for i in range(12)]
    pids = [line.split()[0] for line in (folder / "log").read_text().splitlines()]
    assert len(set(pids)) >= 4
    assert all(pids.count(pid) <= 3 for pid in pids)


def test_each_kind_has_its_workers(folder, tasks):
    """A pool of one changes its worker where the next task needs another program."""
    asked = []

    def command(kind: str) -> list[str]:
        asked.append(kind)
        return [sys.executable, *(["-B"] if kind == "scene" else []), str(STAGE)]

    ended = []
    pool = Pool(
        1, command, begins=lambda task: None, ends=lambda task, out: ended.append(out.errors)
    )
    pool.run([*tasks(2, "curves", ".npz"), *tasks(2)])
    assert ended == [[""]] * 4
    assert set(asked) == {"curves", "scene"}
