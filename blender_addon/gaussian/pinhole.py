"""Blender's cameras and viewports as the pinhole camera that Gaussians are drawn with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rigtalk.core.splat.camera import Camera

__all__ = ["Eye", "Window", "eye_of", "window_of"]

_FLIP = np.diag([1.0, -1.0, -1.0])
"""From x right, y up, z backward to x right, y down, z forward."""
_FAR = 1000.0
"""Radii of the head from which a view without perspective is drawn: what is as far out as the head
is large is then off by a thousandth of that."""
_NEAREST = 1e-6
_DILATED = 4
"""Pixels about the outermost Gaussian that the least of them still reaches."""


@dataclass(frozen=True, eq=False)
class Window:
    """The part of a region that has something to show, pixels from its upper left."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class Eye:
    """A camera, and how its depths become those of Blender's depth buffer.

    Attributes
    ----------
    camera : Camera
        In a space whose origin is the `origin` that `eye_of` was given.
    shift : float
        What to take from its depths for the distance before Blender's view.
    depth : tuple of float
        ``(a z + b) / (c z + d)`` is the depth of OpenGL, -1 to 1, for z, the negative of that
        distance.
    """

    camera: Camera
    shift: float
    depth: tuple[float, float, float, float]

    def through(self, window: Window, scale: float = 1.0) -> Camera:
        """The camera that sees but a window, with `scale` times the pixels a side."""
        camera = self.camera
        width, height = (max(1, round(size * scale)) for size in (window.width, window.height))
        wide, high = width / max(window.width, 1), height / max(window.height, 1)
        return replace(
            camera,
            width=width,
            height=height,
            fx=camera.fx * wide,
            fy=camera.fy * high,
            cx=(camera.cx - window.left) * wide,
            cy=(camera.cy - window.top) * high,
        )


def eye_of(
    view: np.ndarray,
    projection: np.ndarray,
    size: tuple[int, int],
    *,
    origin: np.ndarray,
    centre: np.ndarray,
    radius: float,
) -> Eye:
    """The camera of a viewport or of a camera object.

    Parameters
    ----------
    view : np.ndarray, shape (4, 4)
        World to view: x right, y up, z backward.
    projection : np.ndarray, shape (4, 4)
        View to clip coordinates, with perspective or without; lens shift is in it.
    size : (int, int)
        Width and height in pixels.
    origin : np.ndarray, shape (3,)
        Of the space that is drawn in, so that numbers stay small far from the world's origin.
    centre : np.ndarray, shape (3,)
        Of what is drawn, in that space.
    radius : float
        Of a sphere about what is drawn.

    Raises
    ------
    RigtalkError
        If the view is skewed or not finite.
    """
    width, height = size
    view, projection = np.asarray(view, np.float64), np.asarray(projection, np.float64)
    rotation = _FLIP @ view[:3, :3]
    translation = _FLIP @ (view[:3, 3] + view[:3, :3] @ origin)
    half = width / 2, height / 2
    (a, b), (c, d) = projection[2:, 2:].tolist()
    depth = a, b, c, d
    if projection[3, 3] == 0:
        near = projection[2, 3] / (projection[2, 2] - 1)
        camera = Camera(
            width,
            height,
            half[0] * projection[0, 0],
            half[1] * projection[1, 1],
            half[0] * (1 - projection[0, 2]),
            half[1] * (1 + projection[1, 2]),
            rotation,
            translation,
            max(float(near), _NEAREST),
        )
        return Eye(camera, 0.0, depth)
    # From so far behind the head that its rays are as good as parallel, straight at its middle.
    distance = _FAR * max(radius, _NEAREST)
    middle = rotation @ centre + translation
    scale = half[0] * projection[0, 0], half[1] * projection[1, 1]
    camera = Camera(
        width,
        height,
        scale[0] * distance,
        scale[1] * distance,
        half[0] * (1 + projection[0, 3]) + scale[0] * middle[0],
        half[1] * (1 - projection[1, 3]) + scale[1] * middle[1],
        rotation,
        translation - middle + (0.0, 0.0, distance),
        distance / 2,
    )
    return Eye(camera, float(distance - middle[2]), depth)


def window_of(camera: Camera, vertices: np.ndarray, reach: float) -> Window:
    """The pixels that Gaussians on some vertices may touch.

    Parameters
    ----------
    camera : Camera
    vertices : np.ndarray, shape (V, 3)
        In the camera's space.
    reach : float
        How far Gaussians stand out from the mesh.
    """
    if not len(vertices) or not camera.width or not camera.height:
        return Window(0, 0, 0, 0)
    seen = np.ascontiguousarray(camera.rotation @ vertices.T) + camera.translation[:, None]
    depth = seen[2]
    if depth.max() + reach < camera.near:
        return Window(0, 0, 0, 0)
    if depth.min() - reach <= camera.near:
        return Window(0, 0, camera.width, camera.height)
    edges = []
    for axis, focal, middle, size in (
        (0, camera.fx, camera.cx, camera.width),
        (1, camera.fy, camera.cy, camera.height),
    ):
        slope = seen[axis] / depth
        at = focal * slope + middle
        # Seen at an angle, a ball's outline is the wider for it.
        slant = np.hypot(1.0, np.abs(slope).max())
        more = focal * reach / (depth.min() - reach) * slant + _DILATED
        low = int(np.floor(np.clip(at.min() - more, 0, size)))
        high = int(np.ceil(np.clip(at.max() + more, 0, size)))
        edges.append((low, max(0, high - low)))
    (left, width), (top, height) = edges
    return Window(left, top, width, height)
