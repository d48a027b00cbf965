"""Runs that differ in one thing: each is trained once, on the same minutes, and tabled."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training import compare as comparing
from rigtalk.training.compare import VARIANTS, compare, correlation_distance, variant_config
from rigtalk.training.config import TrainConfig
from rigtalk.training.examples import ExampleShard, write_examples
from rigtalk.training.loop import Trainer
from rigtalk.training.model import Actor
from rigtalk.training.pipeline import Workplace

from .test_loop import CONFIG, line

RUNS = ("base", "without phone targets")


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    rng = np.random.default_rng(0)
    for kind, name in (("synthetic", "a"), ("synthetic", "b"), ("validation", "v")):
        write_examples(tmp_path / "examples" / kind / name, [line(80, rng) for _ in range(3)])
    statistics = {name: np.full((3, n), 0.1) for name, n in (("arkit", 61), ("metahuman", 251))}
    np.savez(tmp_path / "statistics.npz", **statistics)
    return Workplace(tmp_path)


def test_finished_runs_are_tabled_and_not_made_again(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = replace(CONFIG, steps=3)
    told: list[str] = []
    table = compare(place, base, names=RUNS, progress=told.append)
    assert told == list(RUNS)
    rows = [row for row in table.splitlines() if row.startswith("| ")]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == ["run", "---", *RUNS]
    assert rows[2].split(" | ")[2] == "3"  # steps
    assert rows[2] != rows[3].replace(RUNS[1], RUNS[0])

    def forbidden(*args: object, **kwargs: object) -> None:
        pytest.fail("a finished run was trained again")

    monkeypatch.setattr(Trainer, "run", forbidden)
    assert compare(place, base, names=RUNS) == table


def test_runs_may_go_on_from_a_common_beginning(place: Workplace) -> None:
    base = replace(CONFIG, steps=3)
    compare(place, base, names=["base"])
    begin = place.folder / "runs" / "base.pt"
    going_on = replace(base, steps=1, learning_rate=0.0)
    table = compare(place, going_on, names=["base"], begin_with=begin)
    first, second = (
        torch.load(place.folder / name / "base.pt", weights_only=True)["actor"]
        for name in ("runs", "runs-on")
    )
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert table.splitlines()[-1].startswith("| base |")
    with pytest.raises(RigtalkError, match="other sizes"):
        compare(place, going_on, names=["small"], begin_with=begin)


def test_variants_change_what_they_say_and_nothing_else() -> None:
    base = TrainConfig()
    made = {name: variant_config(base, changes) for name, changes in VARIANTS.items()}
    assert made["base"] == base
    assert len(set(made.values())) == len(VARIANTS)
    assert made["without phone targets"] == replace(base, losses=replace(base.losses, phone=0.0))
    for name in ("small", "large"):
        assert replace(made[name], actor=base.actor) == base
        Actor(made[name].actor)


def test_unknown_variants_and_empty_places_are_refused(place: Workplace, tmp_path: Path) -> None:
    with pytest.raises(RigtalkError, match="unknown variant 'huge'"):
        compare(place, CONFIG, names=["huge"])
    with pytest.raises(RigtalkError, match="no examples"):
        compare(Workplace(tmp_path / "nowhere"), CONFIG)


def test_regions_that_move_as_in_truth_are_at_no_distance(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    shards = place.examples("synthetic")
    rng = np.random.default_rng(1)
    faces = {shard.name: rng.normal(size=(shard.frames, 61)).astype(np.float32) for shard in shards}
    for shard in shards:
        shard.arrays["arkit"] = faces[shard.name]

    def told(shard: ExampleShard, *, sign: float) -> dict[str, np.ndarray]:
        face = faces[shard.name].copy()
        face[:, 17] *= sign
        face[:, 18:] += 0.5 * sign * face[:, 17:18]
        return {"arkit": face}

    actor = Actor(CONFIG.actor)
    monkeypatch.setattr(comparing, "perform_shard", lambda _, shard: {"arkit": faces[shard.name]})
    assert correlation_distance(actor, shards) == pytest.approx(0.0, abs=1e-6)
    monkeypatch.setattr(comparing, "perform_shard", lambda _, shard: told(shard, sign=-1.0))
    assert correlation_distance(actor, shards) > 0.05
