"""A trained actor, captured takes, and a small made-up speaker where those are absent."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.audio import read_clip
from rigtalk.rigs import control_set
from rigtalk.training.articulation import facegood_to_arkit
from rigtalk.training.corpus.captures import read_take
from rigtalk.training.finetune.captures import Capture
from rigtalk.training.finetune.check import performed
from rigtalk.training.finetune.pretrained import Pretrained, load_pretrained

ARKIT = control_set("arkit")
SECONDS = 60


@pytest.fixture(scope="session")
def embedded() -> Pretrained:
    """The actor that ships."""
    return load_pretrained()


def _facegood(shared_data: Path, name: str) -> Capture:
    take = read_take(shared_data / "captures", name)
    rows = int(SECONDS * take.fps)
    return Capture(
        name=name,
        samples=take.samples[: SECONDS * 16000],
        values=facegood_to_arkit(take.values, take.names)[:rows],
        times=np.arange(rows) / take.fps,
        controls=ARKIT,
        given=np.ones(len(ARKIT), dtype=bool),
    )


@pytest.fixture(scope="session")
def facegood(shared_data: Path) -> Capture:
    """The first minute of a take, face and voice in step."""
    return _facegood(shared_data, "2_02")


@pytest.fixture(scope="session")
def other_facegood(shared_data: Path) -> Capture:
    """The same of another take."""
    return _facegood(shared_data, "2_04")


@pytest.fixture(scope="session")
def made_up(embedded: Pretrained, root: Path) -> Capture:
    """The embedded line, twice, by a face that opens its jaw half as far as the actor and rounds
    its lips half as much again."""
    samples = read_clip(root / "core" / "data" / "line.flac").samples
    samples = np.concatenate([samples, samples])
    curves, _ = performed(embedded.actor, samples, {})
    values = ARKIT.clip(curves["arkit"])
    values[:, ARKIT.indices("jawOpen", "mouthClose")] *= 0.5
    values[:, ARKIT.indices("mouthPucker", "mouthFunnel")] *= 1.5
    capture = Capture(
        name="line",
        samples=samples,
        values=ARKIT.clip(values),
        times=np.arange(len(values)) / 50.0,
        controls=ARKIT,
        given=np.ones(len(ARKIT), dtype=bool),
    )
    mouth = np.zeros(len(ARKIT), dtype=bool)
    mouth[ARKIT.in_region("jaw", "mouth")] = True
    return replace(capture, values=np.where(mouth, capture.values, 0.0).astype(np.float32))
