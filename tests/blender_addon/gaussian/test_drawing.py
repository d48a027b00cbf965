"""The shader of the preview draws what it is given, at the depth it is given."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

COLOUR = np.array([0.8, 0.2, 0.1])
SHOWN = COLOUR**2.2  # Blender shows the 2.2th root of what is over the scene
BACK = np.array([0.0, 0.0, 0.25])


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> dict:
    path = tmp_path_factory.mktemp("drawing") / "report.json"
    script = Path(__file__).with_name("drawing_script.py")
    answer = subprocess.run(
        [sys.executable, script, path], capture_output=True, text=True, check=False, timeout=120
    )
    if not path.is_file() and "EGL" in answer.stderr + answer.stdout:
        pytest.skip("needs libegl1 and libgl1-mesa-dri to draw: python build.py test installs them")
    assert path.is_file(), f"{answer.returncode}\n{answer.stdout[-2000:]}\n{answer.stderr[-2000:]}"
    found = json.loads(path.read_text())
    assert "fault" not in found, found
    return found


def near(pixel, expected) -> bool:
    return bool(np.abs(np.array(pixel)[:3] - expected).max() < 2e-3)  # half floats on the way


def test_colours_arrive_where_they_belong(report) -> None:
    assert near(report["inside"], SHOWN)
    assert all(near(pixel, SHOWN) for pixel in report["corners"])
    assert all(near(pixel, BACK) for pixel in report["edges"])


def test_edges_are_blended(report) -> None:
    # The first of two drawings is under the second.
    assert near(report["half"], 0.5 * SHOWN + 0.5 * (0.5 * SHOWN + 0.5 * BACK))


def test_coarse_pictures_cover_as_much(report) -> None:
    assert near(report["coarse"], SHOWN)


def test_depth_decides_what_is_in_front(report) -> None:
    assert near(report["before"], SHOWN)
    assert near(report["hidden"], BACK)
    assert near(report["in front"], SHOWN)


def test_it_is_dark_around_what_a_camera_frames(report) -> None:
    inside, outside = report["framed"]
    assert near(inside, SHOWN)
    assert near(outside, 0.25 * SHOWN)


def test_the_state_is_left_as_blender_has_it(report) -> None:
    assert report["state"] == ["NONE", "NONE", False]
