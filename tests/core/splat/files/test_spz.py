import gzip
import struct

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.files.spz import read_spz, write_spz
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.rotations import matrices

HALF = np.sqrt(0.5)


def spz(parts: list, *, version=2, count=1, degree=0, fraction=12, flags=0, magic=0x5053474E):
    """A file by hand."""
    header = struct.pack("<IIIBBBB", magic, version, count, degree, fraction, flags, 0)
    return gzip.compress(header + b"".join(bytes(part) for part in parts))


# One Gaussian at (1, -2, 0.5), half opaque, red, of scale 1, turned a little.
PLACE = [0, 16, 0, 0, 224, 255, 0, 8, 0]
OPACITY, COLOUR, SCALE = [128], [255, 0, 128], [160, 160, 160]


@pytest.mark.parametrize(
    ("version", "place", "rotation", "expected"),
    [
        (1, np.array([1, -2, 0.5], "<f2").tobytes(), [255, 128, 127], [0, 1, 0.004, -0.004]),
        (2, PLACE, [128, 191, 128], [0.866, 0.004, 0.498, 0.004]),
        # Largest is w (3): x, y and z follow from the top; y is negative and at its most.
        (3, PLACE, struct.pack("<I", 3 << 30 | (512 + 511) << 10), [HALF, 0, -HALF, 0]),
        (3, PLACE, struct.pack("<I", 0 << 30 | 511), [HALF, HALF, 0, 0]),
    ],
)
def test_versions_by_hand(tmp_path, version, place, rotation, expected):
    content = spz([place, OPACITY, COLOUR, SCALE, rotation], version=version, flags=1)
    (tmp_path / "a.spz").write_bytes(content)
    g, antialiased = read_spz(tmp_path / "a.spz")
    assert antialiased
    np.testing.assert_allclose(g.positions, [[1, -2, 0.5]])
    np.testing.assert_allclose(g.opacities(), 128 / 255, atol=1e-6)
    np.testing.assert_allclose(g.sh[0, 0], [0.5 / 0.15, -0.5 / 0.15, 0], atol=0.02)
    np.testing.assert_allclose(g.log_scales, 0)
    np.testing.assert_allclose(g.rotations[0], expected, atol=2e-3)


def test_harmonics_go_coefficient_by_coefficient(tmp_path):
    rest = [128 + i for i in range(9)]
    content = spz([PLACE, OPACITY, COLOUR, SCALE, [128] * 3, rest], degree=1)
    (tmp_path / "a.spz").write_bytes(content)
    g, _ = read_spz(tmp_path / "a.spz")
    np.testing.assert_allclose(g.sh[0, 1:], np.arange(9).reshape(3, 3) / 128)


def test_degree_4_is_cut_and_a_trailer_is_passed_over(tmp_path):
    rest = [129] * 45 + [200] * 27
    content = spz([PLACE, OPACITY, COLOUR, SCALE, [128] * 3, rest, b"more"], degree=4)
    (tmp_path / "a.spz").write_bytes(content)
    g, _ = read_spz(tmp_path / "a.spz")
    assert g.degree == 3
    np.testing.assert_allclose(g.sh[0, 1:], 1 / 128)


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_what_is_written_is_read_within_its_steps(cloud, tmp_path, degree):
    g = cloud(500, degree)
    write_spz(tmp_path / "a.spz", g, antialiased=True)
    back, antialiased = read_spz(tmp_path / "a.spz")
    assert antialiased
    assert back.degree == degree
    # 24 bits over the range, 1/16 of a logarithm, 8 bits of opacity and colour, 9 of a rotation.
    reach = np.abs(g.positions).max()
    np.testing.assert_allclose(back.positions, g.positions, atol=reach / 2**21)
    np.testing.assert_allclose(back.log_scales, g.log_scales, atol=1 / 32 + 1e-5)
    np.testing.assert_allclose(back.opacities(), g.opacities(), atol=0.5 / 255 + 1e-5)
    np.testing.assert_allclose(back.sh[:, 0], g.sh[:, 0], atol=0.5 / 255 / 0.15 + 1e-5)
    np.testing.assert_allclose(
        back.sh[:, 1:], np.clip(g.sh[:, 1:], -1, 127 / 128), atol=0.5 / 128 + 1e-5
    )
    turn = np.swapaxes(matrices(back.rotations), 1, 2) @ matrices(g.rotations)
    angles = np.arccos(np.clip((np.trace(turn, axis1=1, axis2=2) - 1) / 2, -1, 1))
    assert angles.max() < 0.006


