"""Gaussians as glTF with KHR_gaussian_splatting.

A primitive of points with linear scales, opacities 0 to 1, rotations xyzw, and harmonics one
coefficient an attribute. Usual axes are RUB: y is up, and a face looks to +z.
"""

from __future__ import annotations

import base64
import io
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import RigtalkError
from ...files.replacing import replacing
from ..gaussians import MOST_LOG, SH_C0, Gaussians
from .gltf_buffers import GltfFile, open_gltf
from .gltf_nodes import similarity, world_matrices
from .spz import unpack_spz

__all__ = ["read_gltf", "write_gltf"]

_NAME = "KHR_gaussian_splatting"
_PACKED = ("KHR_gaussian_splatting_compression_spz_2", "KHR_gaussian_splatting_compression_spz")
_COLOUR_SPACES = (None, "srgb_rec709_display", "BT.709", "BT.709-sRGB")
_POINTS = 0
_FLOAT = 5126
_LEAST = 1e-12


def read_gltf(path: Path) -> Gaussians:
    """Read all Gaussians of a ``.gltf`` or ``.glb`` file, in the file's axes.

    Nodes are applied. Primitives packed as SPZ are read, too.

    Raises
    ------
    RigtalkError
        If it is no glTF with Gaussians, truncated, damaged or lying, or draws them in a way that
        is not known here.
    """
    gltf = open_gltf(path)
    meshes = gltf.data.get("meshes", [])
    found: dict[int, list[Gaussians]] = {}
    for i in range(len(meshes) if isinstance(meshes, list) else 0):
        primitives = gltf.item("meshes", i).get("primitives", [])
        for primitive in primitives if isinstance(primitives, list) else []:
            extension = _extension(primitive)
            if extension is not None:
                found.setdefault(i, []).append(_read_primitive(gltf, primitive, extension))
    if not found:
        raise RigtalkError(f"{path}: has no Gaussians ({_NAME}), but meshes or points")
    parts = []
    for mesh, matrix in _placed(gltf, set(found)):
        rotation, scale, translation = similarity(gltf, matrix)
        for gaussians in found[mesh]:
            parts.append(gaussians.transformed(rotation, scale, translation))
    return Gaussians.join(parts)


def _extension(primitive: object) -> dict[str, Any] | None:
    extensions = primitive.get("extensions") if isinstance(primitive, dict) else None
    found = extensions.get(_NAME) if isinstance(extensions, dict) else None
    return found if isinstance(found, dict) else None


def _placed(gltf: GltfFile, meshes: set[int]) -> Iterator[tuple[int, np.ndarray]]:
    """Each of the meshes with each matrix that a node gives it; as it is if none does."""
    used = set()
    for node, matrix in world_matrices(gltf):
        mesh = node.get("mesh")
        if mesh in meshes:
            used.add(mesh)
            yield mesh, matrix
    for mesh in sorted(meshes - used):
        yield mesh, np.eye(4)


def _read_primitive(
    gltf: GltfFile, primitive: dict[str, Any], extension: dict[str, Any]
) -> Gaussians:
    kernel, space = extension.get("kernel", "ellipse"), extension.get("colorSpace")
    if kernel != "ellipse":
        raise gltf.wrong(f"glTF: Gaussians of kernel {kernel!r} are not known")
    if space not in _COLOUR_SPACES:
        raise gltf.wrong(f"glTF: colours in {space!r} are not read; export them as sRGB")
    nested = extension.get("extensions")
    for name in _PACKED:
        packed = nested.get(name) if isinstance(nested, dict) else None
        if isinstance(packed, dict):
            data = bytes(gltf.view(packed.get("bufferView")))
            return unpack_spz(io.BytesIO(data), len(data), str(gltf.path))[0]
    if primitive.get("mode", 4) != _POINTS:
        raise gltf.wrong("glTF: its Gaussians are not points")
    attributes = primitive.get("attributes")
    if not isinstance(attributes, dict):
        raise gltf.wrong("damaged glTF: a primitive has no attributes")

    def column(name: str, kind: str) -> np.ndarray:
        if name not in attributes:
            raise gltf.wrong(f"glTF: its Gaussians have no {name}; a draft of {_NAME} wrote it?")
        return gltf.array(attributes[name], kind)

    bands = [column(f"{_NAME}:SH_DEGREE_0_COEF_0", "VEC3")]
    for degree in (1, 2, 3):
        names = [f"{_NAME}:SH_DEGREE_{degree}_COEF_{i}" for i in range(2 * degree + 1)]
        if not any(name in attributes for name in names):
            break
        bands += [column(name, "VEC3") for name in names]
    arrays = {
        "positions": column("POSITION", "VEC3"),
        "scales": column(f"{_NAME}:SCALE", "VEC3"),
        "rotations": column(f"{_NAME}:ROTATION", "VEC4"),
        "opacities": column(f"{_NAME}:OPACITY", "SCALAR"),
    }
    counts = {len(array) for array in (*arrays.values(), *bands)}
    if len(counts) > 1:
        raise gltf.wrong(f"damaged glTF: attributes of one primitive have {sorted(counts)} items")
    try:
        return _gaussians(arrays, np.stack(bands, axis=1))
    except RigtalkError as error:
        raise gltf.wrong(str(error)) from None


