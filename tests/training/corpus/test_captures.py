from pathlib import Path

import numpy as np
import pytest

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.corpus.captures import (
    TAKES,
    captured_jaw,
    captured_lower_lip,
    captured_rounding,
    captured_upper_lip,
    read_take,
    read_takes,
)


def test_takes_move_in_step_with_their_sound(shared_data: Path) -> None:
    takes = read_takes(shared_data / "captures")
    assert [take.name for take in takes] == list(TAKES)
    assert [take.held_out for take in takes] == [False, False, False, True]
    for take in takes:
        assert take.fps == 30
        assert take.times[-1] == pytest.approx(len(take.samples) / 16000, abs=0.1)
        jaw = captured_jaw(take)
        frames = take.samples[: len(jaw) // 30 * 16000].reshape(-1, 1600)
        loudness = np.log10((frames**2).mean(axis=1) + 1e-6)
        tenths = jaw[: len(loudness) * 3].reshape(-1, 3).mean(axis=1)
        assert np.corrcoef(loudness, tenths)[0, 1] > 0.7
        for track in (jaw, captured_rounding(take), captured_lower_lip(take)):
            assert track.shape == take.times.shape
            assert track.std() > 0.01
            assert track.min() >= 0
        assert captured_upper_lip(take).max() > 0.02


def test_missing_take_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RigtalkError, match="no take '2_01'"):
        read_take(tmp_path, "2_01")
