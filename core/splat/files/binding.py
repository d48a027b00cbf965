"""A head's binding and shapes for other programs: ``.npz`` with arrays, ``.json`` that explains.

The Gaussians themselves are in a file of a usual format, in the same order, at rest. All arrays
are in Blender's axes (x to the right, z up, a face looks to -y) and in the unit of the mesh.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import RigtalkError
from ...files.replacing import replacing
from ..head import SplatHead

__all__ = ["BINDING_VERSION", "write_binding"]

BINDING_VERSION = 1
_MEANINGS = {
    "triangle": "(n) int32: the triangle that each Gaussian lies on",
    "barycentric": "(n, 3) float32: its foot there, weights of the triangle's corners",
    "vertices": "(V, 3) float32: the mesh at rest",
    "triangles": "(T, 3) int32",
    "shape_deltas": "(shapes, V, 3) float16: what a shape adds to the vertices at weight 1",
    "positions": "(n, 3) float32: the Gaussians at rest, as in the file of Gaussians",
    "log_scales": "(n, 3) float32: natural logarithms of their standard deviations",
    "rotations": "(n, 4) float32: quaternions w x y z",
    "opacity_logits": "(n) float32: opacity = 1 / (1 + exp(-logit))",
    "sh": "(n, k, 3) float32: spherical harmonics, colour = 0.5 + 0.2820948 * sh[:, 0] + …",
    "corrective_mix": "(shapes, bases) float32: coefficients = weights of the shapes @ this",
    "corrective_gaussian": "(rows) int32: the Gaussian that each row changes, never falling",
    "corrective_basis": "(rows) int32: the basis that each row is of",
}
_CORRECTIVE = (
    "float16, (rows, …): times the coefficient of the row's basis, added to {} of the row's "
    "Gaussian before posing"
)
_POSING = (
    "vertices' = vertices + sum of weight * shape_delta; foot = the triangle's corners weighted by "
    "barycentric, at rest and now; q and U = turn and stretch of the triangles about the foot, now "
    "against rest, blended over its corners; position = foot' + R(q) U (position - foot); "
    "covariance = R(q) U covariance U R(q)^T; harmonics turn with q"
)


def write_binding(
    path: Path, head: SplatHead, *, gaussians_file: str, axes: str
) -> tuple[Path, Path]:
    """Write ``path`` with the suffixes ``.npz`` and ``.json``.

    Parameters
    ----------
    path : Path
        Folder and name.
    head : SplatHead
    gaussians_file : str
        Name of the file of Gaussians, for the explanation.
    axes : str
        Of that file.

    Returns
    -------
    (Path, Path)

    Raises
    ------
    RigtalkError
        If a file cannot be written.
    """
    arrays: dict[str, np.ndarray] = {
        "triangle": head.triangle,
        "barycentric": head.barycentric,
        "vertices": head.mesh.vertices,
        "triangles": head.mesh.triangles,
        "shape_deltas": np.asarray(head.shape_deltas),
        **{
            name: getattr(head.gaussians, name)
            for name in ("positions", "log_scales", "rotations", "opacity_logits", "sh")
        },
    }
    meanings = {name: _MEANINGS[name] for name in arrays}
    if head.correctives:
        for each in ("mix", "gaussian", "basis"):
            name = f"corrective_{each}"
            arrays[name], meanings[name] = getattr(head.correctives, each), _MEANINGS[name]
        for channel, values in head.correctives.rows.items():
            arrays[f"corrective_{channel}"] = values
            meanings[f"corrective_{channel}"] = _CORRECTIVE.format(channel)
    numbers = path.with_name(f"{path.name}.npz")
    words = path.with_name(f"{path.name}.json")
    content: dict[str, Any] = {
        "format": "rigtalk head binding",
        "version": BINDING_VERSION,
        "gaussians": {"file": gaussians_file, "axes": axes, "count": len(head)},
        "arrays": {"file": numbers.name, "axes": "RFU", "contents": meanings},
        "shape_names": list(head.shape_names),
        "mesh_signature": head.signature,
        "settings": {
            "dilation": head.settings.dilation,
            "antialiased": head.settings.antialiased,
        },
        "facts": dict(head.facts),
        "posing": _POSING,
    }
    with replacing(numbers) as file:
        np.savez_compressed(file, **arrays)
    try:
        text = json.dumps(content, indent=2, allow_nan=False)
    except (TypeError, ValueError):
        raise RigtalkError(f"{words}: a fact of the head is neither text nor a number") from None
    with replacing(words) as file:
        file.write(text.encode() + b"\n")
    return numbers, words
