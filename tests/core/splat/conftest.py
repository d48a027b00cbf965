"""Gaussians at random, and a camera that looks at them."""

from collections.abc import Callable

import numpy as np
import pytest

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.gaussians import Gaussians


def random_gaussians(count: int, degree: int = 1, *, seed: int = 0, size: float = 0.15):
    """Gaussians around the origin, of all opacities and shapes."""
    rng = np.random.default_rng(seed)
    return Gaussians(
        rng.normal(size=(count, 3)),
        np.log(size) + rng.normal(0, 0.7, (count, 3)),
        rng.normal(size=(count, 4)),
        rng.normal(0, 3, count),
        rng.normal(0, 0.4, (count, (degree + 1) ** 2, 3)),
    )


@pytest.fixture
def cloud() -> Callable[..., Gaussians]:
    return random_gaussians


@pytest.fixture
def camera() -> Camera:
    return Camera.look_at((1, 2, 6), (0, 0, 0), field_of_view=0.7, width=48, height=40)
