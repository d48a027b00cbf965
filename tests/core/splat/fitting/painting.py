"""A slow rasteriser of triangles: what a bake's pictures are made by where there is no Blender."""

import numpy as np

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.fitting.capture import CaptureFolder


def painted(
    camera: Camera, vertices: np.ndarray, triangles: np.ndarray, colours: np.ndarray
) -> np.ndarray:
    """RGBA (h, w, 4): colours (V, 3) of vertices, the nearest triangle wins; 4 samples a pixel."""
    fine = 2
    height, width = fine * camera.height, fine * camera.width
    points = vertices.astype(float) @ camera.rotation.T + camera.translation
    u = fine * (camera.fx * points[:, 0] / points[:, 2] + camera.cx)
    v = fine * (camera.fy * points[:, 1] / points[:, 2] + camera.cy)
    depth = np.full((height, width), np.inf)
    picture = np.zeros((height, width, 4))
    for corners in triangles:
        x, y, z, c = u[corners], v[corners], points[corners, 2], colours[corners]
        left, right = max(0, int(x.min())), min(width, int(x.max()) + 2)
        top, bottom = max(0, int(y.min())), min(height, int(y.max()) + 2)
        area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
        if left >= right or top >= bottom or abs(area) < 1e-12:
            continue
        px, py = np.meshgrid(np.arange(left, right) + 0.5, np.arange(top, bottom) + 0.5)
        b = ((px - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (py - y[0])) / area
        c2 = ((x[1] - x[0]) * (py - y[0]) - (px - x[0]) * (y[1] - y[0])) / area
        a = 1 - b - c2
        far = a * z[0] + b * z[1] + c2 * z[2]
        there = depth[top:bottom, left:right]
        hit = (a >= 0) & (b >= 0) & (c2 >= 0) & (far < there)
        there[hit] = far[hit]
        colour = a[..., None] * c[0] + b[..., None] * c[1] + c2[..., None] * c[2]
        picture[top:bottom, left:right][hit] = np.concatenate(
            [colour[hit], np.ones((hit.sum(), 1))], axis=1
        )
    premultiplied = picture.reshape(camera.height, fine, camera.width, fine, 4).mean(axis=(1, 3))
    straight = premultiplied.copy()
    straight[..., :3] /= np.maximum(premultiplied[..., 3:], 1e-9)
    return straight


def take_all(folder: CaptureFolder, *, only: int | None = None) -> None:
    """Take the pictures that are missing: a ball with a pattern, reddening where its jaw opens."""
    head = folder.head
    rest = head.mesh.vertices / 0.1
    pattern = 0.5 + 0.35 * np.sin(rest @ [[5, 1, 0], [0, 6, 2], [3, 0, 7]])
    for index in folder.missing()[:only]:
        weights = folder.shots[index].weights
        moved, red = head.mesh.vertices.copy(), np.zeros(len(rest))
        for name, weight in weights.items():
            at = head.control_names.index(name)
            moved += weight * head.control_deltas[at].astype(np.float32)
            if name == "jawOpen":
                red = weight * 0.3 * np.linalg.norm(head.control_deltas[at], axis=1) / 0.04
        colours = pattern + red[:, None] * [1, -0.5, -0.5]
        camera = folder.shots[index].camera
        pixels = painted(camera, moved, head.mesh.triangles, np.clip(colours, 0, 1))
        folder.add(index, pixels, moved)
