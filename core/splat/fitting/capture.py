"""The pictures of a bake, in a folder that can be gone on with.

::

    capture.json      what is in it, and of what: shots, sizes, facts
    mesh.npz          the mesh at rest and how controls move it
    shot-0000.npz     pixels, vertices and depth of one shot, once it is taken
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import RigtalkError
from ...files.replacing import replacing
from ..camera import Camera
from ..head_mesh import HeadMesh
from ..mesh import Mesh
from .plan import Shot

__all__ = ["CaptureFolder", "Photo"]

_VERSION = 1
_INDEX, _MESH = "capture.json", "mesh.npz"
_CAMERA = ("width", "height", "fx", "fy", "cx", "cy", "near")
Facts = Mapping[str, str | int | float]


@dataclass(frozen=True, eq=False)
class Photo:
    """One picture that was taken.

    Attributes
    ----------
    shot : Shot
    rgba : np.ndarray, shape (h, w, 4), uint8
        Display-referred colour times alpha, and alpha.
    vertices : np.ndarray, shape (V, 3), float32
        Of the mesh in it, in the head's space.
    depth : np.ndarray, shape (h, w), float16, or None
        Along the camera's axis, in the mesh's unit; infinite where nothing is.
    mask : np.ndarray, shape (h, w), bool, or None
        Pixels that count; all of them if None.
    """

    shot: Shot
    rgba: np.ndarray
    vertices: np.ndarray
    depth: np.ndarray | None
    mask: np.ndarray | None = None


class CaptureFolder:
    """See the module; `create` or `open` one."""

    def __init__(self, path: Path, head: HeadMesh, shots: Sequence[Shot], facts: Facts) -> None:
        self.path, self.head, self.shots = path, head, tuple(shots)
        self.facts = dict(facts)

    @classmethod
    def create(
        cls, path: Path, head: HeadMesh, shots: Sequence[Shot], facts: Facts
    ) -> CaptureFolder:
        """Begin a folder, or go on with one of the same mesh, shots and facts.

        What lies in the folder of another bake is removed.

        Raises
        ------
        RigtalkError
            If the folder cannot be written, or holds what is no bake.
        """
        made = cls(path, head, shots, facts)
        if path.is_dir() and any(path.iterdir()):
            try:
                if cls.open(path).key == made.key:
                    return made
            except RigtalkError:
                if not (path / _INDEX).is_file():
                    raise RigtalkError(
                        f"{path}: holds other things than a bake; name an empty folder"
                    ) from None
            for file in path.iterdir():
                if file.name in (_INDEX, _MESH) or re.fullmatch(r"(shot|fit).*\.npz", file.name):
                    file.unlink()
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RigtalkError(f"{path}: cannot be made ({error.strerror})") from None
        made._save()
        return made

    @classmethod
    def open(cls, path: Path) -> CaptureFolder:
        """Read a folder.

        Raises
        ------
        RigtalkError
            If it is no bake, of another version, or damaged.
        """
        try:
            index = json.loads((path / _INDEX).read_text("utf-8"))
            if index.get("version") != _VERSION:
                raise RigtalkError(f"{path}: was made by another version of rigtalk; bake again")
            with np.load(path / _MESH, allow_pickle=False) as arrays:
                head = HeadMesh(
                    Mesh(arrays["vertices"], arrays["triangles"]),
                    index["signature"],
                    tuple(index["controls"]),
                    arrays["deltas"],
                    tuple(index["objects"]),
                    index["rig"],
                    tuple(index["front"]),
                    tuple(index["up"]),
                )
            shots = [_shot(entry) for entry in index["shots"]]
            return cls(path, head, shots, index["facts"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile):
            raise RigtalkError(f"{path}: is not the folder of a bake, or is damaged") from None

    @cached_property
    def key(self) -> str:
        """A hash of what is to be taken: pictures of one folder do not fit another key."""
        digest = hashlib.sha256(json.dumps(self._index(), sort_keys=True).encode())
        digest.update(self.head.mesh.vertices.tobytes())
        digest.update(self.head.control_deltas.tobytes())
        return digest.hexdigest()

    def missing(self) -> list[int]:
        """Shots that are still to be taken."""
        return [i for i in range(len(self.shots)) if not self._file(i).is_file()]

    def add(
        self, index: int, pixels: np.ndarray, vertices: np.ndarray, depth: np.ndarray | None = None
    ) -> None:
        """Keep the picture of a shot.

        Parameters
        ----------
        index : int
        pixels : np.ndarray, shape (h, w, 4)
            Display-referred, straight alpha, 0-1.
        vertices : np.ndarray, shape (V, 3)
            Of the mesh, in the head's space.
        depth : np.ndarray, shape (h, w), optional

        Raises
        ------
        RigtalkError
            If shapes do not fit the shot or the mesh, or the disk is full.
        """
        camera = self.shots[index].camera
        size = (camera.height, camera.width)
        if pixels.shape != (*size, 4) or (depth is not None and depth.shape != size):
            raise RigtalkError(f"the picture of shot {index} is not {size[1]} x {size[0]}")
        moved = self.head.mesh.deformed(vertices).astype(np.float32)
        values = np.nan_to_num(np.asarray(pixels, np.float32))
        values = np.clip(values, 0, 1)
        values[..., :3] *= values[..., 3:]
        arrays = {"rgba": np.round(values * 255).astype(np.uint8), "vertices": moved}
        if depth is not None:
            with np.errstate(over="ignore"):
                arrays["depth"] = depth.astype(np.float16)
        with replacing(self._file(index)) as file:
            np.savez_compressed(file, **arrays)

    def photo(self, index: int) -> Photo:
        """The picture of a shot.

        Raises
        ------
        RigtalkError
            If it was not taken, or its file is damaged.
        """
        shot, path = self.shots[index], self._file(index)
        try:
            with np.load(path, allow_pickle=False) as arrays:
                rgba, vertices = arrays["rgba"], arrays["vertices"]
                depth = arrays.get("depth")
            size = (shot.camera.height, shot.camera.width)
            if rgba.shape != (*size, 4) or rgba.dtype != np.uint8:
                raise ValueError("size")
            self.head.mesh.deformed(vertices)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            raise RigtalkError(
                f"{path}: is missing or damaged; delete it and bake again, the others are kept"
            ) from None
        return Photo(shot, rgba, vertices, depth)

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _file(self, index: int) -> Path:
        return self.path / f"shot-{index:04d}.npz"

    def _index(self) -> dict[str, Any]:
        head = self.head
        return {
            "version": _VERSION,
            "signature": head.signature,
            "controls": list(head.control_names),
            "objects": list(head.objects),
            "rig": head.rig,
            "front": list(head.front),
            "up": list(head.up),
            "facts": self.facts,
            "shots": [_entry(shot) for shot in self.shots],
        }

    def _save(self) -> None:
        head = self.head
        with replacing(self.path / _MESH) as file:
            np.savez_compressed(
                file,
                vertices=head.mesh.vertices,
                triangles=head.mesh.triangles,
                deltas=head.control_deltas,
            )
        with replacing(self.path / _INDEX) as file:
            file.write(json.dumps(self._index(), indent=1).encode())


def _entry(shot: Shot) -> dict[str, Any]:
    camera = shot.camera
    return {
        "split": shot.split,
        "weights": shot.weights,
        "camera": {name: getattr(camera, name) for name in _CAMERA}
        | {"rotation": camera.rotation.tolist(), "translation": camera.translation.tolist()},
    }


def _shot(entry: Mapping[str, Any]) -> Shot:
    split = entry["split"]
    if split not in ("train", "view", "expression"):
        raise ValueError(split)
    weights = {str(name): float(value) for name, value in entry["weights"].items()}
    return Shot(weights, Camera(**entry["camera"]), split)
