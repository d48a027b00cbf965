"""The pose of a bite brings the lip to the teeth, and leaves the rest of the face alone."""

from pathlib import Path

import numpy as np

from rigtalk.core.judge.heads import ict_probe
from rigtalk.rigs import control_set
from rigtalk.training.bite import bite_pose


def test_the_lip_reaches_the_teeth(shared_data: Path) -> None:
    controls = control_set("arkit")
    moving, pose = bite_pose(controls)
    probe = ict_probe(shared_data / "heads" / "ict_facekit.npz")
    values = np.zeros((2, len(controls)), dtype=np.float32)
    values[:, controls.index("jawOpen")] = 0.3
    values[1, moving] = pose[moving]
    open_mouth, bitten = probe.track(values).bite
    assert open_mouth > 3.0
    assert bitten < 1.0


def test_nothing_but_the_mouth_takes_part() -> None:
    for name in ("arkit", "metahuman"):
        controls = control_set(name)
        moving, pose = bite_pose(controls)
        assert pose.dtype == np.float32
        assert np.array_equal(pose, controls.clip(pose[None])[0])
        taking_part = {controls.controls[i].region for i in np.flatnonzero(moving)}
        assert taking_part <= {"mouth", "jaw"}
        assert not any("Close" in controls.names[i] for i in np.flatnonzero(moving))
        assert pose[moving].max() > 0.2
