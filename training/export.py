"""The trained actor as the ONNX file that `rigtalk.core.actor` runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from rigtalk.core.closures import DOUBT
from rigtalk.core.speech.phones import SYMBOLS
from rigtalk.core.steps import STEP_SAMPLES
from rigtalk.rigs import control_set
from rigtalk.rigs.controls import ControlSet
from rigtalk.rigs.errors import RigtalkError

from .bite import BITING_PHONES, CERTAIN, bite_pose
from .encoder.network import CONTEXT_SECONDS, WINDOW_SECONDS, EncodedActor
from .model import Actor, settled

__all__ = ["FRAME_RATE", "OUTPUTS", "ActorForExport", "export_actor", "layer_owned"]

FRAME_RATE = 50.0
"""Frames of the actor's output in a second."""
FORMAT = 1
OUTPUTS = ("arkit", "metahuman", "closure", "silence", "phones")
"""Of an exported file, as `ActorForExport` gives them."""
OPSET = 17
TOLERANCE = {"features": 1e-4, "samples": 1e-3}
"""Of the file against torch, by what the actor hears; an encoder has many times the layers."""
CLOSING = ("mouthClose", "mouthLipsTogether")
"""What brings the lips together over an open jaw, in either set."""
LARGEST_FILE = 25 * 2**20
"""Of an actor that hears features. One with its user's encoder is as large as that is."""


def layer_owned(controls: ControlSet) -> np.ndarray:
    """Which controls belong to the seeded layers made in core: blinks, gaze and the head.

    Returns
    -------
    ndarray, shape (len(controls),), bool
        The actor is always 0 there.
    """
    words = (
        "eyeBlink",
        "eyeLook",
        "EyeYaw",
        "EyePitch",
        "EyeRoll",
        "headYaw",
        "headPitch",
        "headRoll",
    )
    regions = ("head", "neck", "ears")
    return np.array(
        [
            control.region in regions or any(word.lower() in control.name.lower() for word in words)
            for control in controls.controls
        ]
    )


class ActorForExport(nn.Module):
    """The actor with its promises: values in range, nothing in other layers, probabilities.

    What closes the lips over an open jaw is held back where the closure itself is in doubt: an
    average of open and shut would be neither, and nobody could choose between missed and false
    closures. The lower lip goes to the teeth where an f or a v is certain.

    Parameters
    ----------
    actor : Actor
    arkit, metahuman : ControlSet
    closure_threshold : float
        Probability from which nothing is held back.
    """

    arkit_low: Tensor
    arkit_high: Tensor
    metahuman_low: Tensor
    metahuman_high: Tensor
    arkit_closes: Tensor
    metahuman_closes: Tensor
    arkit_bites: Tensor
    metahuman_bites: Tensor
    arkit_bite: Tensor
    metahuman_bite: Tensor

    def __init__(
        self,
        actor: Actor,
        *,
        arkit: ControlSet,
        metahuman: ControlSet,
        closure_threshold: float,
    ) -> None:
        super().__init__()
        self.actor, self.closure_threshold = actor, closure_threshold
        for name, controls in (("arkit", arkit), ("metahuman", metahuman)):
            free = ~layer_owned(controls)
            self.register_buffer(f"{name}_low", torch.from_numpy(controls.lows * free))
            self.register_buffer(f"{name}_high", torch.from_numpy(controls.highs * free))
            closes = [any(word in c.name for word in CLOSING) for c in controls.controls]
            self.register_buffer(f"{name}_closes", torch.tensor(closes, dtype=torch.float32))
            moving, pose = bite_pose(controls)
            self.register_buffer(f"{name}_bites", torch.from_numpy(moving).float())
            self.register_buffer(f"{name}_bite", torch.from_numpy(pose))

    def forward(self, heard: Tensor, emotion: Tensor) -> tuple[Tensor, ...]:
        said = self.actor(heard, emotion)
        closure = torch.sigmoid(said.closure)
        belief = torch.clamp(closure / self.closure_threshold, max=1.0)
        doubt = 1.0 - (belief**DOUBT)[..., None]
        bite = self._bite(said.phones)
        arkit = said.arkit + (self.arkit_bite - said.arkit) * self.arkit_bites * bite
        metahuman = (
            said.metahuman + (self.metahuman_bite - said.metahuman) * self.metahuman_bites * bite
        )
        arkit = torch.minimum(torch.maximum(arkit, self.arkit_low), self.arkit_high)
        metahuman = torch.minimum(torch.maximum(metahuman, self.metahuman_low), self.metahuman_high)
        return (
            arkit * (1.0 - self.arkit_closes * doubt),
            metahuman * (1.0 - self.metahuman_closes * doubt),
            closure,
            torch.sigmoid(said.silence),
            torch.log_softmax(said.phones, dim=-1),
        )

    @staticmethod
    def _bite(phones: Tensor) -> Tensor:
        """How far the lower lip goes to the teeth, (B, n, 1), from logits (B, n, 40)."""
        heard = torch.softmax(phones, dim=-1)[..., list(BITING_PHONES)].sum(dim=-1, keepdim=True)
        return settled(torch.clamp(heard / CERTAIN, max=1.0) ** DOUBT)


