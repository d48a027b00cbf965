import hashlib
import json
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.files.head_file import read_head, read_head_label, write_head
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.reference import Settings

from ..conftest import random_attention

FIELDS = ("positions", "log_scales", "rotations", "opacity_logits", "sh")


@pytest.fixture
def head(cloud) -> SplatHead:
    rng = np.random.default_rng(0)
    mesh = Mesh(rng.normal(size=(9, 3)), rng.integers(9, size=(5, 3)))
    bases = {"sh": rng.normal(size=(2, 12, 4, 3)), "rotations": rng.normal(size=(2, 12, 3))}
    return SplatHead(
        cloud(12, 1),
        rng.integers(5, size=12),
        rng.dirichlet((1, 1, 1), 12),
        mesh,
        "abc",
        ("jawOpen", "größe"),
        rng.normal(size=(2, 9, 3)),
        Correctives.of_dense(rng.normal(size=(2, 2)), bases),
        Settings(0.1, True),
        {"made_by": "test", "psnr": 34.5, "steps": 7},
    )


@pytest.fixture
def content(head, tmp_path) -> bytes:
    write_head(tmp_path / "good.splathead", head)
    return (tmp_path / "good.splathead").read_bytes()


def with_header(content: bytes, change) -> bytes:
    """The same file with a changed header, and a hash that fits."""
    length = struct.unpack_from("<I", content, 12)[0]
    header = json.loads(content[48 : 48 + length])
    header = change(header) or header
    data = json.dumps(header).encode().ljust(length)
    assert len(data) == length, "the header has room for that"
    return content[:16] + hashlib.sha256(data).digest() + data + content[48 + length :]


def test_everything_comes_back_bit_by_bit(head, content, tmp_path):
    back = read_head(tmp_path / "good.splathead")
    for name in FIELDS[:-1]:
        np.testing.assert_array_equal(getattr(back.gaussians, name), getattr(head.gaussians, name))
    sh = head.gaussians.sh.copy()
    sh[:, 1:] = sh[:, 1:].astype(np.float16)  # the colour alone is kept as it is
    np.testing.assert_array_equal(back.gaussians.sh, sh)
    for name in ("triangle", "barycentric", "shape_deltas"):
        np.testing.assert_array_equal(getattr(back, name), getattr(head, name))
    np.testing.assert_array_equal(back.mesh.vertices, head.mesh.vertices)
    np.testing.assert_array_equal(back.mesh.triangles, head.mesh.triangles)
    assert back.correctives is not None
    for part in ("mix", "gaussian", "basis"):
        expected = getattr(head.correctives, part)
        np.testing.assert_array_equal(getattr(back.correctives, part), expected)
    assert set(back.correctives.rows) == {"sh", "rotations"}
    for name, values in back.correctives.rows.items():
        np.testing.assert_array_equal(values, head.correctives.rows[name])
    for name in ("signature", "shape_names", "settings", "facts"):
        assert getattr(back, name) == getattr(head, name)
    write_head(tmp_path / "again.splathead", back)
    assert (tmp_path / "again.splathead").read_bytes() == content


def test_harmonics_beyond_half_floats_are_kept_whole(head, tmp_path):
    sh = head.gaussians.sh.copy()
    sh[2, 1, 0] = 70000.1
    bright = replace(head, gaussians=replace(head.gaussians, sh=sh))
    write_head(tmp_path / "a.splathead", bright)
    np.testing.assert_array_equal(read_head(tmp_path / "a.splathead").gaussians.sh, sh)


@pytest.fixture
def still(head) -> SplatHead:
    """With shapes that move nothing, which deflate to next to nothing."""
    names = tuple(f"shape{i}" for i in range(40))
    shape = (40, *head.mesh.vertices.shape)
    return replace(head, shape_names=names, shape_deltas=np.zeros(shape), correctives=None)


def test_what_shrinks_is_deflated(still, tmp_path):
    path = tmp_path / "a.splathead"
    write_head(path, still)
    content = path.read_bytes()
    header = json.loads(content[48 : 48 + struct.unpack_from("<I", content, 12)[0]])
    entry = header["arrays"]["shape_deltas"]
    assert entry["encoding"] == "deflate"
    assert entry["bytes"] < 0.1 * np.asarray(still.shape_deltas).nbytes
    plain = zlib.decompress(content[entry["offset"] : entry["offset"] + entry["bytes"]])
    assert hashlib.sha256(plain).hexdigest() == entry["sha256"]
    assert "encoding" not in header["arrays"]["positions"]
    np.testing.assert_array_equal(read_head(path).shape_deltas, still.shape_deltas)


