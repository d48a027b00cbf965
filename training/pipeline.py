"""The steps of a training run over one working folder, each of which leaves a file behind.

examples/{synthetic,real,validation,captures}/   features and targets
statistics.npz                                   how far each control moves
correlation.pt, .npz, .json                      the frozen correlation model and its figures
actor.pt, actor.jsonl                            the checkpoint and the log
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from rigtalk.core.files.replacing import replacing
from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError

from .assess import assess, choose_threshold, closure_curve, perform_shard
from .config import CorrelationConfig, TrainConfig
from .corpus.build import CorpusConfig, build_corpus
from .corpus.captures import TAKES, read_takes
from .corpus.nonspeech import build_nonspeech
from .corpus.real import build_real
from .corpus.store import Shard
from .correlation import (
    CorrelationModel,
    Group,
    groups_of,
    linear_r2,
    masked_r2,
    train_correlation,
)
from .encoder.samples import check_samples
from .evaluation.material import Material
from .examples import ExampleShard
from .export import export_actor, layer_owned
from .finetune.together import pack_correlation
from .loop import Corpora, Trainer, load_actor
from .losses import Scales
from .model import Actor
from .prepare import (
    Feel,
    calm,
    control_statistics,
    prepare_captures,
    prepare_shards,
    random_emotion,
)
from .threshold import choose_on_faces

__all__ = [
    "KINDS",
    "Workplace",
    "load_correlation",
    "load_scales",
    "make_actor",
    "make_corpus",
    "make_correlation",
    "make_examples",
    "make_export",
    "make_statistics",
    "window_sample",
]

SETS = ("arkit", "metahuman")
KINDS: dict[str, tuple[str, range, Feel]] = {
    "synthetic": ("synthetic", range(1, 2), random_emotion),
    "nonspeech": ("synthetic", range(2), random_emotion),
    "real-train": ("real", range(20), random_emotion),
    "real-pseudo": ("real", range(8), random_emotion),
    "real-validation": ("validation", range(1), calm),
}
"""Which split of the corpus becomes which kind of examples, in which takes, in what moods.
There is little real speech, so each line comes in many voices, rooms and recordings.
``captures`` and ``capture-validation`` are made of captured takes."""
Progress = Callable[[str, float], None]
HELD_OUT = 8
"""Of every so many shards of the corpus, one is kept from the correlation model to judge it by."""


@dataclass(frozen=True)
class Workplace:
    """The folder of a run and what lies in it."""

    folder: Path

    def examples(self, kind: str) -> list[ExampleShard]:
        """The example shards of a kind, in the order of their names; none if there are none."""
        shards = sorted((self.folder / "examples" / kind).glob("*/shard.json"))
        return [ExampleShard.open(path.parent) for path in shards]

    @property
    def statistics(self) -> Path:
        return self.folder / "statistics.npz"

    @property
    def correlation(self) -> Path:
        return self.folder / "correlation.pt"

    @property
    def checkpoint(self) -> Path:
        return self.folder / "actor.pt"

    @property
    def log(self) -> Path:
        return self.folder / "actor.jsonl"


def make_corpus(config: CorpusConfig, progress: Progress) -> None:
    """Synthesise speech, and align real speech where there is any.

    Raises
    ------
    RigtalkError
        If an engine is not installed.
    """
    build_corpus(config, progress)
    build_nonspeech(config.folder / "nonspeech", seed=config.seed)
    if (config.speech / "manifest.csv").is_file():
        build_real(config.speech, config.folder, progress)


def make_examples(
    place: Workplace,
    *,
    corpus: Path,
    captures: Path,
    seed: int,
    progress: Progress,
    samples: bool = False,
) -> None:
    """Make the examples that are missing, of all speech and all captures that there are.

    Parameters
    ----------
    corpus : Path
        Cache of speech.
    captures : Path
        FACEGOOD takes; may be absent.
    samples : bool
        Keep the sound, for an encoder.
    """
    for split, (kind, takes, feel) in KINDS.items():
        total = len(Shard.names(corpus / split)) * len(takes)
        target = place.folder / "examples" / kind
        made = prepare_shards(
            corpus / split, target, takes=takes, seed=seed, feel=feel, samples=samples
        )
        for i, folder in enumerate(made):
            progress(folder.name, (i + 1) / total)
    there = [name for name in TAKES if (captures / f"facegood_{name}.npz").is_file()]
    takes_read = read_takes(captures, names=there)
    for kind, held_out, versions in (("captures", False, 4), ("capture-validation", True, 1)):
        prepare_captures(
            [take for take in takes_read if take.held_out == held_out],
            place.folder / "examples" / kind,
            versions=versions,
            seed=seed,
            samples=samples,
        )


def make_statistics(place: Workplace, *, most: int = 60) -> None:
    """Measure how far each control moves in synthetic speech, from at most `most` shards.

    Raises
    ------
    RigtalkError
        If there are no examples yet.
    """
    shards = place.examples("synthetic")
    if not shards:
        raise RigtalkError(f"no examples in {place.folder}: run `rigtalk train corpus` first")
    chosen = shards[:: max(1, len(shards) // most)]
    with replacing(place.statistics) as file:
        np.savez(file, **control_statistics(chosen, stride=5))


def load_scales(place: Workplace) -> Scales:
    """The scales of the losses."""
    moments = _statistics(place)
    return Scales(*(moments[name][1:] for name in SETS))


def _statistics(place: Workplace) -> dict[str, np.ndarray]:
    if not place.statistics.is_file():
        make_statistics(place)
    with np.load(place.statistics, allow_pickle=False) as stored:
        return {name: stored[name] for name in SETS}


def window_sample(
    shards: Sequence[ExampleShard], config: CorrelationConfig, *, every: int
) -> tuple[Tensor, Tensor]:
    """Windows of ground truth, one `every` so many frames.

    Returns
    -------
    values : Tensor, shape (N, window, controls), float16
    emotion : Tensor, shape (N, 7), float32
    """
    values, emotion = [], []
    for shard in shards:
        starts = np.arange(0, shard.frames - config.window, every)
        rows = starts[:, None] + np.arange(config.window)
        joined = np.concatenate([np.asarray(shard.arrays[name])[rows] for name in SETS], axis=-1)
        values.append(torch.from_numpy(joined))
        felt = np.asarray(shard.arrays["emotion"])[rows].mean(axis=1).astype(np.float32)
        emotion.append(torch.from_numpy(felt))
    return torch.cat(values), torch.cat(emotion)


def make_correlation(
    place: Workplace, config: CorrelationConfig, *, steps: int, seed: int
) -> dict[str, dict[str, float]]:
    """Train the correlation model and judge it on shards that it has not seen.

    Returns
    -------
    dict
        R² of each hidden group, told by the model (``"model"``) and by ridge regression from the
        other groups (``"linear"``).
    """
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    moments = _statistics(place)
    joined = np.concatenate([moments[name] for name in SETS], axis=1)
    owned = np.concatenate([layer_owned(control_set(name)) for name in SETS])
    mean, deviation = joined[0], np.where(owned, 0.0, joined[1])
    groups = groups_of(tuple(control_set(name) for name in SETS), deviation)
    model = CorrelationModel(
        groups,
        mean=torch.from_numpy(mean),
        deviation=torch.from_numpy(deviation),
        config=config,
    )
    shards = place.examples("synthetic")
    # No take of a line that it is judged by may have been seen.
    lines = sorted({shard.lines for shard in shards})
    held_out = set(lines[::HELD_OUT]) if len(lines) >= HELD_OUT else set()
    kept = [shard for shard in shards if shard.lines in held_out] or shards
    seen = [shard for shard in shards if shard.lines not in held_out]
    train = window_sample(seen, config, every=25)
    train_correlation(model, *train, steps=steps, seed=seed)
    test = window_sample(kept, config, every=50)
    test = test[0][:4000], test[1][:4000]
    pick = torch.randperm(len(train[0]), generator=torch.Generator().manual_seed(seed))[:8000]
    figures = {
        "model": masked_r2(model, *test),
        "linear": linear_r2(model, (train[0][pick], train[1][pick]), test),
    }
    state = {
        "config": json.dumps(asdict(config)),
        "groups": [(group.name, list(group.columns)) for group in groups],
        "model": model.state_dict(),
    }
    with replacing(place.correlation) as file:
        torch.save(state, file)
    pack_correlation(model, place.correlation.with_suffix(".npz"))  # what fine-tuning ships
    place.correlation.with_suffix(".json").write_text(json.dumps(figures, indent=1))
    return figures


def load_correlation(place: Workplace) -> CorrelationModel:
    """The frozen correlation model.

    Raises
    ------
    RigtalkError
        If it has not been trained.
    """
    if not place.correlation.is_file():
        raise RigtalkError(
            f"no correlation model in {place.folder}: run `rigtalk train correlation` first"
        )
    state = torch.load(place.correlation, weights_only=True)
    weights = state["model"]
    model = CorrelationModel(
        tuple(Group(name, tuple(columns)) for name, columns in state["groups"]),
        mean=weights["mean"],
        deviation=weights["deviation"],
        config=CorrelationConfig(**json.loads(state["config"])),
    )
    model.load_state_dict(weights)
    return model.eval()


def make_actor(
    place: Workplace,
    config: TrainConfig,
    *,
    resume: bool = False,
    begin_with: Path | None = None,
    pretrained: nn.Module | None = None,
) -> None:
    """Train the actor on the examples that there are, under the frozen correlation model.

    Parameters
    ----------
    resume : bool
        Go on with the run whose checkpoint lies here.
    begin_with : Path, optional
        Checkpoint of another run, whose weights this one begins with.
    pretrained : Module, optional
        The encoder of a run that has one.

    Raises
    ------
    RigtalkError
        If there are no examples or no correlation model, or the checkpoint does not fit.
    """
    corpora = Corpora(*(place.examples(kind) for kind in ("synthetic", "real", "captures")))
    if not (corpora.synthetic or corpora.real):
        raise RigtalkError(f"no examples in {place.folder}: run `rigtalk train corpus` first")
    validation = place.examples("validation"), place.examples("capture-validation")
    if config.encoder:
        check_samples(
            [*corpora.synthetic, *corpora.real, *corpora.captures, *validation[0], *validation[1]]
        )
    trainer = Trainer(
        config,
        corpora,
        load_scales(place),
        correlation=load_correlation(place) if config.losses.correlation else None,
        log=place.log,
        pretrained=pretrained,
    )
    if begin_with is not None and not resume:
        trainer.adopt(begin_with)
    if resume:
        trainer.resume(place.checkpoint)

    def judged(actor: Actor) -> dict[str, float]:
        return assess(actor, *validation)

    trainer.run(checkpoint=place.checkpoint, evaluate=judged)


def make_export(place: Workplace, path: Path, *, material: Material | None = None) -> float:
    """Export the checkpoint, with the closure threshold that suits unseen people.

    Parameters
    ----------
    place : Workplace
    path : Path
    material : Material, optional
        What to choose the threshold on; without it the network's word on the validation examples
        is taken.

    Returns
    -------
    float
        The threshold.

    Raises
    ------
    RigtalkError
        If there is no checkpoint, or the exported file does not do what torch does.
    """
    actor = load_actor(place.checkpoint)
    validation = place.examples("validation")

    def export(target: Path, threshold: float) -> None:
        export_actor(actor, target, closure_threshold=threshold)

    threshold = 0.5
    if material is not None:
        threshold = choose_on_faces(export, material)
    elif validation:
        said = np.concatenate([perform_shard(actor, shard)["closure"] for shard in validation])
        truth, silence = (
            np.concatenate([np.asarray(shard.arrays[name], dtype=float) for shard in validation])
            for name in ("closure", "silence")
        )
        threshold = choose_threshold(closure_curve(said, truth, silence))
    path.parent.mkdir(parents=True, exist_ok=True)
    export(path, threshold)
    return threshold
