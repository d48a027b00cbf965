import sys

import numpy as np
import pytest

from rigtalk.core.pictures import write_png
from rigtalk.core.splat.files.head_file import read_head
from rigtalk.core.splat.gaussians import SH_C0

pytest.importorskip("av", reason="needs PyAV: the extra 'video'")


@pytest.fixture
def teal(tmp_path):
    path = tmp_path / "teal.png"
    rng = np.random.default_rng(0)
    pixels = np.array([20, 140, 150]) + rng.integers(-20, 20, (40, 50, 3))
    write_png(path, pixels.astype(np.uint8))
    return path


def test_colours_of_a_picture(run, head, head_file, teal, tmp_path):
    out, half = tmp_path / "out.splathead", tmp_path / "half.splathead"
    assert run("style", head_file, "--picture", teal, "-o", out) == (0, [str(out)], [])
    assert run("style", head_file, "--picture", teal, "-o", half, "--amount", "0.5")[0] == 0
    before, middle, after = (
        (0.5 + SH_C0 * each.gaussians.sh[:, 0]).mean(axis=0)
        for each in (head, read_head(half), read_head(out))
    )
    assert after[1] > 1.5 * after[0]
    assert before[0] > before[1]
    np.testing.assert_allclose(middle, (before + after) / 2, atol=0.02)
    # It still moves.
    assert np.array_equal(read_head(out).shape_deltas, head.shape_deltas)


@pytest.mark.parametrize("amount", ["-0.1", "1.5", "nan"])
def test_amounts(complaint, head_file, teal, tmp_path, amount):
    words = ["style", head_file, "--picture", teal, "-o", tmp_path / "a.splathead"]
    assert f"--amount is {amount}" in complaint(*words, "--amount", amount)


def test_pictures_that_are_none(complaint, head_file, line, teal, tmp_path, monkeypatch):
    words = ["style", head_file, "-o", tmp_path / "a.splathead", "--picture"]
    assert "no such file" in complaint(*words, tmp_path / "none.png")
    text = tmp_path / "text.png"
    text.write_text("no picture " * 50)
    assert "not a picture that can be read" in complaint(*words, text)
    assert "not a picture that can be read" in complaint(*words, line)
    clear = tmp_path / "clear.png"
    write_png(clear, np.zeros((8, 8, 4), np.uint8))
    assert "transparent" in complaint(*words, clear)
    monkeypatch.setitem(sys.modules, "av", None)
    assert 'pip install "rigtalk[video]"' in complaint(*words, teal)
    assert not (tmp_path / "a.splathead").exists()


def test_the_head_itself_is_not_written_over(complaint, head_file, teal):
    before = head_file.read_bytes()
    assert "is an input" in complaint("style", head_file, "--picture", teal, "-o", head_file)
    assert head_file.read_bytes() == before