@pytest.mark.parametrize(
    ("lie", "what"),
    [
        ({"encoding": "zstd"}, "damaged"),
        ({"encoding": None}, "truncated|damaged"),
        ({"bytes": 5}, "damaged"),
        ({"bytes": 0}, "damaged"),
        ({"bytes": -1}, "damaged"),
        ({"bytes": 2.5}, "damaged"),
        ({"bytes": 1 << 40}, "truncated: shape_deltas"),
        ({"shape": [41, 9, 3]}, "damaged"),
        ({"shape": [39, 9, 3]}, "damaged"),
        ({"shape": [1 << 30, 9, 3]}, "damaged"),
    ],
)
def test_lies_about_what_is_deflated(still, tmp_path, lie, what):
    path = tmp_path / "a.splathead"
    write_head(path, still)
    path.write_bytes(with_header(path.read_bytes(), _array("shape_deltas", **lie)))
    with pytest.raises(RigtalkError, match=what):
        read_head(path)


def test_a_deflated_array_that_goes_on_is_refused(still, tmp_path):
    """More than its shape, or more behind its end."""
    path = tmp_path / "a.splathead"
    write_head(path, still)
    content = path.read_bytes()
    size = np.asarray(still.shape_deltas).nbytes
    for data in (zlib.compress(bytes(size)) + b"xx", zlib.compress(bytes(size + 2))):
        at = {"offset": len(content), "bytes": len(data)}
        longer = with_header(content, _array("shape_deltas", **at)) + data
        path.write_bytes(longer)
        with pytest.raises(RigtalkError, match="damaged"):
            read_head(path)
    data = zlib.compress(bytes(size), 1)
    at = {"offset": len(content), "bytes": len(data)}
    path.write_bytes(with_header(content, _array("shape_deltas", **at)) + data)
    assert not np.asarray(read_head(path).shape_deltas).any()


def test_a_head_of_little(cloud, tmp_path):
    """No Gaussians, no shapes, no correctives."""
    mesh = Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]]))
    write_head(
        tmp_path / "a.splathead", SplatHead(cloud(0, 0), np.zeros(0), np.zeros((0, 3)), mesh)
    )
    back = read_head(tmp_path / "a.splathead")
    assert (len(back), back.shape_names, back.correctives) == (0, (), None)
    assert len(back.signature) == 64


def test_a_head_is_posed_the_same_after_loading(head, content, tmp_path):
    back = read_head(tmp_path / "good.splathead")
    weights = np.array([0.3, 0.6])
    np.testing.assert_array_equal(
        back.posed_by_weights(weights).positions, head.posed_by_weights(weights).positions
    )


def test_arrays_lie_where_the_header_says(content, head):
    length = struct.unpack_from("<I", content, 12)[0]
    entry = json.loads(content[48 : 48 + length])["arrays"]["positions"]
    assert entry["offset"] % 64 == 0
    found = np.frombuffer(content, "<f4", 36, entry["offset"]).reshape(entry["shape"])
    np.testing.assert_array_equal(found, head.gaussians.positions)


def _array(name, **entries):
    return lambda header: header["arrays"][name].update(entries)


def _drop(*names):
    def change(header):
        for name in names[:-1]:
            header = header[name]
        del header[names[-1]]

    return change


def _move_hash(header):
    entry = header["arrays"]["triangle"]
    entry["sha256"] = entry["sha256"][::-1]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_array("positions", shape=[10**9, 3]), "truncated: positions"),
        (_array("positions", shape=[2**40, 2**40]), "truncated: positions"),
        (_array("positions", shape=[-12, 3]), "damaged"),
        (_array("positions", shape=[12.0, 3]), "damaged"),
        (_array("positions", shape=[True, 36]), "damaged"),
        (_array("positions", shape=[]), "damaged"),
        (_array("positions", shape=36), "damaged"),
        (_array("positions", shape=[36]), "shape"),
        (_array("positions", offset=10**9), "truncated"),
        (_array("positions", offset=-64), "damaged"),
        (_array("positions", offset=0), "damaged"),
        (_array("positions", type="<f8"), "damaged"),
        (_array("positions", type="|O"), "damaged"),
        (_move_hash, "damaged"),
        (_drop("arrays", "positions"), "damaged"),
        (_drop("arrays"), "damaged"),
        (_drop("settings"), "damaged"),
        (_drop("settings", "dilation"), "damaged"),
        (_drop("signature"), "damaged"),
        (lambda header: header["settings"].update(dilation=-1), "dilation"),
        (lambda header: header["settings"].update(dilation=[]), "damaged"),
        (lambda header: header.update(shape_names=["a"]), "1 shapes need"),
        (lambda header: header.update(shape_names=["a", 2]), "damaged"),
        (lambda header: header.update(shape_names=7), "damaged"),
        (lambda header: header.update(facts=7), "damaged"),
        (lambda header: header.update(signature=7), "damaged"),
        (lambda header: header["arrays"].update(x={}), "damaged"),
        (lambda header: {"a": 1}, "damaged"),
        (lambda header: [1], "damaged"),
    ],
)
def test_lies_are_found(content, tmp_path, change, what):
    (tmp_path / "a.splathead").write_bytes(with_header(content, change))
    with pytest.raises(RigtalkError, match=what) as caught:
        read_head(tmp_path / "a.splathead")
    assert str(caught.value).startswith(str(tmp_path / "a.splathead"))


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda data: b"ply\n" + data, "not a head"),
        (lambda data: data[:20], "truncated"),
        (lambda data: data[:100], "truncated"),
        (lambda data: data[:-1], "truncated"),
        (lambda data: data[:8] + struct.pack("<I", 3) + data[12:], "version 3.*update rigtalk"),
        (lambda data: data[:12] + b"\xff\xff\xff\xff" + data[16:], "truncated"),
        (lambda data: data[:60] + b"?" + data[61:], "damaged"),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "damaged"),
    ],
)
def test_bad_files_are_refused(content, tmp_path, spoil, what):
    (tmp_path / "a.splathead").write_bytes(spoil(content))
    with pytest.raises(RigtalkError, match=what):
        read_head(tmp_path / "a.splathead")


