import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.files.formats import (
    SPLAT_SUFFIXES,
    read_splats,
    write_sequence,
    write_splats,
)
from rigtalk.core.splat.files.ply import read_ply, write_ply
from rigtalk.core.splat.reference import Settings, render


@pytest.mark.parametrize("suffix", SPLAT_SUFFIXES)
@pytest.mark.parametrize("axes", [None, "RDF", "RUB", "LUF"])
def test_every_format_looks_the_same_again(cloud, camera, tmp_path, suffix, axes):
    g = cloud(300, 2)
    path = tmp_path / f"a{suffix.upper()}"
    write_splats(path, g, axes=axes)
    back, settings = read_splats(path, axes=axes)
    assert settings == Settings()
    difference = np.abs(render(back, camera).rgb - render(g, camera).rgb)
    # SPZ rounds scales by 3 % and colours by 1/50 of their range.
    assert difference.mean() < (0.01 if suffix == ".spz" else 1e-4)
    assert np.abs(render(g, camera).rgb).mean() > 0.1


def test_a_ply_of_a_capture_is_turned_upright(cloud, tmp_path):
    """Captures have y down; what is above in the file is above in Blender."""
    g = cloud(10, 1)
    write_ply(tmp_path / "a.ply", g)
    turned, _ = read_splats(tmp_path / "a.ply")
    np.testing.assert_allclose(turned.positions[:, 2], -g.positions[:, 1])
    np.testing.assert_allclose(turned.positions[:, 1], g.positions[:, 2])
    as_it_is, _ = read_splats(tmp_path / "a.ply", axes="RFU")
    np.testing.assert_array_equal(as_it_is.positions, g.positions)


def test_antialiasing_is_kept_where_the_format_can(cloud, tmp_path):
    write_splats(tmp_path / "a.spz", cloud(3), settings=Settings(antialiased=True))
    assert read_splats(tmp_path / "a.spz")[1].antialiased


def test_a_sequence_has_a_file_a_frame(cloud, tmp_path):
    frames = [cloud(5, 0, seed=i) for i in range(3)]
    paths = write_sequence(tmp_path / "out" / "head.ply", iter(frames), first=99)
    assert [path.name for path in paths] == ["head.0099.ply", "head.0100.ply", "head.0101.ply"]
    for path, frame in zip(paths, frames, strict=True):
        np.testing.assert_allclose(read_splats(path)[0].positions, frame.positions)
    assert sorted((tmp_path / "out").iterdir()) == paths
    assert len(read_ply(paths[0])) == 5


def test_other_formats_are_refused(cloud, tmp_path):
    for name in ("a.obj", "a"):
        with pytest.raises(RigtalkError, match=r"\.ply, \.spz, \.glb, \.gltf"):
            read_splats(tmp_path / name)
        with pytest.raises(RigtalkError, match="Gaussians are kept in"):
            write_splats(tmp_path / name, cloud(2))
        with pytest.raises(RigtalkError, match="Gaussians are kept in"):
            write_sequence(tmp_path / "out" / name, [cloud(2)])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said(cloud, tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(RigtalkError, match="cannot be made"):
        write_sequence(tmp_path / "file" / "a.ply", [cloud(2)])


def test_up_is_up_in_a_picture(cloud, tmp_path):
    """A light ball above a dark one, through glTF, seen by a camera with z up."""
    g = cloud(2, 0, size=0.3)
    positions = np.array([[0, 0, 1], [0, 0, -1.0]])
    sh = np.array([[[1.5] * 3], [[-1.5] * 3]])
    pair = type(g)(positions, g.log_scales, g.rotations, [3, 3], sh)
    write_splats(tmp_path / "a.glb", pair)
    back, _ = read_splats(tmp_path / "a.glb")
    camera = Camera.look_at((0, -6, 0), (0, 0, 0), (0, 0, 1), field_of_view=0.7, width=9, height=40)
    rgb = render(back, camera).rgb
    assert rgb[:20].max() > 0.7
    assert rgb[20:].max() < 0.3
