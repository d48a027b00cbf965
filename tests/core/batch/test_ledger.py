"""What a ledger remembers, and what it survives."""

import json
import shutil
from dataclasses import replace

import pytest

from rigtalk.core.batch import ledger as ledger_module
from rigtalk.core.batch.fields import Line
from rigtalk.core.batch.ledger import LEDGER_NAME, Ledger
from rigtalk.core.batch.stamps import Stamps
from rigtalk.core.batch.tasks import Task
from rigtalk.core.errors import RigtalkError


@pytest.fixture
def task(tmp_path) -> Task:
    (tmp_path / "a.wav").write_text("sound")
    return task_in(tmp_path)


def task_in(folder, name="a") -> Task:
    line = Line("row", "a", "", folder / "a.wav", (folder / f"{name}.csv",))
    return Task("curves", (0,), (line,))


def finish(ledger, task, error="") -> None:
    ledger.begin(task)
    if not error:
        task.outputs[0].write_text("curves")
    stamps = Stamps()
    ledger.finish(
        task,
        inputs={str(path): stamps.of(path) for path in task.inputs},
        outputs={str(path): stamps.of(path) for path in task.outputs},
        errors=[error],
        seconds=1.0,
        notes=[[]],
    )


def test_it_remembers(tmp_path, task):
    with Ledger(tmp_path) as ledger:
        assert ledger.state(task) is None
        finish(ledger, task)
        assert ledger.state(task)["state"] == "done"
    with Ledger(tmp_path) as ledger:
        assert ledger.state(task)["state"] == "done"
        finish(ledger, task, "it cannot be read")
    with Ledger(tmp_path) as ledger:
        assert ledger.state(task)["errors"] == ["it cannot be read"]


def test_a_project_may_be_moved(tmp_path, task):
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    (old / "a.wav").write_text("sound")
    with Ledger(old) as ledger:
        finish(ledger, task_in(old))
    shutil.copytree(old, new)
    with Ledger(new) as ledger:
        assert ledger.state(task_in(new)) is not None


def test_what_is_begun_is_not_done(tmp_path, task):
    with Ledger(tmp_path) as ledger:
        finish(ledger, task)
        ledger.begin(task)
    task.outputs[0].write_text("of a run that was killed")
    with Ledger(tmp_path) as ledger:
        assert ledger.state(task) is None
        assert ledger.edited(task) == []


def test_other_settings_other_work(tmp_path, task):
    with Ledger(tmp_path) as ledger:
        finish(ledger, task)
        other = replace(task, lines=(replace(task.lines[0], seed=1),))
        assert ledger.state(other) is None
        label = replace(task, rows=(7,), lines=(replace(task.lines[0], label="x", timeout=3.0),))
        assert ledger.state(label) is not None


def test_torn_anywhere(tmp_path, task):
    """Cut at every length, it can be read, and what is added after that is found."""
    with Ledger(tmp_path) as ledger:
        finish(ledger, task)
    whole = (tmp_path / LEDGER_NAME).read_bytes()
    for length in range(0, len(whole), 7):
        (tmp_path / LEDGER_NAME).write_bytes(whole[:length])
        with Ledger(tmp_path) as ledger:
            assert ledger.state(task) is None
            finish(ledger, task)
        with Ledger(tmp_path) as ledger:
            assert ledger.state(task) is not None, length


@pytest.mark.parametrize(
    "damage", [b"\0" * 100, b"[]\n", b"{}\n", b'{"format":1}\n', b'{"format":"x"}\n', b"\xff\n"]
)
def test_damage_is_passed_over(tmp_path, task, damage):
    with Ledger(tmp_path) as ledger:
        finish(ledger, task)
    path = tmp_path / LEDGER_NAME
    path.write_bytes(damage + b"\n" + path.read_bytes())
    with Ledger(tmp_path) as ledger:
        assert ledger.state(task) is not None


def test_one_of_a_later_version_is_left_alone(tmp_path):
    path = tmp_path / LEDGER_NAME
    path.write_text('{"format": 2, "outputs": []}\n')
    with pytest.raises(RigtalkError, match="of a later rigtalk; update rigtalk"):
        Ledger(tmp_path)
    assert path.read_text() == '{"format": 2, "outputs": []}\n'


def test_it_does_not_grow_for_ever(tmp_path, task, monkeypatch):
    monkeypatch.setattr(ledger_module, "SLACK", 20)
    with Ledger(tmp_path) as ledger:
        for _ in range(20):
            finish(ledger, task)
        finish(ledger, task_in(tmp_path, "b"))
    lines = (tmp_path / LEDGER_NAME).read_bytes().count(b"\n")
    assert lines == 42
    with Ledger(tmp_path) as ledger:
        assert ledger.state(task) is not None
        assert ledger.state(task_in(tmp_path, "b")) is not None
    assert (tmp_path / LEDGER_NAME).read_bytes().count(b"\n") == 2


def test_edited_by_hand(tmp_path, task):
    with Ledger(tmp_path) as ledger:
        finish(ledger, task)
        assert ledger.edited(task) == []
        task.outputs[0].write_text("polish")
        assert ledger.edited(task) == list(task.outputs)
        assert ledger.state(task) is not None
        task.outputs[0].unlink()
        assert ledger.edited(task) == []
        assert ledger.state(task) is None


def test_every_line_is_json(tmp_path, task):
    with Ledger(tmp_path) as ledger:
        finish(ledger, task)
    for line in (tmp_path / LEDGER_NAME).read_text().splitlines():
        assert json.loads(line)["format"] == 1
