import os

import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.files.reading import opened


def test_the_size_is_known(tmp_path):
    path = tmp_path / "some.ply"
    path.write_bytes(b"12345")
    with opened(path) as (file, size):
        assert (file.read(), size) == (b"12345", 5)


def test_what_is_no_file_is_refused(tmp_path):
    (tmp_path / "empty.ply").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe.ply")
    for name, what in {
        "": "is a folder",
        "none.ply": "no such file",
        "empty.ply": "is empty",
        "pipe.ply": "is not a file",
        "a\0b": "cannot be read",
    }.items():
        with pytest.raises(RigtalkError, match=what), opened(tmp_path / name):
            pass


def test_lack_of_memory_is_said(tmp_path):
    path = tmp_path / "some.ply"
    path.write_bytes(b"12345")
    with pytest.raises(RigtalkError, match="memory"), opened(path):
        raise MemoryError