def _gaussians(arrays: dict[str, np.ndarray], sh: np.ndarray) -> Gaussians:
    scales = arrays["scales"]
    if (scales < 0).any():  # drafts of the extension stored logarithms
        log_scales = np.clip(scales, -MOST_LOG, MOST_LOG)
    else:
        log_scales = np.log(np.maximum(scales.astype(np.float64), np.exp(-MOST_LOG)))
    # Not-a-number passes through the limits, and is refused.
    opacities = np.clip(arrays["opacities"][:, 0].astype(np.float64), _LEAST, 1 - _LEAST)
    return Gaussians(
        arrays["positions"],
        np.minimum(log_scales, MOST_LOG),
        np.roll(arrays["rotations"], 1, axis=1),
        np.log(opacities / (1 - opacities)),
        sh,
    )


def write_gltf(path: Path, gaussians: Gaussians) -> None:
    """Write Gaussians in the axes that they are in: a ``.glb``, or a ``.gltf`` in one file.

    Raises
    ------
    RigtalkError
        If there are none, which glTF cannot say, or the file cannot be written.
    """
    if not len(gaussians):
        raise RigtalkError(f"{path}: glTF cannot hold a set of no Gaussians")
    document, data = _document(gaussians)
    if path.suffix.lower() == ".gltf":
        uri = "data:application/octet-stream;base64," + base64.b64encode(data).decode()
        document["buffers"][0]["uri"] = uri
        content = json.dumps(document).encode()
    else:
        text = json.dumps(document, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        length = 12 + 8 + len(text) + 8 + len(data)
        if length >= 1 << 32:
            raise RigtalkError(f"{path}: too many Gaussians for one .glb (4 GiB); write PLY")
        content = struct.pack("<4sII", b"glTF", 2, length)
        content += struct.pack("<I4s", len(text), b"JSON") + text
        content += struct.pack("<I4s", len(data), b"BIN\0") + data
    with replacing(path) as file:
        file.write(content)


def _document(gaussians: Gaussians) -> tuple[dict[str, Any], bytes]:
    """The JSON and the numbers; every number takes four bytes, so nothing needs padding."""
    opacities = gaussians.opacities()[:, None]
    # A colour for viewers that see points only.
    colours = np.clip(0.5 + SH_C0 * gaussians.sh[:, 0], 0, 1)
    columns: dict[str, np.ndarray] = {
        "POSITION": gaussians.positions,
        "COLOR_0": np.column_stack([colours, opacities]),
        f"{_NAME}:ROTATION": np.roll(gaussians.rotations, -1, axis=1),
        f"{_NAME}:SCALE": gaussians.scales(),
        f"{_NAME}:OPACITY": opacities,
    }
    names = (
        f"{_NAME}:SH_DEGREE_{degree}_COEF_{i}" for degree in range(4) for i in range(2 * degree + 1)
    )
    for i, name in zip(range(gaussians.sh.shape[1]), names, strict=False):
        columns[name] = gaussians.sh[:, i]
    views: list[dict[str, Any]] = []
    accessors: list[dict[str, Any]] = []
    parts: list[bytes] = []
    kinds = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}
    begin = 0
    for i, values in enumerate(columns.values()):
        part = values.astype("<f4").tobytes()
        views.append({"buffer": 0, "byteOffset": begin, "byteLength": len(part)})
        accessors.append(
            {
                "bufferView": i,
                "componentType": _FLOAT,
                "count": len(gaussians),
                "type": kinds[values.shape[1]],
            }
        )
        parts.append(part)
        begin += len(part)
    accessors[0]["min"] = gaussians.positions.min(axis=0).tolist()
    accessors[0]["max"] = gaussians.positions.max(axis=0).tolist()
    primitive = {
        "mode": _POINTS,
        "attributes": {name: i for i, name in enumerate(columns)},
        "extensions": {
            _NAME: {
                "kernel": "ellipse",
                "colorSpace": "srgb_rec709_display",
                "projection": "perspective",
                "sortingMethod": "cameraDistance",
            }
        },
    }
    document = {
        "asset": {"version": "2.0", "generator": "rigtalk"},
        "extensionsUsed": [_NAME],
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [primitive]}],
        "buffers": [{"byteLength": begin}],
        "bufferViews": views,
        "accessors": accessors,
    }
    return document, b"".join(parts)
