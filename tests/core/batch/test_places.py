"""Half-written files of the dead are swept up, and nothing else."""

import os
import subprocess
import sys

from rigtalk.core.batch.places import identity, remove_parts


def test_parts_of_the_dead(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine, theirs = os.getpid(), gone.pid
    stale = {f".a.csv.{theirs}.part", f".b.{theirs}.part.blend", f".b.{theirs}.part.blend@"}
    kept = {f".a.csv.{mine}.part", f".c.csv.{theirs}.part", "a.csv", ".a.csv.x.part"}
    for name in stale | kept:
        (tmp_path / name).touch()
    outputs = [tmp_path / "a.csv", tmp_path / "b.blend", tmp_path / "nowhere" / "x.csv"]
    remove_parts(outputs)
    assert {path.name for path in tmp_path.iterdir()} == kept
    remove_parts(outputs, pid=mine)
    assert {path.name for path in tmp_path.iterdir()} == kept - {f".a.csv.{mine}.part"}


def test_one_file_has_one_identity(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert identity(tmp_path / "link" / "A.csv") == identity(
        tmp_path / "real" / "x" / ".." / "a.CSV"
    )