def export_actor(actor: Actor, path: Path, *, closure_threshold: float) -> None:
    """Write the actor as ONNX and check it against torch and against itself in windows.

    Parameters
    ----------
    actor : Actor
    path : Path
        Written beside itself and renamed into place.
    closure_threshold : float
        Closure probability, 0-1, from which the lips are sealed.

    Raises
    ------
    RigtalkError
        If the file says something else than torch (by more than 1e-4; with an encoder 1e-3).
        Without an encoder also if a window with full context differs from the whole, or if the file
        is larger than 25 MB.
    """
    arkit, metahuman = control_set("arkit"), control_set("metahuman")
    wrapped = ActorForExport(
        actor, arkit=arkit, metahuman=metahuman, closure_threshold=closure_threshold
    ).eval()
    part = path.with_name(path.name + ".part")
    rng = np.random.default_rng(0)
    example = tuple(torch.from_numpy(one) for one in _example(actor, 100, rng))
    time = {1: "time"}, {1: "frames"}
    torch.onnx.export(
        wrapped,
        example,
        str(part),
        input_names=[actor.hears, "emotion"],
        output_names=list(OUTPUTS),
        dynamic_axes={
            actor.hears: time[0],
            **dict.fromkeys(("emotion", *OUTPUTS), time[1]),
        },
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(str(part))
    entry = model.metadata_props.add()
    entry.key = "rigtalk"
    entry.value = json.dumps(
        {
            "format": FORMAT,
            "input": actor.hears,
            **_hearing(actor),
            "control_sets": {"arkit": arkit.version, "metahuman": metahuman.version},
            "closure_threshold": closure_threshold,
            "phones": SYMBOLS,
            "bites": {each.name: _bite(each) for each in (arkit, metahuman)},
        }
    )
    onnx.save(model, str(part))
    try:
        _check(part, wrapped)
    except RigtalkError:
        part.unlink()
        raise
    part.replace(path)


def _bite(controls: ControlSet) -> dict[str, float]:
    """What takes the lower lip to the teeth, for players who know when."""
    moving, pose = bite_pose(controls)
    at = np.clip(pose, controls.lows, controls.highs)
    return {controls.names[i]: round(float(at[i]), 4) for i in np.flatnonzero(moving)}


def _hearing(actor: Actor) -> dict[str, float | bool]:
    """What the file says of how it must be run."""
    if not isinstance(actor, EncodedActor):
        return {"context_seconds": actor.config.context_frames / FRAME_RATE}
    return {
        "context_seconds": CONTEXT_SECONDS,
        "window_seconds": WINDOW_SECONDS,
        "normalised": actor.pretrained.config.normalised,
    }


def _example(actor: Actor, frames: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Something to hear for so many frames, and emotions that change."""
    if actor.hears == "samples":
        heard = rng.standard_normal((1, STEP_SAMPLES * frames))
    else:
        heard = rng.uniform(0, 1, (1, 2 * frames, actor.config.mels))
    emotion = rng.uniform(0, 1, (1, frames, actor.config.emotions))
    return heard.astype(np.float32), emotion.astype(np.float32)


def _check(part: Path, wrapped: ActorForExport) -> None:
    """Run the file on odd lengths, on changing emotions and, without an encoder, in windows."""
    actor = wrapped.actor
    if actor.hears == "features" and part.stat().st_size > LARGEST_FILE:
        raise RigtalkError(
            f"the exported actor is larger than {LARGEST_FILE} bytes: make it smaller"
        )
    session = onnxruntime.InferenceSession(str(part), providers=["CPUExecutionProvider"])

    def run(heard: np.ndarray, emotion: np.ndarray) -> list[np.ndarray]:
        return session.run(None, {actor.hears: heard, "emotion": emotion})

    rng = np.random.default_rng(0)
    context, tolerance = actor.config.context_frames, TOLERANCE[actor.hears]
    for frames in (1, 37, 4 * context + 11):
        heard, emotion = _example(actor, frames, rng)
        with torch.no_grad():
            expected = [
                x.numpy() for x in wrapped(torch.from_numpy(heard), torch.from_numpy(emotion))
            ]
        _agree(run(heard, emotion), expected, f"{frames} frames differ from torch", tolerance)
    if actor.hears == "samples":  # attends to all that it is given: windows are the player's affair
        return
    whole = run(heard, emotion)
    start, stop = context // 2, frames - context // 3
    window = run(heard[:, 2 * start : 2 * stop], emotion[:, start:stop])
    inside = slice(context, stop - start - context)
    _agree(
        [x[:, inside] for x in window],
        [x[:, start:stop][:, inside] for x in whole],
        "a window differs from the whole",
        tolerance,
    )


def _agree(got: list[np.ndarray], expected: list[np.ndarray], fault: str, tolerance: float) -> None:
    worst = max(float(np.abs(a - b).max()) for a, b in zip(got, expected, strict=True))
    if not worst <= tolerance:
        raise RigtalkError(f"the exported actor is wrong: {fault} by {worst:.2g}; do not ship it")
