"""The harness itself: a window opens, is seen, is clicked and is timed."""

from __future__ import annotations

from pathlib import Path


def test_a_window_is_driven(run_script, tmp_path: Path) -> None:
    report = run_script("first_steps.py", simulate=True)
    assert "RIGTALK_PT_main" in report["panels"]
    # The mouse selects nothing where nothing is: a click that arrives clears the selection.
    assert report["selected"] == ["Cube"]
    assert report["after_click"] == []
    assert report["blocks"]["idle"]["ticks"] > 10
    assert (tmp_path / "tab.png").read_bytes().startswith(b"\x89PNG")
