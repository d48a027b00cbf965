"""Takes whose figures are known, because they are built from what is measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.audio import Clip
from rigtalk.core.judge.heads import embedded_probe, ict_probe
from rigtalk.core.judge.probe import Probe
from rigtalk.core.performance import Performance
from rigtalk.core.speech.timing import Phone
from rigtalk.rigs import control_set

FPS = 60.0
PHONES = (
    Phone(0.5, 0.6, "p"),
    Phone(0.6, 1.2, "aa", 1),
    Phone(1.2, 1.3, "m"),
    Phone(1.3, 1.9, "iy", 1),
    Phone(1.9, 2.0, "f"),
    Phone(2.0, 2.4, "uw", 1),
)
"""1.9 s of speech in 3 s."""
JAW = 0.3


class Builder:
    """Curves that are made of poses in stretches of time."""

    def __init__(self, seconds: float = 3.0) -> None:
        self.times = np.arange(int(seconds * FPS) + 1) / FPS
        self.values = np.zeros((len(self.times), 61), np.float32)

    def pose(self, start: float, end: float, **weights: float) -> Builder:
        inside = (self.times >= start - 1e-9) & (self.times < end - 1e-9)
        for name, weight in weights.items():
            self.values[inside, control_set("arkit").index(name)] = weight
        return self

    def take(self, **facts: float) -> Performance:
        return Performance(self.values, FPS, control_set("arkit"), **facts)


def spoken() -> Builder:
    """Open while speaking, shut in p and m, at rest in silence."""
    made = Builder().pose(0.5, 2.4, jawOpen=JAW)
    for phone in PHONES:
        if phone.symbol in ("p", "m"):
            made.pose(phone.start, phone.end, mouthClose=JAW)
    return made


@pytest.fixture
def builder() -> Builder:
    return spoken()


@pytest.fixture(scope="session")
def clip() -> Clip:
    """3 s: a voice from 0.5 to 2.4 s whose pitch and loudness rise and fall."""
    times = np.arange(48000) / 16000
    pitch = 140.0 + 40.0 * np.sin(2 * np.pi * 0.8 * times)
    phase = 2 * np.pi * np.cumsum(pitch) / 16000
    voice = sum(np.sin(k * phase) / k for k in range(1, 12))
    loud = (0.15 + 0.1 * np.sin(2 * np.pi * 0.8 * times)) * ((times > 0.5) & (times < 2.4))
    return Clip((0.3 * loud * voice).astype(np.float32))


@pytest.fixture(scope="session", params=["embedded", "ict"])
def probe(request: pytest.FixtureRequest, root: Path) -> Probe:
    if request.param == "embedded":
        return embedded_probe()
    path = root.parent / "shared" / "data" / "heads" / "ict_facekit.npz"
    if not path.is_file():
        pytest.skip("needs ../shared/data: a head that is not in the repository")
    return ict_probe(path)
