"""A head in the colours of a picture."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon.gaussian.style_operator import colours_of_file
from rigtalk.core.pictures import write_png
from rigtalk.core.splat.files.head_file import read_head
from rigtalk.core.splat.gaussians import SH_C0

from .conftest import complaint

STEP = 0.6 / 255  # a byte of a picture


def picture(path: Path, *colours: tuple[float, ...], edge: int = 8) -> Path:
    rows = np.repeat(np.array(colours)[None], edge, axis=0)
    write_png(path, np.rint(rows * 255).astype(np.uint8))
    return path


def mean_colour(path: str) -> np.ndarray:
    sh = read_head(Path(path)).gaussians.sh[:, 0]
    return 0.5 + SH_C0 * sh.mean(axis=0)


def test_the_head_takes_the_colours_and_the_old_one_stays(extension, with_head, tmp_path):
    before = with_head.rigtalk_gaussian.filepath
    original = Path(before).read_bytes()
    path = picture(tmp_path / "dusk.png", (0.8, 0.2, 0.1), (0.6, 0.4, 0.1))
    assert bpy.ops.rigtalk.style_gaussian_head(filepath=str(path)) == {"FINISHED"}
    named = with_head.rigtalk_gaussian.filepath
    assert Path(named).name == "ball dusk.splathead"
    np.testing.assert_allclose(mean_colour(named), (0.7, 0.3, 0.1), atol=0.02)
    assert Path(before).read_bytes() == original
    assert not [image for image in bpy.data.images if "dusk" in image.name]


def test_no_strength_changes_no_colour(extension, with_head, tmp_path):
    before = mean_colour(with_head.rigtalk_gaussian.filepath)
    path = picture(tmp_path / "dusk.png", (0.8, 0.2, 0.1))
    bpy.ops.rigtalk.style_gaussian_head(filepath=str(path), strength=0.0)
    np.testing.assert_allclose(mean_colour(with_head.rigtalk_gaussian.filepath), before, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_colours_are_those_of_the_file(extension, scene, tmp_path, channels):
    wanted = (0.2, 0.5, 0.8, 0.6)[:channels]
    colours = colours_of_file(picture(tmp_path / "a.png", wanted))
    expected = (0.2,) * 3 if channels == 1 else wanted[:3]
    np.testing.assert_allclose(colours[..., :3], np.broadcast_to(expected, (8, 1, 3)), atol=STEP)
    np.testing.assert_allclose(colours[..., 3], wanted[3] if channels == 4 else 1, atol=STEP)


def test_light_is_encoded(extension, scene, tmp_path):
    image = bpy.data.images.new("Light", 4, 4, float_buffer=True)
    image.pixels.foreach_set(np.full(64, 0.2140411, np.float32))  # sRGB 0.5
    image.filepath_raw, image.file_format = str(tmp_path / "light.exr"), "OPEN_EXR"
    image.save()
    colours = colours_of_file(tmp_path / "light.exr")
    np.testing.assert_allclose(colours[..., :3], 0.5, atol=2e-3)  # half floats in the file


def test_a_large_picture_is_thinned_out(extension, scene, tmp_path):
    colours = colours_of_file(picture(tmp_path / "a.png", *[(0.1, 0.2, 0.3)] * 1500, edge=2))
    assert colours.shape == (2, 500, 4)


def test_bad_input_gets_one_line_and_changes_nothing(extension, with_head, tmp_path):
    text = tmp_path / "text.png"
    text.write_text("no picture")
    clear = picture(tmp_path / "clear.png", (0.5, 0.5, 0.5, 0.0))
    before = with_head.rigtalk_gaussian.filepath
    there = sorted(tmp_path.iterdir())
    for path, mention in (
        ("", "no file was chosen"),
        (str(tmp_path / "none.png"), "no such file"),
        (str(text), "not a picture"),
        (str(clear), "transparent"),
    ):
        assert mention in complaint(bpy.ops.rigtalk.style_gaussian_head, filepath=path)
    Path(before).write_bytes(b"broken")
    good = picture(tmp_path / "good.png", (0.5, 0.5, 0.5))
    assert "not a head" in complaint(bpy.ops.rigtalk.style_gaussian_head, filepath=str(good))
    assert with_head.rigtalk_gaussian.filepath == before
    assert sorted(tmp_path.iterdir()) == sorted([*there, good])


def test_without_a_head_the_button_is_grey(extension, ball):
    assert not bpy.ops.rigtalk.style_gaussian_head.poll()
