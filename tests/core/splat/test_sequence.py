import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.files.formats import write_sequence
from rigtalk.core.splat.sequence import open_sequence


@pytest.fixture
def frames(cloud, tmp_path):
    clouds = [cloud(20 + i, seed=i) for i in range(3)]
    paths = write_sequence(tmp_path / "out" / "head.v2.ply", clouds, first=9)
    return clouds, paths


def test_every_name_of_it_opens_it(frames, tmp_path):
    clouds, paths = frames
    for name in (tmp_path / "out" / "head.v2.ply", paths[1], tmp_path / "out"):
        found = open_sequence(name)
        assert (found.paths, found.first, len(found)) == (tuple(paths), 9, 3)
    for one, two in zip(found, clouds, strict=True):
        np.testing.assert_allclose(one.positions, two.positions, atol=1e-6)
    gaussians, settings = found.frame(10)
    assert len(gaussians) == 21
    assert not settings.antialiased


@pytest.mark.parametrize("number", [8, 12])
def test_frames_that_are_not_there(frames, tmp_path, number):
    with pytest.raises(RigtalkError, match="there are 9 to 11"):
        open_sequence(tmp_path / "out").frame(number)


def test_gaps_and_mixtures(frames, cloud, tmp_path):
    _, paths = frames
    paths[1].unlink()
    with pytest.raises(RigtalkError, match="frame 10 is missing"):
        open_sequence(tmp_path / "out")
    write_sequence(tmp_path / "out" / "other.spz", [cloud(3)])
    with pytest.raises(RigtalkError, match="holds several sequences"):
        open_sequence(tmp_path / "out")
    assert len(open_sequence(tmp_path / "out" / "other.spz")) == 1


def test_nothing_there(tmp_path):
    (tmp_path / "head.ply").touch()
    for name in (tmp_path, tmp_path / "head.ply"):
        with pytest.raises(RigtalkError, match=r"no frames such as head\.0001\.ply"):
            open_sequence(name)
    with pytest.raises(RigtalkError, match="cannot be read"):
        open_sequence(tmp_path / "none" / "head.ply")


def test_a_bad_file_is_named_when_its_turn_comes(frames, tmp_path):
    _, paths = frames
    paths[2].write_bytes(b"ply\ncut")
    found = open_sequence(tmp_path / "out")
    assert len(found.frame(9)[0]) == 20
    with pytest.raises(RigtalkError, match=r"head\.v2\.0011\.ply"):
        list(found)


def test_axes(cloud, tmp_path):
    write_sequence(tmp_path / "a.ply", [cloud(5)], axes="RUB")
    same = open_sequence(tmp_path / "a.ply", axes="RUB").frame(1)[0]
    np.testing.assert_allclose(same.positions, cloud(5).positions, atol=1e-6)
    other = open_sequence(tmp_path / "a.ply").frame(1)[0]
    assert np.abs(other.positions - cloud(5).positions).max() > 0.1
