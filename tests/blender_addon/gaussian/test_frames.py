"""Frames of a head as pictures in files."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from .conftest import complaint

pytestmark = pytest.mark.usefixtures("extension")


@pytest.fixture
def filmed(with_head) -> bpy.types.Object:
    """The ball before a camera with a shifted lens, turning to the side in four frames."""
    scene = bpy.context.scene
    lens = bpy.data.cameras.new("Camera")
    lens.shift_x, lens.lens = 0.1, 60.0
    scene.camera = bpy.data.objects.new("Camera", lens)
    scene.collection.objects.link(scene.camera)
    scene.camera.location = (0.2, -1.0, 0.1)
    way = -scene.camera.location
    scene.camera.rotation_euler = way.to_track_quat("-Z", "Y").to_euler()
    scene.render.resolution_x, scene.render.resolution_y = 160, 100
    scene.render.pixel_aspect_y = 1.5
    scene.frame_start, scene.frame_end = 2, 5
    for frame, x in ((2, 0.0), (5, 0.1)):
        with_head.location.x = x
        with_head.keyframe_insert("location", frame=frame)
    scene.frame_set(3)
    bpy.context.view_layer.objects.active = with_head
    return with_head


def pixels(path: Path) -> np.ndarray:
    """(h, w, 4), 0-1, the uppermost row first."""
    image = bpy.data.images.load(str(path))
    width, height = image.size
    flat = np.empty(width * height * 4, np.float32)
    image.alpha_mode = "CHANNEL_PACKED"
    image.pixels.foreach_get(flat)
    bpy.data.images.remove(image)
    return flat.reshape(height, width, 4)[::-1]


def save(folder: Path, **words: object) -> set[str]:
    return bpy.ops.rigtalk.gaussian_frames(directory=str(folder), **words)


def test_each_frame_is_seen_by_the_camera(filmed, tmp_path) -> None:
    scene = bpy.context.scene
    out = tmp_path / "out"
    out.mkdir()
    assert save(out) == {"FINISHED"}
    assert sorted(p.name for p in out.iterdir()) == [f"Ball_{i:04d}.png" for i in range(2, 6)]
    assert scene.frame_current == 3
    for frame in (2, 5):
        scene.frame_set(frame)
        covered = pixels(out / f"Ball_{frame:04d}.png")[..., 3] > 0.3
        assert covered.shape == (100, 160)
        at = world_to_camera_view(scene, scene.camera, filmed.matrix_world.translation)
        rows, columns = np.nonzero(covered)
        assert abs((columns.min() + columns.max() + 1) / 2 - 160 * at.x) < 1.5
        assert abs((rows.min() + rows.max() + 1) / 2 - 100 * (1 - at.y)) < 1.5
        edge = world_to_camera_view(
            scene, scene.camera, filmed.matrix_world.translation + Vector((0, 0, 0.1))
        )
        assert abs((rows.max() - rows.min() + 1) / 2 - 100 * (edge.y - at.y)) < 3


def test_the_current_frame_over_a_colour(filmed, tmp_path) -> None:
    words = {"which": "CURRENT", "transparent": False, "background": (0.2, 0.4, 0.6)}
    assert save(tmp_path, **words) == {"FINISHED"}
    (path,) = tmp_path.glob("*.png")
    assert path.name == "Ball_0003.png"
    picture = pixels(path)
    assert np.abs(picture[0, 0] - (0.2, 0.4, 0.6, 1.0)).max() < 1 / 255
    assert (picture[..., 3] == 1).all()
    assert np.ptp(picture[..., 0]) > 0.2


def test_orthographic_cameras_do_as_well(filmed, tmp_path) -> None:
    lens = bpy.context.scene.camera.data
    lens.type, lens.ortho_scale = "ORTHO", 0.5
    assert save(tmp_path, which="CURRENT") == {"FINISHED"}
    covered = pixels(tmp_path / "Ball_0003.png")[..., 3] > 0.3
    # A ball of 0.2 across in a picture of 0.5.
    assert abs(np.ptp(np.nonzero(covered)[1]) / 160 - 0.2 / 0.5) < 0.05


def test_what_is_missing_is_told_in_a_line(filmed, tmp_path) -> None:
    scene, refuse = bpy.context.scene, bpy.ops.rigtalk.gaussian_frames
    here = {"directory": str(tmp_path), "which": "CURRENT"}
    assert "choose one" in complaint(refuse)
    assert "there is no folder" in complaint(refuse, directory=str(tmp_path / "none"))
    assert "never saved" in complaint(refuse, directory="//frames")
    filmed.hide_set(True)
    assert "is hidden" in complaint(refuse, **here)
    filmed.hide_set(False)
    camera, scene.camera = scene.camera, None
    assert "has no camera" in complaint(refuse, **here)
    scene.camera = camera
    camera.data.type = "PANO"
    assert "perspective" in complaint(refuse, **here)
    camera.data.type = "PERSP"
    scene.render.resolution_x = 40_000
    assert "40000 x 100" in complaint(refuse, **here)
    scene.render.resolution_x = 160
    filmed.modifiers.new("More", "SUBSURF")
    assert "bake again" in complaint(refuse, **here)
    filmed.modifiers.clear()
    (tmp_path / "Ball_0003.png").mkdir()
    assert "Ball_0003.png" in complaint(refuse, **here)
    assert [path.name for path in tmp_path.glob("*.png")] == ["Ball_0003.png"]
    assert scene.frame_current == 3
