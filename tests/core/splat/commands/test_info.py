from dataclasses import replace

import numpy as np

from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.files.formats import write_splats


def test_a_head(run, head, head_file):
    status, told, _ = run("info", head_file)
    assert status == 0
    rows = dict(line.split("\t") for line in told)
    assert rows["Gaussians"] == "4000, harmonics of degree 0"
    assert rows["mesh"] == "26729 vertices, 52040 triangles"
    assert rows["shapes"].startswith("52 (eyeBlinkLeft, ")
    assert rows["rig"] == "arkit"
    assert rows["made for the mesh"] == head.signature
    assert rows["drawn with"] == "dilation 0.3 px^2"
    # The embedded head with its shoulders is 27 cm wide and 35 cm tall.
    width, _, height = (float(word) for word in rows["size"].split(" (")[0].split(" x "))
    assert 0.15 < width < 0.28
    assert 0.3 < height < 0.36


def test_a_head_that_is_corrected_and_one_without_shapes(run, write, head):
    bases = {"sh": np.zeros((3, *head.gaussians.sh.shape))}
    mixed = replace(head, correctives=Correctives.of_dense(np.zeros((52, 3)), bases))
    assert "correctives\t3 (sh)" in run("info", write(mixed, facts={"psnr view": 34.56789}))[1]
    assert "psnr view\t34.57" in run("info", write(mixed, facts={"psnr view": 34.56789}))[1]
    stiff = write(head, shape_names=(), shape_deltas=None)
    assert "shapes\tnone: curves cannot move it" in run("info", stiff)[1]


def test_gaussians_alone(run, cloud, tmp_path):
    path = tmp_path / "scan.spz"
    write_splats(path, cloud(20))
    assert "Gaussians\t20, harmonics of degree 1" in run("info", path)[1]


def test_what_is_none(complaint, tmp_path):
    assert "no such file" in complaint("info", tmp_path / "none.splathead")
    assert "is a folder" in complaint("info", tmp_path)
    text = tmp_path / "text.txt"
    text.write_text("hello")
    assert "not a head of Gaussians" in complaint("info", text)
    empty = tmp_path / "empty.splathead"
    empty.touch()
    assert "is empty" in complaint("info", empty)
    huge = tmp_path / "huge.splathead"
    with huge.open("wb") as file:
        file.truncate(200 << 30)
    assert "files of up to 4.3 GB (some 16 million Gaussians)" in complaint("info", huge)
