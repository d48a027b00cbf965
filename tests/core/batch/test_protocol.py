"""Messages among chatter."""

import io
import json

import pytest

from rigtalk.core.batch.fields import Line
from rigtalk.core.batch.protocol import MARK, parse, read_lines
from rigtalk.core.batch.tasks import Task, task_from_wire


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (MARK + b'{"ready": 7}\n', {"ready": 7}),
        (b"Read prefs: /x" + MARK + b'{"ready": 7}\n', {"ready": 7}),
        (b'{"ready": 7}\n', None),
        (b"Blender 5.0.1 (hash)\n", None),
        (MARK + b'{"ready": \n', None),
        (MARK + b"[7]\n", None),
        (MARK + b"\xff\n", None),
    ],
)
def test_parse(line, message):
    assert parse(line) == message


def test_lines():
    assert list(read_lines(io.BytesIO(b"a\n\nb"))) == [b"a\n", b"\n", b"b"]


def test_a_task_survives_the_pipe(tmp_path):
    line = Line(
        label="row é",
        name="a",
        character="",
        audio=tmp_path / "a.wav",
        outputs=(tmp_path / "a.csv", tmp_path / "b.npz"),
        emotion=("0:joy=1", "2:joy=0"),
        fps=30000 / 1001,
        actor=tmp_path / "x.onnx",
    )
    task = Task("curves", (3,), (line,))
    assert task_from_wire(json.loads(json.dumps(task.wire()))) == task
