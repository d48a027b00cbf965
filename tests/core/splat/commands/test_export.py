import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.files import write_performance
from rigtalk.core.splat.acting import Acting
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.files.axes import BLENDER, converted
from rigtalk.core.splat.files.formats import read_splats
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.sequence import open_sequence


@pytest.fixture
def jaw(tmp_path: Path, make_curves) -> Path:
    path = tmp_path / "jaw.json"
    write_performance(path, make_curves(fps=24.0, jawOpen=[0, 0.5, 1], headYaw=[0, 0, 0.4]))
    return path


@pytest.mark.parametrize(
    ("kind", "suffix", "tolerance"),
    [("ply", ".ply", 1e-6), ("gltf", ".glb", 1e-6), ("spz", ".spz", 3e-4)],
)
def test_frames(run, head, head_file, jaw, make_curves, tmp_path, kind, suffix, tolerance):
    out = tmp_path / "out"
    status, told, notes = run("export", head_file, jaw, "-o", out, "--format", kind)
    assert (status, notes) == (0, [])
    assert told == [str(out / f"jaw.{n:04d}{suffix}") for n in (1, 2, 3)]
    frames = list(open_sequence(out / f"jaw{suffix}"))
    acting = Acting(head, make_curves(jawOpen=[0, 0.5, 1], headYaw=[0, 0, 0.4]))
    for found, wanted in zip(frames, acting.gaussians(), strict=True):
        np.testing.assert_allclose(found.positions, wanted.positions, atol=tolerance)
    moved = np.linalg.norm(frames[1].positions - frames[0].positions, axis=1)
    assert 0.003 < moved.max() < 0.03  # metres: half an open jaw
    assert np.median(moved) < 1e-3


def test_some_frames_at_another_rate(run, head_file, jaw, tmp_path):
    words = ["export", head_file, jaw, "-o", tmp_path / "out", "--fps", "48", "--frames", "4:"]
    assert run(*words)[1] == [str(tmp_path / "out" / f"jaw.{n:04d}.ply") for n in (4, 5)]
    _, _, notes = run(*words[:-1], "5:5")
    assert "also holds other frames of jaw" in notes[0]


def test_at_rest_with_everything_that_moves_it(run, write, head, tmp_path):
    rng = np.random.default_rng(0)
    bases = {"opacity_logits": rng.normal(size=(2, len(head)))}
    mix = rng.normal(size=(len(head.shape_names), 2))
    whole = replace(head, correctives=Correctives.of_dense(mix, bases))
    status, told, _ = run("export", write(whole), "--rest", "-o", tmp_path / "out")
    assert status == 0
    names = ["other.ply", "other.binding.npz", "other.binding.json"]
    assert told == [str(tmp_path / "out" / name) for name in names]
    words = json.loads((tmp_path / "out" / names[2]).read_text())
    assert words["gaussians"] == {"file": "other.ply", "axes": "RDF", "count": len(head)}
    with np.load(tmp_path / "out" / names[1], allow_pickle=False) as arrays:
        assert set(arrays) == set(words["arrays"]["contents"])
        again = SplatHead(
            Gaussians(*(arrays[n] for n in words["arrays"]["contents"] if n in _GAUSSIANS)),
            arrays["triangle"],
            arrays["barycentric"],
            Mesh(arrays["vertices"], arrays["triangles"]),
            words["mesh_signature"],
            tuple(words["shape_names"]),
            arrays["shape_deltas"],
            Correctives(
                *(arrays[f"corrective_{part}"] for part in ("mix", "gaussian", "basis")),
                {"opacity_logits": arrays["corrective_opacity_logits"]},
            ),
        )
    weights = rng.random(len(head.shape_names))
    one, two = (each.posed_by_weights(weights) for each in (whole, again))
    assert np.array_equal(one.positions, two.positions)
    assert np.array_equal(one.opacities, two.opacities)
    # The file of Gaussians is in the same order.
    seen, _ = read_splats(tmp_path / "out" / "other.ply")
    np.testing.assert_allclose(seen.positions, head.gaussians.positions, atol=1e-7)
    assert converted(seen, BLENDER, "RDF").positions[0, 1] == -seen.positions[0, 2]


_GAUSSIANS = ("positions", "log_scales", "rotations", "opacity_logits", "sh")


def test_curves_of_another_control_set(run, head_file, make_curves, tmp_path):
    path = tmp_path / "meta.npz"
    write_performance(path, make_curves(jawOpen=[0.0, 1.0]).to("metahuman"))
    assert run("export", head_file, path, "-o", tmp_path / "out")[0] == 0
    first, second = open_sequence(tmp_path / "out")
    assert 0.006 < np.abs(second.positions - first.positions).max() < 0.06


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name the curves to export frames of, or say --rest"),
        (["jaw.json", "--rest"], "--rest writes the head without curves"),
        (["--rest", "--fps", "3"], "--rest writes the head without curves"),
        (["jaw.json", "--fps", "-2"], "fps is -2"),
        (["jaw.json", "--format", "obj"], "invalid choice"),
        (["jaw.json", "--frames", "9:"], "there are frames 1 to 3"),
        (["none.csv"], "no such file"),
        (["line.wav"], "unknown format '.wav' for curves"),
    ],
)
def test_what_cannot_be(complaint, head_file, jaw, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    assert message in complaint("export", head_file, *words, "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_curves_without_frames(complaint, head_file, make_curves, tmp_path):
    path = tmp_path / "none.npz"
    write_performance(path, make_curves(jawOpen=[0.0]))
    with np.load(path, allow_pickle=False) as arrays:
        emptied = {name: arrays[name] for name in arrays.files}
    emptied["values"] = emptied["values"][:0]
    np.savez(path, **emptied)
    assert "no frames" in complaint("export", head_file, path, "-o", tmp_path / "out")


def test_a_file_in_place_of_the_folder(complaint, head_file, jaw):
    assert "is a file; name a folder" in complaint("export", head_file, jaw, "-o", jaw)
