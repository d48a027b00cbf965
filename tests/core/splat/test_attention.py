from dataclasses import replace

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.attention import ATTENTION_CHANNELS, Attention, attention_offsets
from rigtalk.core.splat.correctives import Correctives, changed
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh

from .conftest import random_attention as made

ALL = tuple(ATTENTION_CHANNELS)


def slowly(attention: Attention, heard: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The same, one Gaussian after another, in doubles: (m, numbers)."""
    w = {name: values.astype(np.float64) for name, values in attention.arrays.items()}
    tokens = []
    for part in heard.reshape(2, -1):
        inner = np.maximum(part @ w["sound_in"] + w["sound_in_bias"], 0)
        tokens.append(inner @ w["sound_out"] + w["sound_place"][len(tokens)])
    told = np.maximum(weights @ w["weights_in"] + w["weights_in_bias"], 0)
    told = told @ w["weights_out"] + w["weights_out_bias"]
    tokens += [*np.split(told, 2), w["null"][0]]
    rows = []
    for x in w["embedding"]:
        for layer in range(len(w["query"])):
            query = x @ w["query"][layer] + w["query_bias"][layer]
            seen = []
            for part in np.split(np.arange(len(x)), attention.heads):
                keys = [(t @ w["key"][layer])[part] for t in tokens]
                values = [(t @ w["value"][layer] + w["value_bias"][layer])[part] for t in tokens]
                scores = np.array([query[part] @ key for key in keys]) / np.sqrt(len(part))
                share = np.exp(scores - scores.max())
                seen.append(np.average(values, axis=0, weights=share))
            x = x + np.concatenate(seen) @ w["out"][layer]
        inner = np.maximum(x @ w["inner"] + w["inner_bias"], 0)
        rows.append(inner @ w["output"] + w["output_bias"])
    return np.array(rows)


@pytest.fixture
def frame():
    rng = np.random.default_rng(5)
    return rng.uniform(0, 1, (4, 64)).astype(np.float32), np.array([0.1, 0.7, 0.0], np.float32)


def columns(offsets: dict, index) -> np.ndarray:
    return np.concatenate([v[index].reshape(len(index), -1) for v in offsets.values()], axis=1)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("heads", [1, 2, 4])
def test_it_is_what_the_formula_says(frame, layers, heads):
    attention = made(layers=layers, heads=heads)
    offsets = attention.offsets(attention.tokens(*frame), 40)
    index = attention.arrays["index"]
    expected = slowly(attention, *frame)
    assert np.abs(expected).max() > 0.3
    np.testing.assert_allclose(columns(offsets, index), expected, rtol=1e-4, atol=1e-5)


def test_many_gaussians_in_blocks(frame):
    attention = made(range(5000))
    offsets = attention.offsets(attention.tokens(*frame), 5000)
    few = [0, 1, 2047, 2048, 4095, 4096, 4999]
    part = Attention(
        ALL, 2,
        attention.arrays
        | {"index": np.array(few), "embedding": attention.arrays["embedding"][few]},
    )  # fmt: skip
    np.testing.assert_allclose(columns(offsets, few), slowly(part, *frame), rtol=1e-3, atol=1e-5)


def test_great_scores_do_not_overflow(frame):
    attention = made(size=6.0)
    found = columns(attention.offsets(attention.tokens(*frame), 40), attention.arrays["index"])
    expected = slowly(attention, *frame)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())


def test_only_those_that_take_part_change(frame):
    attention = made(channels=("positions", "opacity_logits"))
    offsets = attention.offsets(attention.tokens(*frame), 50)
    assert {name: v.shape for name, v in offsets.items()} == {
        "positions": (50, 3), "opacity_logits": (50,),
    }  # fmt: skip
    assert not offsets["positions"][1::2].any()
    assert offsets["positions"][:40:2].all()
    assert not offsets["opacity_logits"][40:].any()


def test_sound_and_weights_are_both_heard(frame):
    attention = made()
    heard, weights = frame
    first = attention.offsets(attention.tokens(heard, weights), 40)["positions"]
    for other in ((heard[::-1], weights), (heard, weights[::-1])):
        then = attention.offsets(attention.tokens(*other), 40)["positions"]
        assert np.abs(then - first).max() > 1e-3


def test_none_take_part(frame):
    attention = made(range(0))
    offsets = attention.offsets(attention.tokens(*frame), 4)
    assert not any(values.any() for values in offsets.values())


def _with(**arrays):
    return lambda a: Attention(a.channels, a.heads, a.arrays | arrays)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda a: Attention(("smell",), 2, a.arrays), "changes no smell"),
        (lambda a: Attention((), 2, a.arrays), "changes no"),
        (lambda a: Attention(ALL[::-1], 2, a.arrays), "changes no sh"),
        (lambda a: Attention(ALL[:2], 2, a.arrays), "output has the shape"),
        (lambda a: Attention(ALL, 3, a.arrays), "divide"),
        (lambda a: Attention(ALL, 0, a.arrays), "size of 0"),
        (_with(key=np.zeros((1, 8, 9))), "key has the shape"),
        (_with(key=np.zeros((2, 8, 8))), "key has the shape"),
        (_with(null=np.zeros(8)), "null has the shape"),
        (_with(null=np.zeros((0, 8))), "size of 0"),
        (_with(inner=np.full((8, 7), np.nan)), "inner has numbers that are not finite"),
        (_with(embedding=np.full((20, 8), 1e6)), "embedding has numbers"),
        (_with(index=np.arange(20)[::-1]), "rising"),
        (_with(index=np.arange(-1, 19)), "rising"),
        (_with(index=np.arange(21)), "embedding has the shape"),
        (_with(smell=np.zeros(1)), "smell"),
        (lambda a: Attention(ALL, 2, dict(list(a.arrays.items())[1:])), "lacks arrays.*index"),
    ],
)  # fmt: skip
def test_bad_arrays_are_refused(change, what):
    with pytest.raises(RigtalkError, match=what):
        change(made())


@pytest.fixture
def head(cloud) -> SplatHead:
    rng = np.random.default_rng(1)
    mesh = Mesh(rng.normal(size=(9, 3)), np.arange(9).reshape(3, 3))
    return SplatHead(
        cloud(40, 1), rng.integers(3, size=40), rng.dirichlet((1, 1, 1), 40), mesh,
        shape_names=("a", "b", "c"), shape_deltas=rng.normal(0, 0.1, (3, 9, 3)),
        correctives=Correctives.of_dense(
            rng.normal(size=(3, 1)), {"sh": rng.normal(size=(1, 40, 4, 3))}
        ),
        attention=made(),
    )  # fmt: skip


def test_a_head_is_posed_with_it(head, frame):
    heard, weights = frame
    features = np.concatenate([np.zeros((48, 64)), heard, np.zeros((48, 64))]).astype(np.float32)
    offsets = attention_offsets(head, features, weights, 0.495)
    expected = head.attention.offsets(head.attention.tokens(heard, weights), 40)
    for name, values in expected.items():
        np.testing.assert_allclose(offsets[name], values, atol=1e-4)
    coefficients = head.correctives.coefficients(weights)
    corrected = head.corrected(coefficients, offsets)
    both = changed(head.correctives.applied(head.gaussians, coefficients), offsets)
    np.testing.assert_array_equal(corrected.sh, both.sh)
    assert np.abs(corrected.sh - head.gaussians.sh)[0].max() > 1e-3
    vertices = head.vertices(weights)
    plain = replace(head, gaussians=corrected, correctives=None, attention=None)
    ours, theirs = head.posed(vertices, coefficients, None, offsets), plain.posed(vertices)
    np.testing.assert_array_equal(ours.positions, theirs.positions)
    np.testing.assert_array_equal(ours.sh, theirs.sh)


def test_without_an_attention_there_are_no_offsets(head, frame):
    assert attention_offsets(replace(head, attention=None), frame[0], frame[1], 0.0) is None


def test_offsets_of_every_channel_are_added(cloud):
    gaussians = cloud(5, 2)
    change = {
        "positions": np.full((5, 3), 0.5), "log_scales": np.full((5, 3), 100.0),
        "opacity_logits": np.full(5, -1.0), "sh": np.full((5, 1, 3), 0.25),
        "rotations": np.tile([np.pi, 0, 0], (5, 1)),
    }  # fmt: skip
    after = changed(gaussians, change)
    np.testing.assert_allclose(after.positions, gaussians.positions + 0.5)
    assert (after.log_scales == 30).all()
    np.testing.assert_allclose(after.sh[:, 0], gaussians.sh[:, 0] + 0.25)
    np.testing.assert_array_equal(after.sh[:, 1:], gaussians.sh[:, 1:])
    w, x, y, z = gaussians.rotations.T  # half a turn about the own x: q (0, 1, 0, 0)
    np.testing.assert_allclose(after.rotations, np.stack([-x, w, z, -y], 1), atol=1e-6)
    assert isinstance(after, Gaussians)


def test_an_attention_of_another_head_is_refused(head):
    with pytest.raises(RigtalkError, match="knows 4 shapes, the head has 3"):
        replace(head, attention=made(shapes=4))
    with pytest.raises(RigtalkError, match="more than 40"):
        replace(head, attention=made(range(0, 42, 2)))
