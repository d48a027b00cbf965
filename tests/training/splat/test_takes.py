import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.fitting.capture import CaptureFolder
from rigtalk.core.splat.fitting.plan import Shot
from rigtalk.core.splat.head_mesh import HeadMesh
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.splat.takes import find_takes, read_takes

TIMES = np.array([0.0, 0.1, 0.25])


@pytest.fixture
def folder(tmp_path, line_path):
    shutil.copy(line_path, tmp_path / "line.flac")
    return tmp_path


def motion(head, **changes):
    vertices = np.repeat(head.mesh.vertices[None], 3, axis=0)
    vertices[1] += 0.01
    arrays = {
        "times": TIMES, "vertices": vertices, "weights": np.eye(3)[:, :2],
        "names": np.array(["jawOpen", "unheard"]),
    }  # fmt: skip
    return arrays | changes


def test_a_recording_alone_is_performed(line_take, face_head, hinged):
    assert len(line_take) == pytest.approx(25 * len(line_take.features) / 100, abs=2)
    assert line_take.weights.shape == (len(line_take), 52)
    assert line_take.weights[:, 17].max() > 0.1  # it speaks
    frame = int(line_take.weights[:, 17].argmax())
    by_shapes = face_head.vertices(line_take.weights[frame])
    assert np.abs(line_take.vertices(frame) - by_shapes).max() > 3e-4


def test_motion_lies_beside_the_recording(folder, face_head):
    np.savez(folder / "line.npz", **motion(face_head))
    (take,) = read_takes([folder], face_head)
    assert take.name == "line"
    np.testing.assert_array_equal(take.times, TIMES)
    np.testing.assert_array_equal(take.weights[:, 17], [1, 0, 0])
    assert take.weights.sum() == 1
    np.testing.assert_allclose(take.vertices(1), face_head.mesh.vertices + 0.01, atol=1e-6)


def captured(path, head, *, facts, done=3):
    mesh = HeadMesh(
        head.mesh, head.signature, head.shape_names, head.shape_deltas, ("Head",), "arkit"
    )
    camera = Camera.look_at((0, -1, 0), (0, 0, 0), (0, 0, 1), field_of_view=0.4, width=8, height=6)
    shots = [Shot({"jawOpen": 0.1 * i}, camera, "train") for i in range(3)]
    made = CaptureFolder.create(path, mesh, shots, facts)
    for i in range(done):
        made.add(i, np.ones((6, 8, 4), np.float32), head.vertices(np.eye(52)[17] * 0.2 * i))


def test_a_capture_is_a_take(folder, face_head):
    facts = {"audio": "../line.flac", "times": json.dumps(TIMES.tolist())}
    captured(folder / "shots", face_head, facts=facts)
    (take,) = read_takes([folder / "shots"], face_head)
    np.testing.assert_allclose(take.weights[:, 17], [0, 0.1, 0.2], atol=1e-6)
    expected = face_head.vertices(np.eye(52)[17] * 0.2)
    np.testing.assert_allclose(take.vertices(1), expected, atol=1e-6)
    assert take.pictures is not None
    assert find_takes([folder]) == [folder / "line.flac", folder / "shots"]
    with pytest.raises(RigtalkError, match=r"no motion: put line\.npz beside it"):
        read_takes([folder], face_head)


@pytest.mark.parametrize(
    ("facts", "done", "what"),
    [
        ({}, 3, "facts lack audio"),
        ({"audio": "../line.flac", "times": "soon"}, 3, "facts lack audio"),
        ({"audio": "../line.flac", "times": "[0, 1]"}, 3, "not every frame"),
        ({"audio": "../line.flac", "times": "[0, 1, 2]"}, 2, "not every frame"),
        ({"audio": "../line.flac", "times": "[0, 2, 1]"}, 3, "must rise"),
        ({"audio": "../none.flac", "times": "[0, 1, 2]"}, 3, "none.flac"),
    ],
)
def test_bad_captures_are_refused(folder, face_head, facts, done, what):
    captured(folder / "shots", face_head, facts=facts, done=done)
    with pytest.raises(RigtalkError, match=what):
        read_takes([folder / "shots"], face_head)


def test_a_capture_of_another_mesh_is_refused(folder, face_head):
    captured(folder / "shots", face_head, facts={"audio": "../line.flac", "times": "[0, 1, 2]"})
    with pytest.raises(RigtalkError, match="another mesh"):
        read_takes([folder / "shots"], replace(face_head, signature="other"))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"vertices": np.zeros((3, 5, 3))}, r"vertices are \(3, 5, 3\)"),
        ({"weights": np.zeros((2, 2))}, r"weights are \(2, 2\)"),
        ({"weights": np.full((3, 2), np.nan)}, "not finite"),
        ({"times": np.array([0.0, 0.2, 0.2])}, "must rise"),
        ({"times": np.array([0.0, np.nan, 0.2])}, "must rise|not finite"),
        ({"names": np.array([object()])}, "not the motion of a take"),
    ],
)
def test_bad_motions_are_refused(folder, face_head, changes, what):
    np.savez(folder / "line.npz", **motion(face_head, **changes))
    with pytest.raises(RigtalkError, match=what):
        read_takes([folder / "line.flac"], face_head)


def test_damaged_or_missing_files_are_refused(folder, face_head):
    (folder / "line.npz").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(RigtalkError, match="not the motion of a take"):
        read_takes([folder], face_head)
    with pytest.raises(RigtalkError, match="no such take"):
        find_takes([folder / "gone.wav"])
    (folder / "empty").mkdir()
    with pytest.raises(RigtalkError, match="no take found"):
        find_takes([folder / "empty"])
