"""Where the nodes of a glTF file put things."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..rotations import matrices, normalised
from .gltf_buffers import GltfFile

__all__ = ["similarity", "world_matrices"]


def world_matrices(gltf: GltfFile) -> Iterator[tuple[dict[str, Any], np.ndarray]]:
    """Each node of the scene with its matrix (4, 4) into the world's axes."""
    scenes = gltf.data.get("scenes", [])
    if not isinstance(scenes, list) or not scenes:
        return
    roots = gltf.item("scenes", gltf.data.get("scene", 0)).get("nodes", [])
    waiting = [(index, np.eye(4)) for index in _list(gltf, roots)]
    seen = set()
    while waiting:
        index, above = waiting.pop()
        node = gltf.item("nodes", index)
        if index in seen:
            raise gltf.wrong("damaged glTF: a node has two parents, or is its own")
        seen.add(index)
        matrix = above @ _local(gltf, node)
        yield node, matrix
        children = _list(gltf, node.get("children", []))
        waiting += [(child, matrix) for child in children]


def similarity(gltf: GltfFile, matrix: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Rotation (3, 3), scale and translation (3,) of a matrix that is no more than that."""
    linear = matrix[:3, :3]
    scale = float(np.cbrt(abs(np.linalg.det(linear))))
    if not np.isfinite(matrix).all() or scale < 1e-12:
        raise gltf.wrong("glTF: a node scales its Gaussians to nothing")
    rotation = linear / scale
    if not np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-3):
        raise gltf.wrong("glTF: a node scales its Gaussians unevenly; apply its transform")
    u, _, v = np.linalg.svd(rotation)
    return u @ v, scale, matrix[:3, 3]


def _local(gltf: GltfFile, node: dict[str, Any]) -> np.ndarray:
    if "matrix" in node:
        return _numbers(gltf, node, "matrix", [0.0] * 16).reshape(4, 4).T
    matrix = np.eye(4)
    x, y, z, w = _numbers(gltf, node, "rotation", [0.0, 0, 0, 1])
    matrix[:3, :3] = matrices(normalised(np.array([w, x, y, z])))
    matrix[:3, :3] *= _numbers(gltf, node, "scale", [1.0, 1, 1])
    matrix[:3, 3] = _numbers(gltf, node, "translation", [0.0, 0, 0])
    return matrix


def _numbers(gltf: GltfFile, node: dict[str, Any], name: str, default: list[float]) -> np.ndarray:
    try:
        values = np.array(node.get(name, default), dtype=np.float64)
    except (TypeError, ValueError):
        values = np.zeros(0)
    if values.shape != (len(default),):
        raise gltf.wrong(f"damaged glTF: a node's {name} is not {len(default)} numbers")
    return values


def _list(gltf: GltfFile, value: object) -> list[Any]:
    if not isinstance(value, list):
        raise gltf.wrong("damaged glTF: nodes are not a list")
    return value
