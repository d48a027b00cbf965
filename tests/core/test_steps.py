"""A network that hears samples is played in windows that leave no seam and know the whole line."""

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from rigtalk.core.actor import Actor
from rigtalk.core.audio import Clip
from rigtalk.core.direction import Direction
from rigtalk.core.errors import RigtalkError
from rigtalk.core.network import Network, load_network
from rigtalk.core.performance import concatenate
from rigtalk.core.steps import STEP_SAMPLES, SampleSteps
from rigtalk.core.take import survey

from .conftest import METADATA

ASKED = Direction(keys=((0.0, {"joy": 0.1}), (9.0, {"joy": 0.9})))
HEARS = METADATA | {
    "input": "samples",
    "normalised": True,
    "window_seconds": 6.0,
    "context_seconds": 1.0,
}


class Session:
    """Stands for onnxruntime: level and emotion of each step, and a part of the window's mean."""

    def __init__(self, attention: float) -> None:
        self.attention = attention
        self.lengths: list[int] = []

    def run(self, names: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        samples, emotion = inputs["samples"], inputs["emotion"]
        steps = samples.shape[1] // STEP_SAMPLES
        assert samples.dtype == emotion.dtype == np.float32
        assert samples.shape[1] == steps * STEP_SAMPLES
        assert emotion.shape == (1, steps, 7)
        self.lengths.append(steps)
        level = np.abs(samples.reshape(steps, STEP_SAMPLES)).mean(axis=1)
        level = level + self.attention * level.mean()
        curves = np.stack([level, emotion[0].sum(axis=1)], axis=1).astype(np.float32)
        return [curves[None], np.clip(level, 0, 1)[None], np.clip(1 - level, 0, 1)[None]]


def network(attention: float = 0.0, *, normalised: bool = True) -> Network:
    return Network(
        Session(attention),
        context_seconds=1.0,
        closure_threshold=0.5,
        hears="samples",
        normalised=normalised,
        window_seconds=6.0,
    )


def steps_of(network: Network, clip: Clip) -> tuple[SampleSteps, int]:
    line = survey(clip, progress=lambda _: None, cancelled=lambda: False)
    return SampleSteps(network, line, clip, ASKED.emotion_at, "arkit"), line.steps


@pytest.mark.parametrize("seconds", [0.01, 1.0, 5.97, 6.0, 6.02, 9.99, 10.0, 14.1, 31.7])
def test_windows_equal_the_whole_where_nothing_is_heard_from_afar(
    babble: np.ndarray, seconds: float
):
    clip = Clip(babble[: max(1, round(16000 * seconds))])
    player = network()
    said, total = steps_of(player, clip)
    curves, _, _ = said.between(0, total)
    samples = np.zeros(total * STEP_SAMPLES)
    samples[: len(clip.samples)] = clip.samples - clip.samples.mean(dtype=np.float64)
    samples /= np.sqrt(clip.samples.var(dtype=np.float64) + 1e-7)
    level = np.abs(samples.reshape(total, -1)).mean(axis=1)
    np.testing.assert_allclose(curves[:, 0], level, atol=1e-4)
    emotion = ASKED.emotion_at(np.arange(total) / 50).sum(axis=1)
    np.testing.assert_allclose(curves[:, 1], emotion, atol=1e-6)
    # Windows of one length, so that attention is always over as much.
    assert set(player.session.lengths) == {min(total, 300)}


def test_between_windows_there_is_a_fade_and_no_step(babble: np.ndarray):
    attention = 0.5
    clip = Clip(babble[: 16000 * 30] * np.linspace(0.2, 1.0, 16000 * 30, dtype=np.float32))
    said, total = steps_of(network(attention), clip)
    curves, _, _ = said.between(0, total)
    alone, _ = steps_of(network(), clip)
    heard = curves[:, 0] - alone.between(0, total)[0][:, 0]  # what attention adds
    assert np.ptp(heard) > 0.05
    # Over a second, a fade of the whole range rises by no more than pi / 2 of its mean slope.
    assert np.abs(np.diff(heard)).max() < np.ptp(heard) * np.pi / 2 / 50 * 1.01


@pytest.mark.parametrize("window", [0.5, 3.3, 100.0])
def test_what_is_asked_for_does_not_decide_what_is_said(
    file: Path, babble: np.ndarray, window: float
):
    actor = Actor.load(file)
    assert actor.network.hears == "samples"
    clip = Clip(babble[: 16000 * 14])
    whole = actor.perform(clip, ASKED, fps=30)
    parts = concatenate(actor.stream(clip, ASKED, fps=30, window=window))
    np.testing.assert_allclose(parts.values, whole.values, atol=1e-6)  # sums of rounded times
    again = actor.perform(clip, ASKED, fps=30)
    np.testing.assert_array_equal(again.values, whole.values)


def test_lines_are_normalised_as_wholes_if_the_network_asks(babble: np.ndarray):
    loud, quiet = Clip(babble[:200000]), Clip(babble[:200000] * 0.5 + 0.05)
    for normalised in (True, False):
        played = []
        for clip in (loud, quiet):
            said, total = steps_of(network(0.5, normalised=normalised), clip)
            played.append(said.between(0, total)[0][:, 0])
        assert np.allclose(*played, atol=1e-3) == normalised


def test_silence_is_silence_whatever_the_network_says(babble: np.ndarray):
    sound = babble[: 16000 * 8].copy()
    sound[16000 * 3 : 16000 * 5] = 0.0
    said, total = steps_of(network(), Clip(sound))
    _, closure, silence = said.between(0, total)
    assert (silence[155:245] == 1.0).all()
    assert (closure[155:245] == 0.0).all()
    assert silence[:150].min() < 0.5
    quiet, total = steps_of(network(), Clip(np.full(16000, 1e-6, dtype=np.float32)))
    assert (quiet.between(0, total)[2] == 1.0).all()


def test_memory_does_not_grow_with_length(babble: np.ndarray):
    class Long:
        """The same sound again and again."""

        source = "long"

        def __init__(self, times: int) -> None:
            self.times = times

        def blocks(self) -> Iterator[np.ndarray]:
            for _ in range(self.times):
                yield babble

    peaks = []
    for times in (3, 30):
        audio = Long(times)
        line = survey(audio, progress=lambda _: None, cancelled=lambda: False)
        said = SampleSteps(network(), line, audio, ASKED.emotion_at, "arkit")
        tracemalloc.start()
        for begin in range(0, line.steps, 1000):
            said.between(begin, min(begin + 1000, line.steps))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def onnx_file(metadata: dict) -> bytes:
    """A network of one layer that hears samples."""
    rng = np.random.default_rng(1)
    constants = {
        "shape": np.array([1, -1, STEP_SAMPLES]),
        "arkit_w": rng.uniform(0, 0.3, (1, 61)).astype(np.float32),
        "metahuman_w": rng.uniform(0, 0.3, (1, 251)).astype(np.float32),
        "felt_w": rng.uniform(0, 0.1, (7, 1)).astype(np.float32),
        "last": np.array([2]),
    }
    node = helper.make_node
    nodes = [
        node("Reshape", ["samples", "shape"], ["rows"]),
        node("Abs", ["rows"], ["size"]),
        node("ReduceMean", ["size"], ["level"], axes=[2], keepdims=1),
        node("MatMul", ["emotion", "felt_w"], ["felt"]),
        node("Add", ["level", "felt"], ["heard"]),
        node("Sigmoid", ["heard"], ["share"]),
        node("MatMul", ["share", "arkit_w"], ["arkit"]),
        node("MatMul", ["share", "metahuman_w"], ["metahuman"]),
        node("Squeeze", ["share", "last"], ["closure"]),
        node("Neg", ["heard"], ["less"]),
        node("Sigmoid", ["less"], ["unheard"]),
        node("Squeeze", ["unheard", "last"], ["silence"]),
    ]
    value, real = helper.make_tensor_value_info, TensorProto.FLOAT
    outputs = {"arkit": [1, "S", 61], "metahuman": [1, "S", 251]}
    outputs |= {"closure": [1, "S"], "silence": [1, "S"]}
    graph = helper.make_graph(
        nodes,
        "hears samples",
        [value("samples", real, [1, "N"]), value("emotion", real, [1, "S", 7])],
        [value(output, real, shape) for output, shape in outputs.items()],
        [numpy_helper.from_array(array, key) for key, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, {"rigtalk": json.dumps(metadata)})
    return model.SerializeToString()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("samples") / "actor.onnx"
    path.write_bytes(onnx_file(HEARS))
    return path


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"input": "spikes"}, "hears 'spikes'; update rigtalk"),
        ({"input": "features"}, "inputs or outputs do not fit"),
        ({"window_seconds": 3.0}, "impossible metadata"),
        ({"window_seconds": 1e6}, "impossible metadata"),
        ({"context_seconds": 0.0}, "impossible metadata"),
        ({"window_seconds": "long"}, "not an actor of rigtalk"),
    ],
)
def test_metadata_that_cannot_be(tmp_path: Path, change: dict, complaint: str):
    path = tmp_path / "actor.onnx"
    path.write_bytes(onnx_file(HEARS | change))
    with pytest.raises(RigtalkError, match=complaint):
        load_network(path, threads=1)


@pytest.mark.parametrize("seconds", [1.0, 6.02, 14.1, 31.7])
def test_a_stretch_is_that_of_the_whole_and_of_its_own_windows_only(
    babble: np.ndarray, seconds: float
):
    clip = Clip(babble[: round(16000 * seconds)])
    player = network(attention=0.3)
    said, total = steps_of(player, clip)
    whole = said.between(0, total)
    for left in range(0, total, 37):
        right = min(left + 60, total)
        player.session.lengths.clear()
        for part, expected in zip(
            steps_of(player, clip)[0].between(left, right), whole, strict=True
        ):
            np.testing.assert_array_equal(part, expected[left:right])
        assert len(player.session.lengths) <= 3
