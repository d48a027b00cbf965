"""The exported file says what torch says, and keeps its promises; so does the shipped one."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from rigtalk.core.audio import read_clip
from rigtalk.core.closures import DOUBT
from rigtalk.core.direction import EMOTIONS
from rigtalk.core.features import log_mel, normalise, reference_level
from rigtalk.core.speech.phones import SYMBOLS
from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.bite import BITING_PHONES, CERTAIN, bite_pose
from rigtalk.training.config import ActorConfig
from rigtalk.training.export import CLOSING, export_actor, layer_owned
from rigtalk.training.model import Actor, settled

TINY = ActorConfig(width=32, heads=2, encoder_layers=1, decoder_layers=1, hidden=48, span=4)


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@pytest.mark.filterwarnings("ignore")  # torch's exporter warns of its own folding
def test_export_equals_torch_and_keeps_its_promises(tmp_path: Path) -> None:
    torch.manual_seed(0)
    actor = Actor(TINY).eval()
    with torch.no_grad():  # loud outputs, so that ranges are met
        actor.arkit.weight.mul_(100)
        actor.metahuman.weight.mul_(100)
        actor.events.weight.mul_(5)
        actor.events.bias[0] += 1.5
    path = tmp_path / "actor.onnx"
    export_actor(actor, path, closure_threshold=0.4)
    assert [p.name for p in tmp_path.iterdir()] == ["actor.onnx"]
    run = session(path)
    facts = json.loads(run.get_modelmeta().custom_metadata_map["rigtalk"])
    for name, bite in facts.pop("bites").items():
        moving, pose = bite_pose(control_set(name))
        at = np.flatnonzero(moving)
        assert list(bite) == [control_set(name).names[i] for i in at]
        expected = control_set(name).clip(pose[None])[0, at]
        np.testing.assert_allclose(list(bite.values()), expected, atol=1e-4)
    assert facts == {
        "format": 1,
        "input": "features",
        "context_seconds": TINY.context_frames / 50,
        "control_sets": {name: control_set(name).version for name in ("arkit", "metahuman")},
        "closure_threshold": 0.4,
        "phones": list(SYMBOLS),
    }
    rng = np.random.default_rng(1)
    features = rng.uniform(0, 1, (1, 62, 64)).astype(np.float32)
    emotion = rng.uniform(0, 1, (1, 31, 7)).astype(np.float32)
    arkit, metahuman, closure, silence, phones = run.run(
        None, {"features": features, "emotion": emotion}
    )
    assert arkit.shape == (1, 31, 61)
    assert metahuman.shape == (1, 31, 251)
    with torch.no_grad():
        said = actor(torch.from_numpy(features), torch.from_numpy(emotion))
    heard = torch.softmax(said.phones, dim=-1)[..., list(BITING_PHONES)].sum(dim=-1, keepdim=True)
    bitten = settled(torch.clamp(heard / CERTAIN, max=1.0) ** DOUBT).numpy()
    assert bitten.max() > 1e-4  # the lip does go to the teeth, if only a little
    believed = np.minimum(closure / 0.4, 1.0)
    assert believed.min() < 0.8 < believed.max()  # both doubt and certainty occur
    for curves, raw, name in (
        (arkit, said.arkit, "arkit"),
        (metahuman, said.metahuman, "metahuman"),
    ):
        controls = control_set(name)
        moving, pose = bite_pose(controls)
        expected = raw.numpy() + (pose - raw.numpy()) * moving * bitten
        expected = controls.clip(expected)
        expected[..., layer_owned(controls)] = 0.0
        closing = [any(word in one for word in CLOSING) for one in controls.names]
        assert sum(closing) == {"arkit": 1, "metahuman": 4}[name]
        expected[..., closing] *= believed[..., None] ** DOUBT
        np.testing.assert_allclose(curves, expected, atol=1e-4)
    np.testing.assert_allclose(phones, said.phones.log_softmax(dim=-1).numpy(), atol=1e-4)
    np.testing.assert_allclose(closure, torch.sigmoid(said.closure).numpy(), atol=1e-5)
    np.testing.assert_allclose(silence, torch.sigmoid(said.silence).numpy(), atol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_an_actor_whose_context_is_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    torch.manual_seed(0)
    actor = Actor(TINY).eval()
    # A normalisation over time would make every output depend on the whole line.
    actor.norm.forward = lambda x: x - x.mean(dim=1, keepdim=True)  # type: ignore[method-assign]
    with pytest.raises(RigtalkError, match="a window differs from the whole"):
        export_actor(actor, tmp_path / "actor.onnx", closure_threshold=0.5)
    assert not list(tmp_path.iterdir())


def test_layers_own_blinks_gaze_and_head_and_nothing_that_speaks() -> None:
    names = control_set("arkit").names
    owned = {
        name for name, own in zip(names, layer_owned(control_set("arkit")), strict=True) if own
    }
    assert {"eyeBlinkLeft", "eyeLookUpRight", "headYaw", "rightEyeRoll"} <= owned
    assert not owned & {"jawOpen", "mouthClose", "browInnerUp", "eyeSquintLeft", "eyeWideRight"}
    assert len(owned) == 2 + 8 + 9
    names = control_set("metahuman").names
    free = ~layer_owned(control_set("metahuman"))
    speaking = {name for name, one in zip(names, free, strict=True) if one}
    assert "CTRL_expressions_jawOpen" in speaking
    assert "CTRL_expressions_eyeBlinkL" not in speaking
    assert not any("eyeLook" in name for name in speaking)


@pytest.fixture(scope="module")
def shipped(root: Path) -> onnxruntime.InferenceSession:
    return session(root / "core" / "data" / "actor.onnx")


@pytest.fixture(scope="module")
def features(root: Path) -> np.ndarray:
    mel = log_mel(read_clip(root / "core" / "data" / "line.flac").samples)
    heard = normalise(mel, reference_level(mel))
    return heard[None, : len(heard) // 2 * 2]


class TestShippedActor:
    def perform(
        self, run: onnxruntime.InferenceSession, features: np.ndarray, **feelings: float
    ) -> dict[str, np.ndarray]:
        emotion = np.zeros((1, features.shape[1] // 2, len(EMOTIONS)), dtype=np.float32)
        for name, intensity in feelings.items():
            emotion[..., EMOTIONS.index(name)] = intensity
        names = [output.name for output in run.get_outputs()]
        said = run.run(names, {"features": features, "emotion": emotion})
        return {name: values[0] for name, values in zip(names, said, strict=True)}

    def test_it_says_what_it_is(self, root: Path, shipped: onnxruntime.InferenceSession) -> None:
        assert (root / "core" / "data" / "actor.onnx").stat().st_size <= 25 * 2**20
        facts = json.loads(shipped.get_modelmeta().custom_metadata_map["rigtalk"])
        assert facts["format"] == 1
        assert 0.0 < facts["context_seconds"] <= 2.0
        assert 0.0 < facts["closure_threshold"] < 1.0
        for name, version in facts["control_sets"].items():
            assert version == control_set(name).version

    def test_values_are_in_range_and_other_layers_are_left_alone(
        self, shipped: onnxruntime.InferenceSession, features: np.ndarray
    ) -> None:
        said = self.perform(shipped, features, anger=1.0, surprise=1.0)
        for name in ("arkit", "metahuman"):
            controls = control_set(name)
            assert (said[name] >= controls.lows).all()
            assert (said[name] <= controls.highs).all()
            assert np.abs(said[name][:, layer_owned(controls)]).max() == 0.0

    def test_the_mouth_says_the_embedded_line(
        self, shipped: onnxruntime.InferenceSession, features: np.ndarray
    ) -> None:
        said = self.perform(shipped, features)
        facts = json.loads(shipped.get_modelmeta().custom_metadata_map["rigtalk"])
        above = said["closure"] >= facts["closure_threshold"]
        closures = int((np.diff(above.astype(int)) == 1).sum()) + int(above[0])
        # The line is rich in p, b and m; see line.txt.
        assert 8 <= closures <= 40
        jaw = said["arkit"][:, control_set("arkit").index("jawOpen")]
        assert jaw.max() > 0.2
        assert jaw[said["silence"] > 0.9].mean() < 0.3 * jaw[said["silence"] < 0.1].mean()

    @pytest.mark.parametrize(
        ("emotion", "control"),
        [
            ("joy", "mouthSmileLeft"),
            ("sadness", "browInnerUp"),
            ("anger", "browDownLeft"),
            ("surprise", "browOuterUpRight"),
            ("fear", "eyeWideLeft"),
            ("disgust", "noseSneerLeft"),
        ],
    )
    def test_intensity_moves_the_face_by_degrees(
        self,
        shipped: onnxruntime.InferenceSession,
        features: np.ndarray,
        emotion: str,
        control: str,
    ) -> None:
        column = control_set("arkit").index(control)
        degrees = [
            float(self.perform(shipped, features, **{emotion: x})["arkit"][:, column].mean())
            for x in (0.0, 0.25, 0.5, 0.75, 1.0)
        ]
        steps = np.diff(degrees)
        # Rising throughout; a step may be small where the control is at its limit.
        assert (steps > -0.01).all(), degrees
        assert degrees[-1] - degrees[0] > 0.15
        assert degrees[2] - degrees[0] > 0.25 * (degrees[-1] - degrees[0])
