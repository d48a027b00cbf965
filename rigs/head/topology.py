"""The cage of the skin: a grid round the head with loops round mouth, eyes and nostrils.

Half the head is laid out and mirrored. A block of the grid is left out at each opening and filled
with rings that have as many points as the block's rim; the rings are placed in the plane of the
face and then lifted on to the sculpted form. The last rings of lips, lids and nostrils are shaped
in space.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .lids import EYE_RINGS, eye_ring
from .lips import MOUTH_RINGS, mouth_ring
from .surface import locate, loft, sculpt, smoothstep

__all__ = ["Cage", "build_cage"]

# Columns: angle around the head in degrees; 0 is the middle of the face.
_COLUMNS = np.array(
    [
        0, 3.4, 7, 11, 15, 19.5, 24.2, 29.2, 34.5, 40.2, 46.6, 54,
        62, 70, 78, 86, 94, 103, 113, 124, 135, 146, 157, 168.5, 180,
    ],
    dtype=float,
)  # fmt: skip
# Rows: ring number at the middle of the face and at the side; rows crowd under the nose only.
_ROWS = np.array(
    [
        [1.0, 1.0], [1.5, 1.5], [2.0, 2.0], [2.5, 2.5], [3.0, 3.0], [3.4, 3.4], [3.75, 3.72],
        [4.05, 4.02], [4.5, 4.42], [4.97, 4.86], [5.45, 5.38], [5.86, 5.84],
        [6.2, 6.18], [6.47, 6.45], [6.66, 6.66], [6.80, 6.82], [6.93, 6.98], [7.06, 7.14],
        [7.28, 7.32], [7.66, 7.68], [8.0, 8.0], [8.45, 8.4], [9.0, 8.9],
        [9.5, 9.4], [10.0, 9.9], [10.5, 10.4], [11.0, 10.9], [11.5, 11.4], [12.0, 12.0],
        [12.6, 12.6], [13.3, 13.3], [14.0, 14.0], [14.7, 14.7], [15.4, 15.4], [16.0, 16.0],
        [16.6, 16.6], [17.2, 17.2], [18.0, 18.0],
    ]
)  # fmt: skip
_EYE_BLOCK = (7, 11, 2, 11)  # rows, columns
_MOUTH_BLOCK = (18, 22, 0, 7)
_NOSTRIL_BLOCK = (15, 17, 1, 3)


@dataclass
class Cage:
    """Vertices (V, 3) in mm, faces (F, 4), and names of what each vertex belongs to.

    `rings` maps ``"mouth"``, ``"eye_left"`` … to arrays (levels, points) of vertex indices;
    `material` is one name for each face.
    """

    vertices: np.ndarray
    faces: np.ndarray
    material: list[str]
    rings: dict[str, np.ndarray] = field(default_factory=dict)
    mirror: np.ndarray = field(default_factory=lambda: np.zeros(0, int))


class _Half:
    """Collects the vertices and faces of the left half."""

    def __init__(self) -> None:
        self.points: list[np.ndarray] = []
        self.faces: list[tuple[int, int, int, int]] = []
        self.material: list[str] = []

    def add(self, points: np.ndarray) -> np.ndarray:
        start = len(self.points)
        self.points.extend(points.reshape(-1, 3))
        return np.arange(start, start + points.reshape(-1, 3).shape[0]).reshape(points.shape[:-1])

    def quad(self, a: int, b: int, c: int, d: int, material: str = "skin") -> None:
        self.faces.append((int(a), int(b), int(c), int(d)))
        self.material.append(material)

    def band(self, outer: np.ndarray, inner: np.ndarray, material: str, *, closed: bool) -> None:
        count = len(outer) if closed else len(outer) - 1
        for k in range(count):
            n = (k + 1) % len(outer)
            self.quad(outer[k], inner[k], inner[n], outer[n], material)


def _grid() -> tuple[np.ndarray, np.ndarray]:
    spread = smoothstep(_COLUMNS, 14.0, 34.0)[None, :]
    v = _ROWS[:, :1] * (1.0 - spread) + _ROWS[:, 1:] * spread
    return np.broadcast_to(_COLUMNS[None, :], v.shape), v


def _rim(block: tuple[int, int, int, int], *, half: bool) -> list[tuple[int, int]]:
    """Grid positions around a block: from the top middle out and down, or all the way round."""
    top, bottom, near, far = block
    upper = [(top, c) for c in range(near, far)]
    side = [(r, far) for r in range(top, bottom)]
    lower = [(bottom, c) for c in range(far, near, -1)]
    if half:
        return [*upper, *side, *lower, (bottom, near)]
    back = [(r, near) for r in range(bottom, top, -1)]
    return [*upper, *side, *lower, *back]


def _inside(row: int, column: int, block: tuple[int, int, int, int]) -> bool:
    top, bottom, near, far = block
    return top <= row < bottom and near <= column < far


def _lifted(plane: np.ndarray) -> np.ndarray:
    """Points (n, 2) of the face plane (x, z) on the sculpted form."""
    return sculpt(loft(*locate(plane[:, 0], plane[:, 1])))


def build_cage() -> Cage:
    """The whole cage, both halves."""
    half = _Half()
    u, v = _grid()
    plain = loft(u, v)
    grid = half.add(sculpt(plain))
    blocks = (_EYE_BLOCK, _MOUTH_BLOCK, _NOSTRIL_BLOCK)
    holes = np.zeros(grid.shape, bool)
    for top, bottom, near, far in blocks:
        holes[top + 1 : bottom, near + 1 : far] = True
    holes[_MOUTH_BLOCK[0] + 1 : _MOUTH_BLOCK[1], 0] = True
    for r in range(grid.shape[0] - 1):
        for c in range(grid.shape[1] - 1):
            if not any(_inside(r, c, block) for block in blocks):
                half.quad(grid[r, c], grid[r + 1, c], grid[r + 1, c + 1], grid[r, c + 1])
    rings = {
        "mouth": _mouth(half, grid, plain),
        "eye_left": _eye(half, grid, plain),
        "nostril_left": _nostril(half, grid),
    }
    return _whole(half, grid, holes, rings)


def _mouth(half: _Half, grid: np.ndarray, plain: np.ndarray) -> np.ndarray:
    rim = _rim(_MOUTH_BLOCK, half=True)
    start = np.array([plain[r, c][[0, 2]] for r, c in rim])
    levels = [np.array([grid[r, c] for r, c in rim])]
    for ring in MOUTH_RINGS:
        points = mouth_ring(ring, start, _lifted)
        points[[0, -1], 0] = 0.0
        levels.append(half.add(points))
        half.band(levels[-2], levels[-1], ring.material, closed=False)
    last = levels[-1]
    n = len(last) // 2
    for k in range(n - 1):
        half.quad(last[k], last[-1 - k], last[-2 - k], last[k + 1], "mouth")
    half.quad(last[n - 1], last[n + 1], last[n], -1, "mouth")
    return np.array(levels)


def _eye(half: _Half, grid: np.ndarray, plain: np.ndarray) -> np.ndarray:
    rim = _rim(_EYE_BLOCK, half=False)
    start = np.array([plain[r, c][[0, 2]] for r, c in rim])
    levels = [np.array([grid[r, c] for r, c in rim])]
    for ring in EYE_RINGS:
        levels.append(half.add(eye_ring(ring, start, _lifted)))
        half.band(levels[-2], levels[-1], ring.material, closed=True)
    return np.array(levels)


def _nostril(half: _Half, grid: np.ndarray) -> np.ndarray:
    rim = _rim(_NOSTRIL_BLOCK, half=False)
    outer = np.array([grid[r, c] for r, c in rim])
    points = np.array([half.points[i] for i in outer])
    levels = [outer]
    centre = points.mean(axis=0)
    # The middles of the four sides span an ellipse; the rings go round it, then up into the nose.
    across, along = (points[3] - points[7]) / 2.0, (points[1] - points[5]) / 2.0
    turn = np.radians([135.0, 90.0, 45.0, 0.0, -45.0, -90.0, -135.0, 180.0])[:, None]
    inward = np.array([0.8, 4.0, 6.5])
    for shrink, depth in ((0.82, 0.0), (0.74, 0.16), (0.68, 0.6), (0.45, 1.0)):
        oval = across * np.cos(turn) * 0.9 + along * np.sin(turn)
        # The outermost ring is half the rim's own shape, so that the skin does not fold.
        own = 0.5 if depth == 0.0 else 0.0
        ring = centre + ((1.0 - own) * oval + own * 0.8 * (points - centre)) * shrink
        ring = ring + inward * depth
        levels.append(half.add(ring))
        half.band(levels[-2], levels[-1], "skin" if depth < 0.2 else "nostril", closed=True)
    last = levels[-1]
    for a, b, c, d in ((0, 7, 6, 1), (1, 6, 5, 2), (2, 5, 4, 3)):
        half.quad(last[a], last[b], last[c], last[d], "nostril")
    return np.array(levels)


def _whole(half: _Half, grid: np.ndarray, holes: np.ndarray, rings: dict[str, np.ndarray]) -> Cage:
    """Drops unused points, mirrors, and closes the crown."""
    points = np.array(half.points)
    faces = np.array(half.faces)
    used = np.ones(len(points), bool)
    used[grid[holes]] = False
    middle = np.zeros(len(points), bool)
    middle[grid[:, 0]] = middle[grid[:, -1]] = True
    for ring in rings["mouth"]:
        middle[ring[[0, -1]]] = True
    points[middle, 0] = 0.0
    left = np.full(len(points), -1)
    left[used] = np.arange(used.sum())
    right = left.copy()
    outer = used & ~middle
    right[outer] = used.sum() + np.arange(outer.sum())
    vertices = np.concatenate([points[used], points[outer] * [-1.0, 1.0, 1.0]])
    mirror = np.empty(len(vertices), int)
    mirror[left[used]] = right[used]
    mirror[right[used]] = left[used]

    def map_faces(table: np.ndarray) -> np.ndarray:
        return np.where(faces >= 0, table[faces], -1)

    flipped = map_faces(right)[:, [0, 3, 2, 1]]
    triangle = faces[:, 3] < 0
    flipped[triangle] = map_faces(right)[triangle][:, [0, 2, 1, 3]]
    all_faces = np.concatenate([map_faces(left), flipped])
    material = half.material * 2
    named = {
        "mouth": np.concatenate([left[rings["mouth"]], right[rings["mouth"]][:, -2:0:-1]], axis=1)
    }
    for name in ("eye", "nostril"):
        named[f"{name}_left"] = left[rings[f"{name}_left"]]
        named[f"{name}_right"] = right[rings[f"{name}_left"]]
    cage = Cage(vertices, all_faces, material, named, mirror)
    top = np.concatenate([left[grid[0]], right[grid[0]][-2:0:-1]])
    _close_crown(cage, top)
    return cage


def _close_crown(cage: Cage, ring: np.ndarray) -> None:
    """A square patch of quads, bent into a disc, over the ring at the crown (4 k points)."""
    side = len(ring) // 4
    place: dict[tuple[int, int], int] = {}
    # Corner (0, 0) sits a quarter of a side off the middle so that the patch mirrors on itself.
    path = (
        [(i, 0) for i in range(side)]
        + [(side, i) for i in range(side)]
        + [(i, side) for i in range(side, 0, -1)]
        + [(0, i) for i in range(side, 0, -1)]
    )
    shift = side // 2
    for k, where in enumerate(path):
        place[where] = int(ring[(k - shift) % len(ring)])
    added: list[np.ndarray] = []
    grid = {}
    for i in range(1, side):
        for j in range(1, side):
            a, b = 2.0 * i / side - 1.0, 2.0 * j / side - 1.0
            x, y = a * np.sqrt(1.0 - b * b / 2.0), b * np.sqrt(1.0 - a * a / 2.0)
            radius = min(np.hypot(x, y), 1.0)
            angle = np.degrees(np.arctan2(x, -y))
            # Columns are not evenly spaced: turn with them, so that the patch meets the ring.
            column = np.interp(abs(angle), np.linspace(0.0, 180.0, len(_COLUMNS)), _COLUMNS)
            point = loft(np.array(column), np.array(radius))
            point[0] *= np.sign(angle) if abs(angle) > 1e-9 else 0.0
            grid[i, j] = len(cage.vertices) + len(added)
            added.append(point)
    place.update(grid)
    cage.vertices = np.concatenate([cage.vertices, np.array(added)])
    mirror = np.array([grid[side - i, j] for i in range(1, side) for j in range(1, side)])
    cage.mirror = np.concatenate([cage.mirror, mirror])
    faces = [
        (place[i, j], place[i + 1, j], place[i + 1, j + 1], place[i, j + 1])
        for i in range(side)
        for j in range(side)
    ]
    cage.faces = np.concatenate([cage.faces, np.array(faces)])
    cage.material = cage.material + ["skin"] * len(faces)