def test_a_small_head_in_metres_keeps_its_detail(cloud, tmp_path):
    g = cloud(100).transformed(np.eye(3), 0.05)
    write_spz(tmp_path / "a.spz", g)
    back, _ = read_spz(tmp_path / "a.spz")
    assert np.abs(back.positions - g.positions).max() < 1e-6


def test_writing_again_changes_nothing(cloud, tmp_path):
    """Positions, colours, scales and harmonics are on the format's steps after one pass."""
    write_spz(tmp_path / "a.spz", cloud(100, 1))
    once, _ = read_spz(tmp_path / "a.spz")
    write_spz(tmp_path / "b.spz", once)
    twice, _ = read_spz(tmp_path / "b.spz")
    for name in ("positions", "log_scales", "opacity_logits", "sh"):
        np.testing.assert_array_equal(getattr(twice, name), getattr(once, name))
    write_spz(tmp_path / "c.spz", cloud(100, 1))
    assert (tmp_path / "a.spz").read_bytes() == (tmp_path / "c.spz").read_bytes()


def test_a_set_of_none(tmp_path):
    write_spz(tmp_path / "a.spz", Gaussians.empty(2))
    g, _ = read_spz(tmp_path / "a.spz")
    assert (len(g), g.degree) == (0, 2)


def test_too_far_away_is_refused(cloud, tmp_path):
    with pytest.raises(RigtalkError, match="scale the set down"):
        write_spz(tmp_path / "a.spz", cloud(2).transformed(np.eye(3), 1e8))
    assert not (tmp_path / "a.spz").exists()


ONE = [PLACE, OPACITY, COLOUR, SCALE, [128] * 3]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"ply\nformat", "not an SPZ"),
        (b"\x1f", "not an SPZ"),
        (gzip.compress(b"short"), "not an SPZ file, or truncated"),
        (gzip.compress(b"something else altogether"), "something else"),
        (b"NGSP" + b"\4\0\0\0" * 7, "version 4 .* export version 3"),
        (spz(ONE, version=4), "version 4 is not known"),
        (spz(ONE, version=0), "version 0"),
        (spz(ONE, degree=5), "degree 5"),
        (spz(ONE, fraction=200), "200 binary places"),
        (spz(ONE, count=3), "end early"),
        (spz(ONE, count=10**9), "lies about its size"),
        (spz(ONE, count=2**32 - 1), "lies about its size"),
        (spz(ONE, degree=3), "the harmonics end early"),
        (spz(ONE)[:-9], "truncated"),
        (spz(ONE)[:-8] + b"\0" * 8, "damaged"),
        (spz([[0, 0] * 2, [0, 0x7E], OPACITY, COLOUR, SCALE, [128] * 3], version=1), "not finite"),
    ],
)
def test_bad_files_are_refused(tmp_path, content, what):
    (tmp_path / "a.spz").write_bytes(content)
    with pytest.raises(RigtalkError, match=what) as caught:
        read_spz(tmp_path / "a.spz")
    assert str(caught.value).startswith(str(tmp_path / "a.spz"))


def test_spoilt_files_never_break_anything(survives, cloud, tmp_path):
    write_spz(tmp_path / "a.spz", cloud(20))
    content = (tmp_path / "a.spz").read_bytes()
    # The checksum at the end finds all that the format does not.
    assert survives(content, tmp_path / "b.spz", read_spz, tries=300) > 280


def test_spoilt_contents_never_break_anything(survives, cloud, tmp_path):
    """The same beneath the compression, where a wrong count is not found by a checksum."""
    write_spz(tmp_path / "a.spz", cloud(20))
    content = gzip.decompress((tmp_path / "a.spz").read_bytes())

    def read(path):
        path.write_bytes(gzip.compress(path.read_bytes(), 1))
        return read_spz(path)

    assert survives(content, tmp_path / "b.spz", read, tries=300) > 50
