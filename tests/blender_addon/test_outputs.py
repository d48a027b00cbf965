"""Files appear whole or not at all, and together."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from rigtalk.blender_addon.outputs import check_writable, staged
from rigtalk.core.errors import RigtalkError


def test_files_take_their_place_together(tmp_path):
    one, two = tmp_path / "a.fbx", tmp_path / "b.blend"
    two.write_text("old")
    with staged([one, two]) as parts:
        for final, part in parts.items():
            assert part.suffix == final.suffix
            part.write_text("new")
        assert not one.exists()
        assert two.read_text() == "old"
    assert (one.read_text(), two.read_text()) == ("new", "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.fbx", "b.blend"]


def write(path: Path, text: str, *, beside: Path) -> None:
    """Write to one of two files; an empty text gives an empty file."""
    with staged([path, beside]) as parts:
        parts[path].write_text(text)
        parts[beside].write_text("whole")


def test_one_that_did_not_arrive_leaves_all_as_it_was(tmp_path):
    one, two = tmp_path / "a.fbx", tmp_path / "b.fbx"
    two.write_text("old")
    with pytest.raises(RigtalkError, match=r"a\.fbx: nothing arrived"):
        write(one, "", beside=two)
    assert two.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["b.fbx"]


def test_a_full_disk_is_one_line_and_no_file(tmp_path, monkeypatch):
    def full(self, text):
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(RigtalkError, match=r"a\.fbx, .*b\.fbx: No space left"):
        write(tmp_path / "a.fbx", "text", beside=tmp_path / "b.fbx")
    assert not list(tmp_path.iterdir())


def test_faults_of_ours_keep_their_kind_and_leave_nothing(tmp_path):
    with pytest.raises(TypeError):
        write(tmp_path / "a.fbx", 1, beside=tmp_path / "b.fbx")
    assert not list(tmp_path.iterdir())


def test_places_that_cannot_be_written_are_named(tmp_path):
    with pytest.raises(RigtalkError, match="it is a folder"):
        check_writable([tmp_path])
    with pytest.raises(RigtalkError, match="there is no folder"):
        check_writable([tmp_path / "no" / "a.fbx"])