def test_every_changed_byte_of_the_parts_is_noticed(content, survives, tmp_path):
    """Only the gaps between arrays may be anything."""
    noticed = survives(content, tmp_path / "a.splathead", read_head, tries=300)
    assert noticed > 280


def test_facts_are_text_and_numbers(head, tmp_path):
    odd = SplatHead(head.gaussians, head.triangle, head.barycentric, head.mesh, facts={"a": [1]})
    with pytest.raises(RigtalkError, match="'a' is neither text nor"):
        write_head(tmp_path / "a.splathead", odd)
    assert not (tmp_path / "a.splathead").exists()


def test_a_label_is_read_without_the_arrays(head, content, tmp_path):
    cut = tmp_path / "cut.splathead"
    cut.write_bytes(content[: 48 + struct.unpack_from("<I", content, 12)[0]])
    label = read_head_label(cut)
    assert (label.gaussians, label.vertices, label.triangles) == (12, 9, 5)
    assert label.shape_names == head.shape_names
    assert (label.signature, dict(label.facts)) == ("abc", dict(head.facts))


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.update(facts="none"),
        lambda header: header["arrays"]["vertices"].update(shape=[]),
        lambda header: header["arrays"]["vertices"].update(shape="9"),
        lambda header: header.pop("signature"),
    ],
)
def test_a_label_that_lies_is_refused(content, tmp_path, change):
    path = tmp_path / "bad.splathead"
    path.write_bytes(with_header(content, change))
    with pytest.raises(RigtalkError, match="damaged"):
        read_head_label(path)


def test_a_label_of_something_else_is_refused(content, tmp_path):
    path = tmp_path / "bad.splathead"
    for data, complaint in ((b"", "is empty"), (content[:30], "truncated"), (b"ply", "not a")):
        path.write_bytes(data)
        with pytest.raises(RigtalkError, match=complaint):
            read_head_label(path)
    with pytest.raises(RigtalkError, match="no such file"):
        read_head_label(tmp_path / "none.splathead")


@pytest.fixture
def hearing_head(head) -> SplatHead:
    attention = random_attention([1, 4, 5, 11], channels=("positions", "sh"), shapes=2)
    return replace(head, attention=attention)


def test_an_attention_comes_back_bit_by_bit(hearing_head, tmp_path):
    path = tmp_path / "a.splathead"
    write_head(path, hearing_head)
    assert struct.unpack_from("<I", path.read_bytes(), 8) == (2,)
    back, ours = read_head(path).attention, hearing_head.attention
    assert (back.channels, back.heads) == (ours.channels, ours.heads)
    assert set(back.arrays) == set(ours.arrays)
    for name, values in ours.arrays.items():
        np.testing.assert_array_equal(back.arrays[name], values)
    write_head(tmp_path / "b.splathead", read_head(path))
    assert (tmp_path / "b.splathead").read_bytes() == path.read_bytes()


def test_a_head_without_an_attention_is_of_version_1(content):
    assert struct.unpack_from("<I", content, 8) == (1,)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda header: header.pop("attention"), "damaged"),
        (lambda header: header.update(attention=[]), "damaged"),
        (lambda header: header["attention"].update(heads="2"), "damaged"),
        (lambda header: header["attention"].update(heads=True), "damaged"),
        (lambda header: header["attention"].update(heads=3), "divide"),
        (lambda header: header["attention"].update(channels="sh"), "damaged"),
        (lambda header: header["attention"].update(channels=[["sh"]]), "changes no"),
        (lambda header: header["attention"].update(channels=["sh"]), "output has the shape"),
        (_drop("arrays", "attention_null"), "lacks arrays.*null"),
        (_array("attention_key", shape=[1, 4, 16]), "key has the shape"),
        (_array("attention_index", shape=[10**12]), "truncated: attention_index"),
    ],
)
def test_bad_attentions_are_refused(hearing_head, tmp_path, change, what):
    path = tmp_path / "a.splathead"
    write_head(path, hearing_head)
    path.write_bytes(with_header(path.read_bytes(), lambda header: change(header) and None))
    with pytest.raises(RigtalkError, match=what):
        read_head(path)
