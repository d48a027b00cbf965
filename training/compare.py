"""Runs that differ in one thing, with equal minutes: what each part of the training is worth."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rigtalk.core.judge.regions import matrix_distance, region_curves, region_matrix
from rigtalk.rigs.errors import RigtalkError

from .assess import assess, perform_shard
from .config import ActorConfig, TrainConfig
from .examples import ExampleShard
from .loop import Corpora, Trainer
from .model import Actor
from .pipeline import Workplace, load_correlation, load_scales

__all__ = ["VARIANTS", "compare", "runs_table"]

VARIANTS: dict[str, dict[str, Any]] = {
    "base": {},
    "without correlation supervision": {"losses": {"correlation": 0.0}},
    "without phone targets": {"losses": {"phone": 0.0}},
    "without real speech": {"real_share": 0.0},
    "without captures": {"capture_share": 0.0},
    "without dropout": {"dropout": 0.0},
    "small": {"actor": {"width": 128, "hidden": 384}},
    "large": {"actor": {"width": 288, "heads": 6, "hidden": 768}},
}
"""What each run changes of `TrainConfig`."""
HELD_OUT = 40
"""One of so many synthetic shards is kept from all runs, to judge how regions move together."""
COLUMNS = (
    ("parameters", "parameters, M", "{:.1f}"),
    ("step", "steps", "{:.0f}"),
    ("viseme_accuracy", "visemes", "{:.3f}"),
    ("closure_recall_at_0.1", "p b m at 0.1", "{:.3f}"),
    ("closure_recall_at_0.2", "at 0.2", "{:.3f}"),
    ("closure_recall_at_0.4", "at 0.4 false seals/s", "{:.3f}"),
    ("jaw_r", "jaw r", "{:.3f}"),
    ("captured_jawOpen_r", "captured jaw r", "{:.3f}"),
    ("captured_mouthPucker_r", "captured rounding r", "{:.3f}"),
    ("correlation_distance", "correlation distance", "{:.4f}"),
)
"""Key in the log, heading and format of the table of runs."""


def variant_config(base: TrainConfig, changes: Mapping[str, Any]) -> TrainConfig:
    """The configuration of a variant."""
    changes = dict(changes)
    losses = replace(base.losses, **changes.pop("losses", {}))
    actor: ActorConfig = replace(base.actor, **changes.pop("actor", {}))
    return replace(base, losses=losses, actor=actor, **changes)


def compare(
    place: Workplace,
    base: TrainConfig,
    *,
    names: Iterable[str] = VARIANTS,
    begin_with: Path | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> str:
    """Train the variants that have not been trained yet; returns the table of all that have.

    Parameters
    ----------
    place : Workplace
        Runs go to its ``runs`` folder (``runs-on`` with `begin_with`), each with a checkpoint and a
        log, and are resumed there.
    base : TrainConfig
        Its minutes or steps are those of every run.
    names : iterable of str
        Keys of `VARIANTS`.
    begin_with : Path, optional
        Checkpoint whose weights all runs begin with: in the first minutes of a training from
        nothing other things count than in the last ones. Variants of other sizes cannot.
    progress : callable
        Told of each run.

    Raises
    ------
    RigtalkError
        If a name is unknown or there are no examples.
    """
    names = tuple(names)
    unknown = sorted(set(names) - set(VARIANTS))
    if unknown:
        raise RigtalkError(f"unknown variant {unknown[0]!r}: choose from {', '.join(VARIANTS)}")
    synthetic = place.examples("synthetic")
    if not synthetic:
        raise RigtalkError(f"no examples in {place.folder}: run `rigtalk train corpus` first")
    held_out = synthetic[::HELD_OUT]
    kept = [shard for i, shard in enumerate(synthetic) if i % HELD_OUT]
    corpora = Corpora(kept or synthetic, place.examples("real"), place.examples("captures"))
    judged_on = place.examples("validation"), place.examples("capture-validation")

    def judged(actor: Actor) -> dict[str, float]:
        return {
            **assess(actor, *judged_on),
            "parameters": sum(p.numel() for p in actor.parameters()) / 1e6,
            "correlation_distance": correlation_distance(actor, held_out),
        }

    folder = place.folder / ("runs-on" if begin_with else "runs")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        log = folder / f"{_file_name(name)}.jsonl"
        if "correlation_distance" in _last(log):
            continue
        progress(name)
        config = variant_config(base, VARIANTS[name])
        trainer = Trainer(
            config,
            corpora,
            load_scales(place),
            correlation=load_correlation(place) if config.losses.correlation else None,
            log=log,
        )
        checkpoint = log.with_suffix(".pt")
        if checkpoint.is_file():
            trainer.resume(checkpoint)
        elif begin_with is not None:
            trainer.adopt(begin_with)
        trainer.run(checkpoint=checkpoint, evaluate=judged)
    return runs_table(folder)


def runs_table(folder: Path) -> str:
    """The finished runs of a folder as Markdown."""
    headings = ["run", *(heading for _, heading, _ in COLUMNS)]
    rows = [headings, ["---"] * len(headings)]
    for name in VARIANTS:
        last = _last(folder / f"{_file_name(name)}.jsonl")
        if "correlation_distance" in last:
            cells = [layout.format(last[key]) if key in last else "" for key, _, layout in COLUMNS]
            rows.append([name, *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def correlation_distance(actor: Actor, shards: Sequence[ExampleShard]) -> float:
    """How far regions move together in another way than in the truth, from 0 to 2.

    Mean over the shards, each of one voice in many emotions, of the distance between the
    region-to-region correlation matrices of truth and performance (CSTalk, section 4).
    """
    distances = []
    for shard in shards:
        said = region_matrix(region_curves(perform_shard(actor, shard)["arkit"]))
        truth = region_matrix(region_curves(np.asarray(shard.arrays["arkit"], dtype=np.float32)))
        distances.append(matrix_distance(said, truth))
    return float(np.mean(distances))


def _file_name(name: str) -> str:
    return name.replace(" ", "-")


def _last(log: Path) -> dict[str, float]:
    """The last line of a log; empty without one."""
    if not log.is_file():
        return {}
    lines = log.read_text().splitlines()
    return json.loads(lines[-1]) if lines else {}
