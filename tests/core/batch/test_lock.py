"""One at a time."""

import subprocess
import sys

import pytest

from rigtalk.core.batch.lock import LOCK_NAME, locked
from rigtalk.core.errors import RigtalkError

HOLD = """
import sys; from pathlib import Path; from rigtalk.core.batch.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True); sys.stdin.read()
"""


def test_only_one_has_it(tmp_path):
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout.readline() == b"held\n"
    with (
        pytest.raises(RigtalkError, match=rf"another batch \(process {other.pid}\)"),
        locked(tmp_path),
    ):
        pass
    other.kill()
    other.communicate()
    with locked(tmp_path):
        assert (tmp_path / LOCK_NAME).exists()
    with locked(tmp_path):
        pass


def test_a_file_that_lies_there_locks_nothing(tmp_path):
    (tmp_path / LOCK_NAME).write_text("99999 long dead\n")
    with locked(tmp_path):
        pass


def test_no_folder(tmp_path):
    with pytest.raises(RigtalkError, match="cannot be written to"), locked(tmp_path / "nowhere"):
        pass
