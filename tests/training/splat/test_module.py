import numpy as np
import pytest
import torch

from rigtalk.training.splat.export import export_attention
from rigtalk.training.splat.module import AttentionConfig, GaussianAttention

CHANNELS = {"positions": 3, "opacity_logits": 1, "sh": 3}


def made(config: AttentionConfig, count: int = 70) -> GaussianAttention:
    """One whose every number is at random, output included."""
    torch.manual_seed(3)
    module = GaussianAttention(
        config, torch.randn(count, 9), 6, CHANNELS, [0.01] * 3 + [0.5] + [0.1] * 3
    )
    with torch.no_grad():
        for values in module.parameters():
            values.normal_(0, 0.3)
    return module


@pytest.mark.parametrize(
    "config",
    [
        AttentionConfig(),
        AttentionConfig(layers=2, heads=4, hidden=12),
        AttentionConfig(window=12, sounds=3, expressions=1, width=8, inner=10),
        AttentionConfig(audio=False),
    ],
)
def test_numpy_says_what_torch_says(config):
    module = made(config)
    index = np.arange(70) * 2 + 1
    attention = export_attention(module, index, size=0.25)
    rng = np.random.default_rng(0)
    heard = rng.uniform(0, 1, (config.window, 64)).astype(np.float32)
    weights = rng.uniform(0, 1, 6).astype(np.float32)
    assert attention.window == config.window
    found = attention.offsets(attention.tokens(heard, weights), 150)
    with torch.no_grad():
        said = module(
            torch.from_numpy(heard)[None], torch.from_numpy(weights)[None], torch.arange(70)
        )
        said = (said[0] * module.scales).numpy()
    expected = {
        "positions": said[:, :3] * 0.25,
        "opacity_logits": said[:, 3],
        "sh": said[:, None, 4:],
    }
    for name, values in expected.items():
        # Embeddings are kept in half precision: 11 bits.
        np.testing.assert_allclose(
            found[name][index], values, rtol=0.01, atol=2e-3 * np.abs(values).max()
        )


def test_it_begins_with_no_offsets():
    module = GaussianAttention(AttentionConfig(), torch.randn(5, 4), 3, CHANNELS, [1.0] * 7)
    heard, weights = torch.rand(2, 32, 64), torch.rand(2, 3)
    said = module(heard, weights, torch.arange(5))
    assert said.shape == (2, 5, 7)
    assert not said.any()


def test_without_audio_sound_changes_nothing():
    weights = torch.rand(1, 6)
    for audio in (True, False):
        module = made(AttentionConfig(audio=audio))
        first, second = (module(torch.rand(1, 32, 64), weights, torch.arange(70)) for _ in "ab")
        assert torch.equal(first, second) is not audio


def test_every_number_learns():
    module = made(AttentionConfig(layers=2))
    module(torch.rand(2, 32, 64), torch.rand(2, 6), torch.arange(70)).square().sum().backward()
    for name, values in module.named_parameters():
        assert values.grad is not None, name
        assert values.grad.abs().max() > 0, name
