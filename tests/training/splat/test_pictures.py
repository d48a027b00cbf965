import json
import shutil

import numpy as np
import pytest
import torch

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.files.head_file import read_head, write_head
from rigtalk.core.splat.fitting.capture import CaptureFolder
from rigtalk.core.splat.fitting.plan import Shot
from rigtalk.core.splat.head_mesh import HeadMesh
from rigtalk.core.splat.reference import render
from rigtalk.core.splat.renderer import open_renderer
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.cli import main
from rigtalk.training.splat.drawing import COLUMNS, Stage, drawn
from rigtalk.training.splat.motion import breath
from rigtalk.training.splat.pictures import face_of, picture_frames


@pytest.fixture(scope="module")
def camera():
    return Camera.look_at(
        (0.1, -0.6, 0), (0, 0, -0.05), (0, 0, 1), field_of_view=0.35, width=48, height=56
    )


@pytest.fixture
def stage(face_head):
    try:
        made = Stage(face_head, np.arange(0, 800, 2))
    except RigtalkError as error:
        pytest.skip(str(error))
    yield made
    made.close()


def weights_of(head):
    weights = np.zeros(len(head.shape_names), np.float32)
    weights[17] = 0.3
    return weights


def test_it_draws_the_head_with_offsets(stage, face_head, camera):
    rng = np.random.default_rng(0)
    offsets = (rng.normal(size=(400, 13)) * [*[2e-3] * 3, *[0.3] * 10]).astype(np.float32)
    change = {name: np.zeros((800, c.stop - c.start), np.float32) for name, c in COLUMNS.items()}
    for name, columns in COLUMNS.items():
        change[name][::2] = offsets[:, columns]
    change["opacity_logits"], change["sh"] = change["opacity_logits"][:, 0], change["sh"][:, None]
    weights = weights_of(face_head)
    truth = render(face_head.posed(face_head.vertices(weights), offsets=change), camera)
    found = stage.draw(offsets, weights, camera)
    assert np.abs(truth.rgb).mean() > 0.02
    np.testing.assert_allclose(found[..., :3], truth.rgb, atol=2 / 255)
    plain = render(face_head.posed_by_weights(weights), camera)
    np.testing.assert_allclose(stage.draw(None, weights, camera)[..., 3], plain.alpha, atol=2 / 255)


def test_gradients_are_those_of_small_steps(stage, face_head, camera):
    """Each channel alone: the loss changes by gradient times step, turns that are not small too."""
    rng = np.random.default_rng(1)
    start = (rng.normal(size=(400, 13)) * [*[1e-3] * 3, *[0.4] * 10]).astype(np.float32)
    weights = weights_of(face_head)
    worth = torch.from_numpy(rng.normal(size=(56, 48, 4)).astype(np.float32))
    worth = torch.nn.functional.avg_pool2d(worth.permute(2, 0, 1), 5, 1, 2).permute(1, 2, 0)

    def loss(values):
        offsets = torch.from_numpy(values).requires_grad_()
        result = (drawn(offsets, stage, weights, camera) * worth).sum()
        result.backward()
        return float(result.detach()), offsets.grad.numpy()

    gradient = loss(start)[1].astype(np.float64)
    for name, columns in COLUMNS.items():
        step = np.zeros_like(start)
        size = 2e-5 if name == "positions" else 5e-3
        step[:, columns] = size * np.sign(gradient[:, columns])
        rise = loss(start + step)[0] - loss(start - step)[0]
        expected = 2 * (gradient * step).sum()
        assert expected > 0, name
        assert rise == pytest.approx(expected, rel=0.06), name


@pytest.fixture(scope="module")
def blushing(face_head, line_take, hinged, line_path, camera, tmp_path_factory):
    """A take in pictures: the jaw swings, and a voice reddens the face, which no shape tells."""
    folder = tmp_path_factory.mktemp("blushing") / "take"
    frames = np.arange(8, len(line_take), 6)
    mesh = HeadMesh(
        face_head.mesh, face_head.signature, face_head.shape_names, face_head.shape_deltas,
        ("Head",), "arkit",
    )  # fmt: skip
    shots = [
        Shot(dict(zip(face_head.shape_names, map(float, row), strict=True)), camera, "train")
        for row in line_take.weights[frames]
    ]
    times = line_take.times[frames]
    facts = {"audio": "line.flac", "times": json.dumps(times.tolist())}
    made = CaptureFolder.create(folder, mesh, shots, facts)
    shutil.copy(line_path, folder / "line.flac")
    try:
        renderer = open_renderer("cpu")
    except RigtalkError as error:
        pytest.skip(str(error))
    red = np.zeros((800, 1, 3), np.float32)
    red[..., 0] = 3.0
    for i, full in enumerate(breath(line_take.features, times)):
        vertices = line_take.vertices(int(frames[i]))
        posed = face_head.posed(vertices, offsets={"sh": red * np.float32(full)})
        renderer.show(posed)
        rgba = renderer.draw_rgba(camera, face_head.settings)
        straight = rgba.copy()
        straight[..., :3] /= np.maximum(rgba[..., 3:], 1e-6)
        made.add(i, straight, vertices)
    renderer.close()
    return folder


def test_a_voice_that_reddens_is_learnt_from_pictures(blushing, face_head, tmp_path, capsys):
    write_head(tmp_path / "a.splathead", face_head)
    out = tmp_path / "b.splathead"
    words = [tmp_path / "a.splathead", "--takes", blushing, "-o", out, "--steps", "60"]
    more = ["--picture-steps", "150", "--checkpoint", tmp_path / "run.pt"]
    assert main(["head-attention", *map(str, [*words, *more])]) == 0
    error = json.loads(out.with_suffix(".json").read_text())["error"]
    assert error["psnr"]["attention"] > error["psnr"]["shapes"] + 3
    attention = read_head(out).attention
    assert attention.channels == tuple(COLUMNS)
    assert (tmp_path / "run-pictures.pt").is_file()
    # Gone on with when all is done, it has nothing left to do, and writes the same.
    again = tmp_path / "c.splathead"
    words[4] = again
    assert main(["head-attention", *map(str, [*words, *more, "--resume"])]) == 0
    other = read_head(again).attention
    for name, values in attention.arrays.items():
        np.testing.assert_array_equal(other.arrays[name], values)


def test_pictures_may_be_left_aside(blushing, face_head, tmp_path):
    write_head(tmp_path / "a.splathead", face_head)
    words = ["--takes", blushing, "-o", tmp_path / "b.splathead", "--steps", "40"]
    words += ["--picture-steps", "0"]
    assert main(["head-attention", str(tmp_path / "a.splathead"), *map(str, words)]) == 0
    assert read_head(tmp_path / "b.splathead").attention.channels == tuple(COLUMNS)[:3]


def test_the_face_is_what_shapes_move(face_head):
    face = face_of(face_head)
    assert 0.5 < face.mean() <= 1
    corners = face_head.mesh.triangles[face_head.triangle]
    moved = np.abs(np.asarray(face_head.shape_deltas)[:, corners]).max(axis=(0, 2, 3))
    assert moved[face].min() > 2e-4
    assert moved[~face].max(initial=0) < 2e-3


def test_frames_are_split_by_time(line_take):
    learnt, held = picture_frames([line_take], [])
    assert max(i for _, i in learnt) < min(i for _, i in held)
    learnt, held = picture_frames([line_take], [line_take])
    assert (len(learnt), len(held)) == (len(line_take), 40)
