"""Gaussians at random, and a camera that looks at them."""

from collections.abc import Callable

import numpy as np
import pytest

from rigtalk.core.splat.attention import ATTENTION_CHANNELS, Attention
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


def random_attention(
    index=range(0, 40, 2),
    *,
    channels=tuple(ATTENTION_CHANNELS),
    layers=1,
    heads=2,
    shapes=3,
    size=0.4,
    width=8,
    seed=0,
) -> Attention:
    """An attention of two parts of sound, two tokens of expression and a null token, at random."""
    rng = np.random.default_rng(seed)

    def some(*shape):
        return rng.normal(0, size, shape)

    numbers = sum(ATTENTION_CHANNELS[name] for name in channels)
    arrays = {
        "index": np.array(index),
        "embedding": some(len(index), width),
        "sound_in": some(128, 5),
        "sound_in_bias": some(5),
        "sound_out": some(5, width),
        "sound_place": some(2, width),
        "weights_in": some(shapes, 6),
        "weights_in_bias": some(6),
        "weights_out": some(6, 2 * width),
        "weights_out_bias": some(2 * width),
        "null": some(1, width),
        "query": some(layers, width, width),
        "query_bias": some(layers, width),
        "key": some(layers, width, width),
        "value": some(layers, width, width),
        "value_bias": some(layers, width),
        "out": some(layers, width, width),
        "inner": some(width, 7),
        "inner_bias": some(7),
        "output": some(7, numbers),
        "output_bias": some(numbers),
    }
    return Attention(channels, heads, arrays)


@pytest.fixture
def cloud() -> Callable[..., Gaussians]:
    return random_gaussians


@pytest.fixture
def camera() -> Camera:
    return Camera.look_at((1, 2, 6), (0, 0, 0), field_of_view=0.7, width=48, height=40)
