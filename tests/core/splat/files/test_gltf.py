import base64
import copy
import json
import struct

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.files.gltf import read_gltf, write_gltf
from rigtalk.core.splat.files.spz import write_spz
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.rotations import matrices, normalised

NAME = "KHR_gaussian_splatting"


def close(first: Gaussians, second: Gaussians) -> None:
    """Scales and opacities pass through exponentials in float32."""
    np.testing.assert_array_equal(first.positions, second.positions)
    np.testing.assert_array_equal(first.sh, second.sh)
    np.testing.assert_allclose(first.rotations, second.rotations, atol=1e-6)
    np.testing.assert_allclose(first.log_scales, second.log_scales, atol=1e-5)
    np.testing.assert_allclose(first.opacities(), second.opacities(), atol=1e-6)


@pytest.fixture
def document(cloud, tmp_path):
    """A file as JSON that a test can spoil, and a way to write and read it again."""
    write_gltf(tmp_path / "good.gltf", cloud(8, 1))
    return json.loads((tmp_path / "good.gltf").read_text())


@pytest.fixture
def read(tmp_path):
    def write_and_read(data: dict) -> Gaussians:
        (tmp_path / "a.gltf").write_text(json.dumps(data))
        return read_gltf(tmp_path / "a.gltf")

    return write_and_read


@pytest.mark.parametrize("suffix", ["glb", "gltf"])
@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_what_is_written_is_read(cloud, tmp_path, suffix, degree):
    g = cloud(50, degree)
    write_gltf(tmp_path / f"a.{suffix}", g)
    close(read_gltf(tmp_path / f"a.{suffix}"), g)


def test_the_file_is_what_the_extension_asks_for(cloud, tmp_path):
    g = cloud(5, 1)
    write_gltf(tmp_path / "a.glb", g)
    content = (tmp_path / "a.glb").read_bytes()
    assert struct.unpack_from("<4sII", content) == (b"glTF", 2, len(content))
    length, kind = struct.unpack_from("<I4s", content, 12)
    data = json.loads(content[20 : 20 + length])
    assert (kind, length % 4) == (b"JSON", 0)
    assert data["extensionsUsed"] == [NAME]
    (primitive,) = data["meshes"][0]["primitives"]
    assert primitive["mode"] == 0
    assert primitive["extensions"][NAME]["kernel"] == "ellipse"
    assert primitive["extensions"][NAME]["colorSpace"] == "srgb_rec709_display"
    names = [f"{NAME}:{n}" for n in ("ROTATION", "SCALE", "OPACITY", "SH_DEGREE_0_COEF_0")]
    names += [f"{NAME}:SH_DEGREE_1_COEF_{i}" for i in range(3)]
    assert set(primitive["attributes"]) == {"POSITION", "COLOR_0", *names}
    numbers = content[28 + length :]
    at = data["bufferViews"][primitive["attributes"][f"{NAME}:SCALE"]]["byteOffset"]
    scales = np.frombuffer(numbers, "<f4", 15, at).reshape(5, 3)
    np.testing.assert_allclose(scales, g.scales(), rtol=1e-6)  # linear, not logarithms
    at = data["bufferViews"][primitive["attributes"][f"{NAME}:ROTATION"]]["byteOffset"]
    assert np.frombuffer(numbers, "<f4", 4, at)[3] == g.rotations[0, 0]  # w comes last
    place = data["accessors"][primitive["attributes"]["POSITION"]]
    np.testing.assert_allclose(place["min"], g.positions.min(axis=0))
    np.testing.assert_allclose(place["max"], g.positions.max(axis=0))


