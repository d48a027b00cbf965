"""``rigtalk head bind``: a captured head on a rigged mesh."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...errors import RigtalkError
from ...scene_host import SceneHost
from ..align import Similarity, align_to_mesh, similarity_of_pairs
from ..files.axes import BLENDER, between
from ..files.formats import usual_axes
from ..files.head_file import write_head
from ..gaussians import Gaussians
from ..head import SplatHead
from ..head_mesh import HeadMesh
from ..nearest import TriangleTree
from .places import HEAD_SUFFIX, check_file, open_splats
from .talking import Progress, note, tell

__all__ = ["run_bind"]

_KEEP, _FIT = "no", "yes"
_FAR = 0.03
"""Of the head's radius: a residual above is no good fit, a Gaussian farther is not on the face."""
_MANY_FAR = 0.25
_MOST_PAIRS = 10_000
_AT_ONCE = 8192
"""Gaussians that look for their feet between two steps of the progress."""
_MM = 1000.0


def run_bind(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    """Read, align, bind, write; returns the exit status."""
    assert host is not None  # noqa: S101 - made sure by the command line
    inputs = [arguments.scan, *([arguments.scene] if arguments.scene else [])]
    check_file(arguments.output, inputs, HEAD_SUFFIX)
    if arguments.scene is None and arguments.object is not None:
        raise RigtalkError("--object names a character in a scene: give the scene with --scene")
    if arguments.within is not None and not 0 < arguments.within < np.inf:
        raise RigtalkError(f"--within is {arguments.within:g}: it must be above 0")
    axes = arguments.axes or usual_axes(arguments.scan)
    pairs = None
    if arguments.align not in (_KEEP, _FIT):
        pairs = _pairs(Path(arguments.align), between(axes, BLENDER))
    scan, settings = open_splats(arguments.scan, axes)
    mesh = host.head_mesh(arguments.scene, arguments.object)
    with Progress() as progress:
        try:
            progress.show("aligning", 0.0)
            found = _similarity(scan, mesh, arguments.align, pairs)
            placed = found.of(scan) if found else scan
            head, distances = _bound(placed, mesh, arguments.within, progress)
        except RigtalkError as error:
            raise RigtalkError(f"{arguments.scan}: {error}") from None
    head = replace(head, settings=settings, facts=mesh.facts() | {"scan": arguments.scan.name})
    if found:
        _tell_alignment(found, scan)
    _tell_distances(distances, mesh)
    write_head(arguments.output, head)
    tell(arguments.output)
    return 0


def _similarity(
    scan: Gaussians,
    mesh: HeadMesh,
    how: str,
    pairs: tuple[np.ndarray, np.ndarray] | None,
) -> Similarity | None:
    if how == _KEEP:
        return None
    if pairs is None:
        return align_to_mesh(scan, mesh.mesh)
    start = similarity_of_pairs(*pairs)
    tell(f"pairs\t{len(pairs[0])}, {start.residual * _MM:.2f} mm apart (root mean square)")
    return align_to_mesh(scan, mesh.mesh, start=start)


def _pairs(path: Path, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points of the scan, in Blender's axes, and of the object, both (n, 3)."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except FileNotFoundError:
        raise RigtalkError(f"--align {path}: say yes, no, or name a file of pairs") from None
    except UnicodeDecodeError:
        raise RigtalkError(f"{path}: is no text file with pairs of points") from None
    except OSError as error:
        raise RigtalkError(f"{path}: cannot be read ({error.strerror})") from None
    rows = []
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].replace(",", " ").replace(";", " ").split()
        if not words:
            continue
        try:
            rows.append([float(word) for word in words])
        except ValueError:
            if not rows and len(words) == 6:  # a heading
                continue
            rows.append([])
        if len(rows[-1]) != 6 or not np.isfinite(rows[-1]).all() or len(rows) > _MOST_PAIRS:
            raise RigtalkError(
                f"{path}: line {number} is no pair: write x,y,z on the scan and x,y,z on the object"
            )
    if len(rows) < 3:
        raise RigtalkError(f"{path}: {len(rows)} pairs of points; three or more are needed")
    values = np.array(rows)
    return values[:, :3] @ turn.T, values[:, 3:]


def _bound(
    gaussians: Gaussians, mesh: HeadMesh, within: float | None, progress: Progress
) -> tuple[SplatHead, np.ndarray]:
    """The head, and how far each of its Gaussians is from its foot, (n,)."""
    everything = len(gaussians)
    if within is not None:
        # What is outside of the mesh's box by more need not be looked at.
        low, high = (each(mesh.mesh.vertices, axis=0) for each in (np.min, np.max))
        places = gaussians.positions
        gaussians = gaussians.take(
            ((places >= low - within) & (places <= high + within)).all(axis=1)
        )
    count = len(gaussians)
    tree = TriangleTree.of(mesh.mesh)
    triangle, feet = np.zeros(count, np.int32), np.zeros((count, 3), np.float32)
    for start in range(0, count, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        triangle[part], feet[part] = tree.nearest(gaussians.positions[part])
        progress.show("binding", min(1.0, (start + _AT_ONCE) / count))
    corners = mesh.mesh.vertices[mesh.mesh.triangles[triangle]]
    places = np.einsum("nci,nc->ni", corners, feet)
    distances = np.linalg.norm(gaussians.positions - places, axis=1)
    kept = slice(None) if within is None else distances <= within
    distances = distances[kept]
    if not len(distances):
        raise RigtalkError(f"no Gaussian is within {within:g} of the mesh: see --within, --align")
    head = SplatHead(
        gaussians.take(kept),
        triangle[kept],
        feet[kept],
        mesh.mesh,
        mesh.signature,
        mesh.control_names,
        mesh.control_deltas,
    )
    if len(head) < everything:
        progress.clear()
        tell(f"left out\t{everything - len(head)} of {everything} Gaussians, beyond {within:g}")
    return head, distances


def _tell_alignment(found: Similarity, scan: Gaussians) -> None:
    cosine = np.clip((np.trace(found.rotation) - 1) / 2, -1, 1)
    middle = np.median(scan.positions, axis=0)[None]
    moved = np.linalg.norm(found.of_points(middle) - middle)
    tell(
        f"alignment\tscale {found.scale:.4g}, turned {np.degrees(np.arccos(cosine)):.1f} degrees, "
        f"moved {moved * _MM:.1f} mm (a unit is taken for a metre)"
    )


def _tell_distances(distances: np.ndarray, mesh: HeadMesh) -> None:
    _, radius = mesh.sphere
    middle, most = np.quantile(distances, [0.5, 0.95])
    tell(
        f"Gaussians\t{len(distances)}, half of them within {middle * _MM:.2f} mm of the mesh, "
        f"95 % within {most * _MM:.2f} mm"
    )
    if middle > _FAR * radius:
        note("the scan does not lie on the mesh: give --axes, or pairs of points with --align FILE")
    elif (distances > _FAR * radius * 3).mean() > _MANY_FAR:
        note(
            "many Gaussians are far from the mesh and move with its nearest part: hair, clothes, "
            f"background; --within {3 * _FAR * radius:.2g} leaves them out"
        )
