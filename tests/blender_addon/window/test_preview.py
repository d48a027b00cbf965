"""The preview in a real window; times go into the report, none is asserted."""

from __future__ import annotations

from pathlib import Path

MOST_FRAMES = 152
"""Five seconds at 30 fps, and the fractions at both ends."""


def test_a_line_is_tried_played_and_seen(run_script, root: Path, tmp_path: Path) -> None:
    line = root / "core" / "data" / "line.flac"
    report = run_script("preview_steps.py", line, line)
    for name in ("first_try", "second_try", "third_try"):
        first, last = report[f"{name}_range"]
        assert 100 < last - first < MOST_FRAMES
        assert report[f"{name}_left"] == []
    assert report["play_sync"] == "AUDIO_SYNC"
    assert report["play_left"] == []
    assert report["play_drawings"] > 0
    assert report["faults"] == []
    assert report["draws_when_idle"] == 0
    assert report["draws_when_off"] == 0
    assert report["handlers_when_off"] == []
    assert report["kept_when_off"] == 0
    for name in ("waveform", "line", "scene", "quad", "large"):
        assert (tmp_path / f"{name}.png").is_file()
