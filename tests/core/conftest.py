"""A small network that keeps the contract of the actor, so that tests do not hang on weights."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import soundfile
from onnx import TensorProto, helper, numpy_helper

from rigtalk.core.actor import Actor
from rigtalk.core.speech.phones import SYMBOL_IDS, SYMBOLS
from rigtalk.rigs import control_set

CONTEXT_SECONDS = 0.4
METADATA = {
    "format": 1,
    "context_seconds": CONTEXT_SECONDS,
    "control_sets": {"arkit": 1, "metahuman": 1},
    "closure_threshold": 0.5,
}


def build_network(
    metadata: dict | str = METADATA, *, mels: int = 64, phones: bool = False
) -> bytes:
    """Two convolutions over time; quiet is silence, a dip in level is a closure.

    With `phones` it also takes silence for sil, a dip for m and everything else for aa.
    """
    rng = np.random.default_rng(7)
    weights = {
        "down_w": rng.normal(0, 0.05, (8, mels, 9)),
        "wide_w": rng.normal(0, 0.1, (8, 8, 31)),
        "emotion_w": rng.normal(0, 0.3, (8, 7, 1)),
        "arkit_w": rng.normal(0, 0.4, (61, 8, 1)),
        "metahuman_w": rng.normal(0, 0.4, (251, 8, 1)),
        # Mean level over 20 ms: below 0.15 it is silence, below 0.36 a closure.
        "level_w": np.full((1, mels, 2), 1 / (2 * mels)),
    }
    for name in ("arkit", "metahuman"):
        layers = control_set(name).in_region("eyes", "head")
        weights[f"{name}_w"][layers] = 0.0
        # Without closures the mouth would stand open.
        names = control_set(name).names
        weights[f"{name}_b"] = np.array([0.5 * n.endswith("jawOpen") for n in names])
        apart = [i for i, n in enumerate(names) if "mouthClose" in n or "LipsTogether" in n]
        weights[f"{name}_w"][apart] = 0.0
    constants = {
        "zero": np.zeros(()),
        "one": np.ones(()),
        "silence_at": np.full((), 0.15),
        "closure_at": np.full((), 0.36),
        "steep": np.full((), 100.0),
        "one_axis": np.array([1]),
    }
    initializers = [
        numpy_helper.from_array(value.astype(np.int64 if name == "one_axis" else np.float32), name)
        for name, value in {**weights, **constants}.items()
    ]
    node = helper.make_node
    nodes = [
        node("Transpose", ["features"], ["x"], perm=[0, 2, 1]),
        node("Conv", ["x", "down_w"], ["down"], strides=[2], pads=[4, 3]),
        node("Tanh", ["down"], ["down_t"]),
        node("Conv", ["down_t", "wide_w"], ["wide"], pads=[15, 15]),
        node("Transpose", ["emotion"], ["e"], perm=[0, 2, 1]),
        node("Conv", ["e", "emotion_w"], ["felt"]),
        node("Add", ["wide", "felt"], ["hidden"]),
        node("Conv", ["x", "level_w"], ["level3"], strides=[2]),
        node("Squeeze", ["level3", "one_axis"], ["level"]),
        node("Sub", ["silence_at", "level"], ["below"]),
        node("Mul", ["below", "steep"], ["silence_logit"]),
        node("Sigmoid", ["silence_logit"], ["silence"]),
        node("Sub", ["closure_at", "level"], ["dip"]),
        node("Mul", ["dip", "steep"], ["closure_logit"]),
        node("Sigmoid", ["closure_logit"], ["closure"]),
    ]
    for name in ("arkit", "metahuman"):
        nodes += [
            node("Conv", ["hidden", f"{name}_w", f"{name}_b"], [f"{name}_raw"]),
            node("Clip", [f"{name}_raw", "zero", "one"], [f"{name}_c"]),
            node("Transpose", [f"{name}_c"], [name], perm=[0, 2, 1]),
        ]
    if phones:
        told = np.zeros((2, len(SYMBOLS)), np.float32)
        told[0, SYMBOL_IDS["sil"]] = 12.0
        told[1, SYMBOL_IDS["m"]] = 6.0
        usual = np.zeros(len(SYMBOLS), np.float32)
        usual[SYMBOL_IDS["aa"]] = 3.0
        initializers += [
            numpy_helper.from_array(told, "told"),
            numpy_helper.from_array(usual, "usual"),
            numpy_helper.from_array(np.array([2]), "last_axis"),
        ]
        nodes += [
            node("Unsqueeze", ["silence", "last_axis"], ["silence3"]),
            node("Unsqueeze", ["closure", "last_axis"], ["closure3"]),
            node("Concat", ["silence3", "closure3"], ["both"], axis=2),
            node("MatMul", ["both", "told"], ["likely"]),
            node("Add", ["likely", "usual"], ["phone_logits"]),
            node("LogSoftmax", ["phone_logits"], ["phones"], axis=2),
        ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            value("features", TensorProto.FLOAT, [1, "T", mels]),
            value("emotion", TensorProto.FLOAT, [1, "S", 7]),
        ],
        [
            value("arkit", TensorProto.FLOAT, [1, "S", 61]),
            value("metahuman", TensorProto.FLOAT, [1, "S", 251]),
            value("closure", TensorProto.FLOAT, [1, "S"]),
            value("silence", TensorProto.FLOAT, [1, "S"]),
            *([value("phones", TensorProto.FLOAT, [1, "S", len(SYMBOLS)])] if phones else []),
        ],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    text = metadata if isinstance(metadata, str) else json.dumps(metadata)
    helper.set_model_props(model, {"rigtalk": text})
    onnx.checker.check_model(model)
    return model.SerializeToString()


@pytest.fixture(scope="session")
def tiny_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("actor") / "tiny.onnx"
    path.write_bytes(build_network())
    return path


@pytest.fixture(scope="session")
def tiny(tiny_path: Path) -> Actor:
    return Actor.load(tiny_path)


@pytest.fixture(scope="session")
def telling_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, for scripts."""
    path = tmp_path_factory.mktemp("telling") / "telling.onnx"
    path.write_bytes(build_network(METADATA | {"phones": SYMBOLS}, phones=True))
    return path


@pytest.fixture(scope="session")
def telling(telling_path: Path) -> Actor:
    return Actor.load(telling_path)


@pytest.fixture(scope="session")
def line(root: Path) -> Path:
    """The embedded line: 8 s of synthesised speech."""
    return root / "core" / "data" / "line.flac"


@pytest.fixture(scope="session")
def babble() -> np.ndarray:
    """40 s of syllables with pauses, 16 kHz: a voice's harmonics under a 4 Hz envelope."""
    rng = np.random.default_rng(3)
    time = np.arange(40 * 16000) / 16000
    voice = sum(np.sin(2 * np.pi * 120 * k * time + k * k) / k for k in range(1, 30))
    syllables = np.clip(np.sin(2 * np.pi * 4 * time), 0.05, None) ** 0.5
    phrases = (time % 5.0) < 3.6
    noise = 1e-4 * rng.standard_normal(len(time))
    return (0.1 * voice * syllables * phrases + noise).astype(np.float32)


@pytest.fixture
def sound(tmp_path: Path):
    """Writes samples to a sound file and returns its path."""

    def write(name: str, samples: np.ndarray, rate: int = 16000, **options: str) -> Path:
        path = tmp_path / name
        soundfile.write(path, samples, rate, **options)
        return path

    return write
