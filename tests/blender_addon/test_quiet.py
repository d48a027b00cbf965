"""Chatter is held back, and shown where it may explain a fault."""

import os

import pytest

from rigtalk.blender_addon.quiet import quiet
from rigtalk.core.errors import RigtalkError


def chat(fault: Exception | None = None) -> None:
    """What C code does: it writes to the file descriptors."""
    with quiet():
        os.write(1, b"export starting\n")
        os.write(2, b"EGL Error\n")
        if fault:
            raise fault


def test_what_c_code_prints_is_held_back(capfd: pytest.CaptureFixture[str]) -> None:
    chat()
    os.write(1, b"after\n")
    assert capfd.readouterr() == ("after\n", "")


def test_a_fault_shows_what_was_said(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        chat(ZeroDivisionError())
    assert capfd.readouterr() == ("", "export starting\nEGL Error\n")


def test_a_complaint_stays_alone(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RigtalkError):
        chat(RigtalkError("what is wrong"))
    assert capfd.readouterr() == ("", "")
