"""Recorded curves that the tests of this room share."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from rigtalk.rigs import control_set


@pytest.fixture(scope="session")
def live_link(shared_data: Path) -> np.ndarray:
    """A range-of-motion recording of Live Link Face, (frames, 61), brought into range."""
    with (shared_data / "captures" / "livelink_alex_rom_3.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    return control_set("arkit").clip(np.array([row[2:] for row in rows], dtype=np.float32))


@pytest.fixture(scope="session")
def animator_take(shared_data: Path) -> np.ndarray:
    """A MetaHuman Animator solve at 30 fps, (frames, 251), brought into range."""
    take = json.loads((shared_data / "captures" / "metahuman_animator_take.json").read_text())
    times = np.arange(0.0, take["metadata"]["sequenceLengthSeconds"], 1 / 30)
    controls = control_set("metahuman")
    # A curve without keys never left 0.
    curves = [take["curves"][name] for name in controls.names]
    values = [np.interp(times, [0.0, *curve["t"]], [0.0, *curve["v"]]) for curve in curves]
    return controls.clip(np.stack(values, axis=1)).astype(np.float32)


@pytest.fixture
def random_frames() -> np.random.Generator:
    return np.random.default_rng(7)