def test_nodes_place_and_repeat(document, read, cloud):
    q = normalised(np.array([0.8, 0.1, 0.5, -0.3]))
    document["nodes"] = [
        {"children": [1, 2], "scale": [2, 2, 2]},
        {"mesh": 0, "translation": [1, 2, 3]},
        {"mesh": 0, "rotation": [*q[1:], q[0]]},
    ]
    g = read(document)
    assert len(g) == 16
    parts = [
        cloud(8, 1).transformed(matrices(q), 2),
        cloud(8, 1).transformed(np.eye(3), 2, (2, 4, 6)),
    ]
    expected = Gaussians.join(parts)
    np.testing.assert_allclose(g.positions, expected.positions, atol=1e-5)
    np.testing.assert_allclose(g.covariances(), expected.covariances(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(g.sh, expected.sh, atol=1e-5)


def test_a_matrix_does_the_same_as_its_parts(document, read, cloud):
    document["nodes"] = [{"mesh": 0, "matrix": [0, 2, 0, 0, -2, 0, 0, 0, 0, 0, 2, 0, 5, 6, 7, 1]}]
    turned = cloud(8, 1).positions @ np.array([[0, 2, 0], [-2, 0, 0], [0, 0, 2]]) + [5, 6, 7]
    np.testing.assert_allclose(read(document).positions, turned, atol=1e-5)


def test_without_a_scene_the_mesh_stands_as_it_is(document, read, cloud):
    for name in ("scene", "scenes", "nodes"):
        del document[name]
    close(read(document), cloud(8, 1))


def test_numbers_of_fewer_bits_and_with_gaps(document, read, cloud):
    """Quantised rotations and opacities, and positions that lie between other things."""
    g = cloud(8, 1)
    rotations = np.rint(np.roll(g.rotations, -1, axis=1) * 32767).astype("<i2").tobytes()
    opacities = np.rint(g.opacities() * 255).astype("u1").tobytes()
    mixed = np.zeros((8, 5), "<f4")
    mixed[:, 1:4] = g.positions
    data = rotations + opacities + mixed.tobytes()
    uri = "data:;base64," + base64.b64encode(data).decode()
    document["buffers"].append({"byteLength": len(data), "uri": uri})
    views = [(0, 64, {}), (64, 8, {}), (72, 160, {"byteStride": 20})]
    document["bufferViews"] += [
        {"buffer": 1, "byteOffset": begin, "byteLength": long, **more}
        for begin, long, more in views
    ]
    attributes = document["meshes"][0]["primitives"][0]["attributes"]
    first = len(document["bufferViews"]) - 3
    for i, (name, kind, width, begin) in enumerate(
        [
            ("ROTATION", 5122, "VEC4", 0),
            ("OPACITY", 5121, "SCALAR", 0),
            ("POSITION", 5126, "VEC3", 4),
        ]
    ):
        attributes[name if name == "POSITION" else f"{NAME}:{name}"] = len(document["accessors"])
        document["accessors"].append(
            {"bufferView": first + i, "byteOffset": begin, "componentType": kind, "count": 8,
             "type": width, "normalized": kind != 5126}
        )  # fmt: skip
    found = read(document)
    np.testing.assert_array_equal(found.positions, g.positions)
    np.testing.assert_allclose(found.rotations, g.rotations, atol=1e-4)
    np.testing.assert_allclose(found.opacities(), g.opacities(), atol=0.5 / 255 + 1e-6)


def test_numbers_in_a_file_beside(document, read, cloud, tmp_path):
    data = base64.b64decode(document["buffers"][0]["uri"].partition(",")[2])
    (tmp_path / "some numbers.bin").write_bytes(data)
    document["buffers"][0]["uri"] = "some%20numbers.bin"
    close(read(document), cloud(8, 1))


def test_gaussians_packed_as_spz(document, read, cloud, tmp_path):
    write_spz(tmp_path / "a.spz", cloud(8, 1))
    data = (tmp_path / "a.spz").read_bytes()
    uri = "data:;base64," + base64.b64encode(data).decode()
    document["buffers"] = [{"byteLength": len(data), "uri": uri}]
    document["bufferViews"] = [{"buffer": 0, "byteLength": len(data)}]
    extension = document["meshes"][0]["primitives"][0]["extensions"][NAME]
    extension["extensions"] = {f"{NAME}_compression_spz_2": {"bufferView": 0}}
    np.testing.assert_allclose(read(document).positions, cloud(8, 1).positions, atol=1e-5)


def test_scales_of_a_draft_are_logarithms(document, read, cloud):
    data = bytearray(base64.b64decode(document["buffers"][0]["uri"].partition(",")[2]))
    at = document["meshes"][0]["primitives"][0]["attributes"][f"{NAME}:SCALE"]
    begin = document["bufferViews"][at]["byteOffset"]
    data[begin : begin + 96] = cloud(8, 1).log_scales.tobytes()
    document["buffers"][0]["uri"] = "data:;base64," + base64.b64encode(data).decode()
    close(read(document), cloud(8, 1))


def _set(path: str, value: object):
    """A change of one entry: ``accessors.0.count``."""

    def change(data: dict) -> None:
        *way, last = (int(name) if name.isdigit() else name for name in path.split("."))
        for name in way:
            data = data[name]
        data[last] = value

    return change


PRIMITIVE = "meshes.0.primitives.0"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_set("asset", {}), "version 2"),
        (_set("accessors.0.count", 10**9), "truncated or lying"),
        (_set("accessors.0.count", 7), r"have \[7, 8\] items"),
        (_set("accessors.0.count", -1), "count is -1"),
        (_set("accessors.0.count", 1.5), "count is 1.5"),
        (_set("accessors.0.componentType", 5125.0), "componentType"),
        (_set("accessors.0.componentType", 5130), "not VEC3 of numbers"),
        (_set("accessors.0.type", "VEC2"), "'VEC2', not VEC3"),
        (_set("accessors.0.sparse", {}), "sparse"),
        (_set("accessors.0.byteOffset", 8), "beyond a view"),
        (_set("accessors.0", {"componentType": 5126, "count": 8, "type": "VEC3"}), "compressed"),
        (_set("bufferViews.0.byteStride", 0), "beyond a view"),
        (_set("bufferViews.0.byteStride", 10**12), "beyond a view"),
        (_set("bufferViews.0.byteLength", 10**15), "beyond its buffer"),
        (_set("bufferViews.0.buffer", 3), "no 3 among its buffers"),
        (_set("bufferViews", {}), "bufferViews"),
        (_set("buffers.0.byteLength", 10**15), "should have 1000000000000000 bytes"),
        (_set("buffers.0.uri", "data:;base64,%%%"), "not base64"),
        (_set("buffers.0.uri", "../secret.bin"), "lie elsewhere"),
        (_set("buffers.0.uri", "https://example.com/a.bin"), "lie elsewhere"),
        (_set("buffers.0.uri", "none.bin"), "no such file"),
        (_set("buffers.0", {"byteLength": 4}), "nowhere"),
        (_set("meshes.0.primitives.0.mode", 4), "not points"),
        (_set("meshes.0.primitives.0.attributes", []), "no attributes"),
        (_set("meshes.0.primitives.0.attributes", {"POSITION": 0}), "SH_DEGREE_0"),
        (_set(f"{PRIMITIVE}.extensions", {}), "has no Gaussians"),
        (_set(f"{PRIMITIVE}.extensions.{NAME}.kernel", "cube"), "kernel 'cube'"),
        (_set(f"{PRIMITIVE}.extensions.{NAME}.colorSpace", "lin_rec709_display"), "as sRGB"),
        (_set(f"{PRIMITIVE}.attributes.{NAME}:SH_DEGREE_2_COEF_4", 0), "no .*DEGREE_2_COEF_0"),
        (_set("meshes", {}), "has no Gaussians"),
        (_set("meshes.0", []), "no 0 among its meshes"),
        (_set("nodes.0.children", [0]), "its own"),
        (_set("nodes.0.children", [5]), "no 5 among its nodes"),
        (_set("nodes.0.children", 5), "not a list"),
        (_set("nodes.0.scale", [1, 2, 1]), "unevenly"),
        (_set("nodes.0.scale", [0, 0, 0]), "to nothing"),
        (_set("nodes.0.scale", ["a", 1, 1]), "not 3 numbers"),
        (_set("nodes.0.matrix", [1, 2, 3]), "not 16 numbers"),
        (_set("scene", 4), "no 4 among its scenes"),
    ],
)
def test_bad_files_are_refused(document, read, change, what, tmp_path):
    spoilt = copy.deepcopy(document)
    change(spoilt)
    with pytest.raises(RigtalkError, match=what) as caught:
        read(spoilt)
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"not json", "not a glTF"),
        (b"[1, 2]", "not a glTF file of version 2"),
        (b"[" * 100000, "not a glTF"),
        (b'{"asset": {"version": "2.0"}, "a": ' + b"9" * 5000 + b"}", "not a glTF"),
        (b"\xff\xfe\x00", "not a glTF"),
        (b"glTF", "truncated or damaged"),
        (b"glTF" + struct.pack("<II", 1, 12), "version 1"),
        (b"glTF" + struct.pack("<II", 2, 10**9), "promises 1000000000 bytes"),
        (b"glTF" + struct.pack("<II", 2, 12), "truncated or damaged"),
        (b"glTF" + struct.pack("<IIII", 2, 20, 10**9, 0x4E4F534A), "truncated or damaged"),
    ],
)
def test_foreign_files_are_refused(tmp_path, content, what):
    (tmp_path / "a.glb").write_bytes(content)
    with pytest.raises(RigtalkError, match=what):
        read_gltf(tmp_path / "a.glb")


def test_not_a_number_is_refused(cloud, tmp_path):
    write_gltf(tmp_path / "a.glb", cloud(8, 0))
    content = bytearray((tmp_path / "a.glb").read_bytes())
    content[-4:] = struct.pack("<f", np.nan)
    (tmp_path / "a.glb").write_bytes(content)
    with pytest.raises(RigtalkError, match=r"1 of 8 Gaussians .* sh"):
        read_gltf(tmp_path / "a.glb")


def test_none_at_all_cannot_be_written(tmp_path):
    with pytest.raises(RigtalkError, match="no Gaussians"):
        write_gltf(tmp_path / "a.glb", Gaussians.empty())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["glb", "gltf"])
def test_spoilt_files_never_break_anything(survives, cloud, tmp_path, suffix):
    write_gltf(tmp_path / f"a.{suffix}", cloud(4, 0))
    content = (tmp_path / f"a.{suffix}").read_bytes()
    assert survives(content, tmp_path / f"b.{suffix}", read_gltf, tries=400) > 200
