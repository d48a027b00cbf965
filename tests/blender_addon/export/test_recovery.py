"""Controls are found again in the channels that show them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from rigtalk import rigs
from rigtalk.blender_addon.export.recovery import performance_of
from rigtalk.rigs import Response, Term

ARKIT = rigs.control_set("arkit")


def channel(control: str, response: Response | None = None) -> SimpleNamespace:
    return SimpleNamespace(control=control, response=response)


def test_plain_channels_are_the_controls_and_the_first_counts():
    values = np.array([[0.25, 0.5, 0.75]], dtype=np.float32)
    channels = [channel("jawOpen"), channel("jawLeft"), channel("jawOpen")]
    found = performance_of(values, channels, ARKIT, fps=30)
    assert found.curve("jawOpen")[0] == 0.25
    assert found.curve("jawLeft")[0] == 0.5
    assert found.values.sum() == np.float32(0.75)
    assert found.fps == 30


def test_scaled_and_mixed_channels_are_solved():
    given = np.random.default_rng(2).uniform(0, 1, (20, len(ARKIT))).astype(np.float32)
    given[:, ARKIT.index("jawRight")] = 0.0
    responses = {
        "jawOpen": Response((Term("jawOpen", -0.02),), offset=0.5),
        "jawLeft": Response((Term("jawLeft", 0.004), Term("jawRight", -0.004))),
        "jawForward": Response((Term("jawForward", 3.0), Term("jawOpen", 0.5))),
        "mouthClose": None,
    }
    channels = [channel(name, response) for name, response in responses.items()]
    values = np.stack(
        [
            given[:, ARKIT.index(name)] if r is None else r.apply(ARKIT, given)
            for name, r in responses.items()
        ],
        axis=1,
    )
    found = performance_of(values, channels, ARKIT, fps=30)
    for name in ("jawOpen", "jawForward", "mouthClose"):
        np.testing.assert_allclose(
            found.curve(name), given[:, ARKIT.index(name)], atol=2e-5, err_msg=name
        )
    # Of a difference only the difference is known; what is shown is the same.
    shown = responses["jawLeft"].apply(ARKIT, found.values)
    assert np.abs(shown - values[:, 1]).max() <= 0.004
    assert not found.curve("mouthSmileLeft").any()
