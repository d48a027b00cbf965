"""Scenes of a bound and corrected head, and what a loss may want of a picture."""

import numpy as np

from rigtalk.core.splat.correctives import CHANNELS, Correctives
from rigtalk.core.splat.mesh import Mesh

__all__ = ["correctives", "head", "wanted"]


def head(some, count=150, degree=1):
    """Gaussians, a bumpy sheet, and where on it they are."""
    rng = np.random.default_rng(5)
    grid = np.linspace(-1, 1, 5)
    x, y = (each.ravel() for each in np.meshgrid(grid, grid))
    at = np.arange(25).reshape(5, 5)
    a, b, c, d = (each.ravel() for each in (at[:-1, :-1], at[:-1, 1:], at[1:, 1:], at[1:, :-1]))
    triangles = np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])
    mesh = Mesh(np.stack([x, y, 0.2 * np.sin(3 * x) * y], axis=1), triangles)
    binding = rng.integers(0, len(triangles), count), rng.dirichlet((1, 1, 1), count)
    return some(count, degree, seed=3, size=0.1), mesh, binding


def correctives(gaussians, bases=3, *, without=()):
    """Of some of the Gaussians, and of some of their harmonics."""
    rng = np.random.default_rng(8)
    shapes = {name: getattr(gaussians, name).shape for name in CHANNELS}
    shapes["rotations"] = shapes["positions"]
    shapes["sh"] = (len(gaussians), max(1, shapes["sh"][1] - 1), 3)
    some = rng.random((bases, len(gaussians))) < 0.6
    dense = {}
    for name, shape in shapes.items():
        values = rng.normal(0, 0.15, (bases, *shape))
        dense[name] = values * some.reshape(*some.shape, *(1,) * (values.ndim - 2))
    kept = {name: values for name, values in dense.items() if name not in without}
    return Correctives.of_dense(np.ones((2, bases), np.float32), kept)


def wanted(camera, seed=0):
    rng = np.random.default_rng(seed)
    size = camera.height, camera.width
    return {
        "d_rgba": rng.normal(size=(*size, 4)).astype(np.float32),
        "error": rng.random(size).astype(np.float32),
    }
