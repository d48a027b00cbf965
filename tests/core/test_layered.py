"""Layers add up to the performance, each moves what is its own, and any share of them is a face."""

import numpy as np
import pytest

from rigtalk.core.actor import Actor, Cancelled
from rigtalk.core.audio import Clip
from rigtalk.core.direction import Direction
from rigtalk.core.layered import LAYERS, REGION_LAYERS, layer_controls
from rigtalk.rigs import control_set, control_set_names
from rigtalk.rigs.controls import REGIONS

ASKED = Direction(
    keys=((0.0, {"joy": 0.1, "sadness": 0.8}), (9.0, {"joy": 0.9, "fear": 0.4, "surprise": 0.7})),
    strength={"gaze": 1.8, "head": 1.5, "speech": 1.3},
    seed=3,
)
RIGS = ("arkit", "metahuman", "metahuman-board")


@pytest.fixture
def clip(babble: np.ndarray) -> Clip:
    return Clip(babble[: 16000 * 24])  # over a seam of the windows


@pytest.mark.parametrize("name", control_set_names())
def test_every_control_has_one_layer(name: str):
    layers = layer_controls(name)
    assert tuple(layers) == LAYERS
    every = [control for names in layers.values() for control in names]
    assert sorted(every) == sorted(control_set(name).names)


def test_controls_are_where_one_looks_for_them():
    assert set(REGION_LAYERS) == set(REGIONS)
    arkit = layer_controls("arkit")
    assert arkit["blinks"] == ("eyeBlinkLeft", "eyeBlinkRight")
    assert arkit["head"] == ("headYaw", "headPitch", "headRoll")
    assert len(arkit["gaze"]) == 8 + 6
    assert "eyeWideLeft" in arkit["emotion"]
    assert "tongueOut" in arkit["lips"]
    board = layer_controls("metahuman-board")
    assert board["blinks"] == ("CTRL_L_eye_blink", "CTRL_R_eye_blink")
    assert {"CTRL_C_eye.X", "CTRL_L_eye.Y", "CTRL_C_eye_parallelLook"} <= set(board["gaze"])
    assert "CTRL_L_eye_eyelidU" in board["emotion"]
    metahuman = layer_controls("metahuman")
    assert all("Blink" in name for name in metahuman["blinks"])
    assert len(metahuman["gaze"]) == 9


@pytest.mark.parametrize("rig", RIGS)
@pytest.mark.parametrize("direction", [ASKED, Direction()])
def test_layers_add_up(tiny: Actor, clip: Clip, rig: str, direction: Direction):
    whole = tiny.perform(clip, direction, rig=rig, fps=30)
    layers = tiny.perform_layers(clip, direction, rig=rig, fps=30)
    assert tuple(layers) == LAYERS
    for part in layers.values():
        assert (part.fps, part.start, len(part)) == (whole.fps, whole.start, len(whole))
        assert part.controls.name == rig
    total = whole.controls.clip(sum(part.values for part in layers.values()))
    np.testing.assert_allclose(total, whole.values, atol=1e-5)


@pytest.mark.parametrize("rig", RIGS)
def test_each_layer_moves_what_is_its_own(tiny: Actor, clip: Clip, rig: str):
    layers = tiny.perform_layers(clip, ASKED, rig=rig, fps=30)
    controls, mine = control_set(rig), layer_controls(rig)

    def moved(layer: str) -> set[str]:
        change = np.abs(layers[layer].values - (layer == "lips") * controls.rests).max(axis=0)
        return {controls.names[i] for i in np.flatnonzero(change > 1e-6)}

    lips = set(mine["lips"])
    assert moved("lips") <= lips
    for layer in ("blinks", "gaze", "head"):
        assert not moved(layer) & lips
    assert moved("emotion") & lips
    assert moved("emotion") & set(mine["emotion"])
    assert moved("blinks") & set(mine["blinks"])
    assert moved("gaze") & set(mine["gaze"])
    assert moved("head") <= set(mine["head"])
    assert moved("head") or rig != "arkit"


def test_a_share_of_the_emotion_still_shuts_its_lips(tiny: Actor, clip: Clip):
    layers = tiny.perform_layers(clip, ASKED, fps=30)
    whole = tiny.perform(clip, ASKED, fps=30)
    sealed = np.abs(whole.curve("jawOpen") - whole.curve("mouthClose")) < 1e-6
    assert sealed.mean() > 0.1
    half = layers["lips"].values + 0.5 * layers["emotion"].values
    jaw, close = (half[:, whole.controls.index(name)] for name in ("jawOpen", "mouthClose"))
    np.testing.assert_allclose(jaw[sealed], close[sealed], atol=1e-5)


def test_lips_alone_are_the_line_said_calmly(tiny: Actor, clip: Clip):
    lips = tiny.perform_layers(clip, ASKED)["lips"]
    calm = tiny.perform(clip, Direction(strength=dict(ASKED.strength), seed=ASKED.seed))
    mouth = control_set("arkit").in_region("mouth", "jaw", "tongue")
    np.testing.assert_allclose(lips.values[:, mouth], calm.values[:, mouth], atol=1e-5)


def test_a_blink_is_whole_without_the_gaze(tiny: Actor, clip: Clip):
    layers = tiny.perform_layers(clip, Direction(strength={"gaze": 2.0}))
    lid = control_set("arkit").index("eyeBlinkLeft")
    assert layers["blinks"].values[:, lid].max() > 0.99
    gaze = layers["gaze"].values[:, lid]
    shut = layers["blinks"].values[:, lid] > 0.99
    assert np.abs(gaze[shut]).max() > 0.01  # and no notch in what the gaze does meanwhile


def test_cancelling_layers(tiny: Actor, clip: Clip):
    with pytest.raises(Cancelled):
        tiny.perform_layers(clip, ASKED, cancelled=lambda: True)
