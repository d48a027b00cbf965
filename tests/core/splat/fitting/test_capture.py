import json

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.fitting.capture import CaptureFolder
from rigtalk.core.splat.fitting.plan import Quality, plan_shots

SMALL = Quality(4, 1, 32, 200, 10, 1)


@pytest.fixture
def folder(head, tmp_path):
    return CaptureFolder.create(tmp_path / "work", head, plan_shots(head, SMALL), {"engine": "X"})


def pixels(seed=0):
    return np.random.default_rng(seed).random((32, 32, 4))


def test_a_picture_comes_back(folder, head):
    rgba, depth = pixels(), np.full((32, 32), 2.5)
    folder.add(1, rgba, head.mesh.vertices + 0.01, depth)
    photo = CaptureFolder.open(folder.path).photo(1)
    expected = rgba * np.concatenate([rgba[..., 3:].repeat(3, axis=2), np.ones((32, 32, 1))], 2)
    assert np.abs(photo.rgba / 255 - expected).max() <= 0.5 / 255 + 1e-6
    np.testing.assert_allclose(photo.vertices, head.mesh.vertices + 0.01, atol=1e-6)
    assert photo.depth is not None
    assert photo.depth[0, 0] == 2.5
    assert photo.shot.weights == folder.shots[1].weights
    np.testing.assert_array_equal(photo.shot.camera.rotation, folder.shots[1].camera.rotation)


def test_gone_on_with(folder, head):
    folder.add(0, pixels(), head.mesh.vertices)
    again = CaptureFolder.create(folder.path, head, folder.shots, {"engine": "X"})
    assert again.missing() == list(range(1, len(folder.shots)))


def test_begun_anew_for_another_bake(folder, head):
    folder.add(0, pixels(), head.mesh.vertices)
    (folder.path / "fit.npz").write_bytes(b"old")
    (folder.path / "notes.txt").write_text("mine")
    again = CaptureFolder.create(folder.path, head, folder.shots, {"engine": "Y"})
    assert len(again.missing()) == len(folder.shots)
    assert not (folder.path / "fit.npz").exists()
    assert (folder.path / "notes.txt").read_text() == "mine"


def test_a_folder_of_other_things_is_left_alone(head, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"dear")
    with pytest.raises(RigtalkError, match="other things"):
        CaptureFolder.create(tmp_path, head, plan_shots(head, SMALL), {})
    assert list(tmp_path.iterdir()) == [tmp_path / "photo.jpg"]


@pytest.mark.parametrize("damage", ["cut", "empty", "foreign", "version", "list", "gone"])
def test_a_damaged_index(folder, damage):
    index = folder.path / "capture.json"
    text = index.read_text()
    if damage == "gone":
        index.unlink()
    else:
        changed = {
            "cut": text[:300],
            "empty": "",
            "foreign": "{}",
            "version": json.dumps(json.loads(text) | {"version": 9}),
            "list": "[1]",
        }
        index.write_text(changed[damage])
    with pytest.raises(RigtalkError):
        CaptureFolder.open(folder.path)


def test_a_damaged_picture(folder, head):
    folder.add(0, pixels(), head.mesh.vertices)
    file = folder.path / "shot-0000.npz"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(RigtalkError, match="bake again"):
        folder.photo(0)
    with pytest.raises(RigtalkError, match="bake again"):
        folder.photo(2)


def test_pictures_of_another_size_or_mesh(folder, head):
    with pytest.raises(RigtalkError, match="32 x 32"):
        folder.add(0, np.zeros((31, 32, 4)), head.mesh.vertices)
    with pytest.raises(RigtalkError, match="vertices"):
        folder.add(0, pixels(), head.mesh.vertices[1:])
    assert len(folder.missing()) == len(folder.shots)


def test_numbers_that_are_none(folder, head):
    rgba = pixels()
    rgba[0, 0] = np.nan
    rgba[0, 1] = 7
    folder.add(0, rgba, head.mesh.vertices)
    assert folder.photo(0).rgba[0, 0].tolist() == [0, 0, 0, 0]
    assert folder.photo(0).rgba[0, 1].tolist() == [255] * 4
