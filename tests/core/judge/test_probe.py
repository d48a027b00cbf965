from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.judge.heads import embedded_probe, ict_probe
from rigtalk.core.judge.probe import Probe
from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError
from rigtalk.rigs.head import build_head


def pose(**weights: float) -> np.ndarray:
    controls = control_set("arkit")
    values = np.zeros((1, len(controls)), np.float32)
    for name, weight in weights.items():
        values[0, controls.index(name)] = weight
    return values


@pytest.fixture(scope="module", params=["embedded", "ict"])
def probe(request: pytest.FixtureRequest, shared_data: Path) -> Probe:
    if request.param == "embedded":
        return embedded_probe()
    return ict_probe(shared_data / "heads" / "ict_facekit.npz")


def test_rest(probe: Probe) -> None:
    track = probe.track(pose())
    assert track.opening[0] == pytest.approx(0.0, abs=1e-4)
    assert 0 <= track.gap[0] < 1.5
    assert 40 < track.width[0] < 60
    assert 0 < track.bite[0] < 8


def test_jaw_opens(probe: Probe) -> None:
    half, full = probe.track(pose(jawOpen=0.5)), probe.track(pose(jawOpen=1.0))
    assert 10 < half.opening[0] < 20
    assert full.opening[0] == pytest.approx(2 * half.opening[0], rel=1e-3)
    assert full.bite[0] > half.bite[0] > 8


def test_lips_meet_over_an_open_jaw(probe: Probe) -> None:
    assert probe.track(pose(jawOpen=0.3, mouthClose=0.3)).opening[0] < 0.5


def test_width_follows_the_corners(probe: Probe) -> None:
    rest = probe.track(pose()).width[0]
    assert probe.track(pose(mouthPucker=1)).width[0] < rest - 5
    assert probe.track(pose(mouthSmileLeft=1, mouthSmileRight=1)).width[0] > rest + 8


def test_embedded_probe_is_the_deformed_head() -> None:
    head = build_head()
    rng = np.random.default_rng(0)
    values = pose()
    columns = control_set("arkit").indices(*head.shape_names)
    values[0, columns] = rng.uniform(0, 0.4, len(columns))
    shaped = head.deform(values[0, columns]) * 1000
    up, low = head.landmarks["lip_upper_inner"], head.landmarks["lip_lower_inner"]
    track = embedded_probe().track(values)
    # The same sum in another order: float32 at hundreds of millimetres.
    assert track.gap[0] == pytest.approx(shaped[up, 2] - shaped[low, 2], abs=1e-3)


def test_missing_head_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RigtalkError, match="no head at"):
        ict_probe(tmp_path / "none.npz")
