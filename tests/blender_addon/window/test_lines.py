"""A list of lines in a real window; how long it was blocked goes into the report."""

from __future__ import annotations

from pathlib import Path

LINES = 4


def test_lines_are_generated_cancelled_and_undone(run_script, root: Path, tmp_path: Path) -> None:
    line = root / "core" / "data" / "line.flac"
    report = run_script("lines_steps.py", *[line] * LINES)
    assert report["lines"] == [[f"line {i}", ("Anna", "Bert")[i % 2]] for i in range(LINES)]
    assert report["made"] == [True] * LINES
    assert report["made_after_undo"] == [False] * LINES  # one step takes all of them back
    assert report["made_after_redo"] == [True] * LINES
    assert True in report["made_after_cancel"]
    assert False in report["made_after_cancel"]
    assert report["keys_of_words"] > 1000
    assert report["words"] == ["GENERATED", "WORDS_CHANGED", "GENERATED"]
    assert len(report["layers"]) == 5
    pictures = ("empty", "lines", "generating", "generated", "cancelled", "words", "words_changed")
    for name in (*pictures, "strip", "layers"):
        assert (tmp_path / f"{name}.png").is_file()
