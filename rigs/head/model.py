"""The head as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError

__all__ = ["Head"]


@dataclass(frozen=True, eq=False)
class Head:
    """A head with shapes, in Blender's axes: z up, the face to -y, the character's left at +x.

    Attributes
    ----------
    vertices : ndarray, shape (V, 3), float32
        Metres, at rest.
    faces : ndarray, shape (F, 4), int32
        -1 in the last column marks a triangle.
    face_material : ndarray, shape (F,), int32
        Index in `material_names`.
    material_names : tuple of str
    uv : ndarray, shape (F, 4, 2), float32
        Texture coordinates of each corner, 0-1.
    shape_names : tuple of str
        The 52 ARKit shapes, in the order of the control set ``"arkit"``.
    shape_deltas : ndarray, shape (52, V, 3), float32
        Metres, at weight 1.
    parts : dict of str to ndarray
        Vertex indices of ``skin``, ``teeth_upper``, ``teeth_lower``, ``tongue``, ``eye_left`` …
    landmarks : dict of str to int
        Vertices that measurements use: ``lip_upper_inner`` …
    paint : ndarray, shape (V, 3), float32
        Factor on the colour of the material, linear RGB: blush, darker rims.
    lip_contact : pair of ndarray, shape (n,)
        Opposite vertices of the upper and the lower lip along the line where they touch, from the
        right corner to the left.
    lid_contact : dict of str to pair of ndarray
        The same for the lids of the ``"left"`` and the ``"right"`` eye.
    mirror : ndarray, shape (V,), int64
        For each vertex its partner on the other side of the face.
    """

    vertices: np.ndarray
    faces: np.ndarray
    face_material: np.ndarray
    material_names: tuple[str, ...]
    uv: np.ndarray
    shape_names: tuple[str, ...]
    shape_deltas: np.ndarray
    parts: dict[str, np.ndarray]
    landmarks: dict[str, int]
    paint: np.ndarray
    lip_contact: tuple[np.ndarray, np.ndarray]
    lid_contact: dict[str, tuple[np.ndarray, np.ndarray]]
    mirror: np.ndarray

    def weights(self, **values: float) -> np.ndarray:
        """A row of weights, shape (52,), by shape name; 0 where absent.

        Raises
        ------
        RigtalkError
            If there is no such shape.
        """
        row = np.zeros(len(self.shape_names), np.float32)
        for name, value in values.items():
            if name not in self.shape_names:
                raise RigtalkError(f"the head has no shape {name!r}")
            row[self.shape_names.index(name)] = value
        return row

    def deform(self, weights: np.ndarray) -> np.ndarray:
        """The head's vertices under shapes.

        Parameters
        ----------
        weights : ndarray, shape (52,) or (T, 52)

        Returns
        -------
        ndarray, shape (V, 3) or (T, V, 3), float32
            Metres.

        Raises
        ------
        RigtalkError
            If the number of weights is not the number of shapes.
        """
        return self.deform_some(weights, slice(None))

    def deform_some(self, weights: np.ndarray, vertices: np.ndarray | slice) -> np.ndarray:
        """As `deform`, for the given vertices only."""
        weights = np.asarray(weights, np.float32)
        if weights.ndim not in (1, 2) or weights.shape[-1] != len(self.shape_names):
            raise RigtalkError(
                f"weights of shape {weights.shape} do not fit the head: the last axis must have "
                f"{len(self.shape_names)} columns"
            )
        return self.vertices[vertices] + np.tensordot(weights, self.shape_deltas[:, vertices], 1)
