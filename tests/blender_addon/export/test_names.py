"""Whatever a line is called, its file has a name that every system takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from rigtalk.blender_addon.export.names import check_distinct, file_name
from rigtalk.core.errors import RigtalkError


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("Hero", "line 1"), "Hero_line 1"),
        (("a/b\\c:d", "?*"), "a_b_c_d"),
        (("..", "secret"), "secret"),
        (("../../etc/passwd",), "etc_passwd"),
        (("con",), "con_"),
        (("NUL.txt",), "NUL.txt_"),
        (("ends. ", ""), "ends"),
        (("new\nline\t",), "new_line"),
        (("Zoë", "こんにちは"), "Zoë_こんにちは"),
    ],
)
def test_file_names(words, name):
    assert file_name(*words) == name


def test_long_names_are_cut_between_letters():
    name = file_name("こ" * 200)
    assert len(name.encode()) <= 180
    assert set(name) == {"こ"}


def test_a_name_of_nothing_is_refused():
    with pytest.raises(RigtalkError, match=r"'\?\? /' cannot name a file"):
        file_name("??", "/")


def test_names_that_differ_in_case_only_are_one():
    check_distinct([("a", Path("a.fbx")), ("b", Path("b.fbx"))])
    with pytest.raises(RigtalkError, match=r"'Hi' and 'hi' would both be written to hi\.fbx"):
        check_distinct([("Hi", Path("Hi.fbx")), ("hi", Path("hi.fbx"))])
