"""``rigtalk train --from PRETRAINED --captures DIR``: an actor in the manner of captured takes."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from rigtalk.core import Actor
from rigtalk.core.audio import read_clip
from rigtalk.core.files.replacing import replacing
from rigtalk.rigs.errors import RigtalkError

from ..export import export_actor
from .captures import find_captures
from .check import LONGEST_LAG, CheckedTake, check_files
from .material import Material, versions_of
from .measuring import emotions_kept, nearness
from .pretrained import Pretrained, load_pretrained
from .report import check_lines, comparison_lines
from .together import unpack_correlation
from .tuning import TuneConfig, tune

__all__ = ["Job", "add_options", "fine_tune", "look_over", "run"]

LINE = Path(__file__).resolve().parents[2] / "core" / "data" / "line.flac"
"""Another voice than the captured one, in which emotions are compared too."""
EMOTION_SECONDS = 20.0
"""Of one take, on which emotions are compared."""
SHORT_SECONDS = 60.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Job:
    """What is asked for.

    Attributes
    ----------
    pretrained : Path, optional
        ONNX or checkpoint; the embedded actor if absent.
    captures : Path
        Folder to learn from.
    measure : Path, optional
        Folder of takes that are only measured on.
    onnx : Path
        The new actor; a report goes beside it, as ``.json``.
    longest_lag : float
        Seconds of constant lag that may be corrected.
    voices : int
        In how many voices and rooms each take is heard, the real one included.
    config : TuneConfig
    """

    captures: Path
    onnx: Path
    pretrained: Path | None = None
    measure: Path | None = None
    longest_lag: float = LONGEST_LAG
    voices: int = 3
    config: TuneConfig = field(default_factory=TuneConfig)


def look_over(
    folder: Path, pretrained: Pretrained, say: Say, *, longest_lag: float
) -> list[CheckedTake]:
    """Check every take of a folder, and say what is wrong with it.

    Returns
    -------
    list of CheckedTake
        The refused ones as well.
    """
    files, complaints = find_captures(folder)
    for complaint in complaints:
        say(f"  {complaint}")
    takes = []
    for each in files:
        take = check_files(each, pretrained.actor, longest_lag=longest_lag)
        for line in check_lines(take):
            say(f"  {line}")
        takes.append(take)
    return takes


def fine_tune(job: Job, say: Say) -> dict[str, object]:
    """Check the captures, fine-tune, measure, and write the new actor and its report.

    Returns
    -------
    dict
        The report.

    Raises
    ------
    RigtalkError
        If there is nothing to learn from, nothing was gained, or a file cannot be read or written.
    """
    pretrained = load_pretrained(job.pretrained)
    say(f"check {job.captures}:")
    takes = _usable(look_over(job.captures, pretrained, say, longest_lag=job.longest_lag), job)
    unseen: list[CheckedTake] = []
    if job.measure is not None:
        say(f"check {job.measure}, to be measured on:")
        found = look_over(job.measure, pretrained, say, longest_lag=job.longest_lag)
        unseen = [take for take in found if not take.refused]
    seconds = sum(take.seconds for take in takes)
    if seconds < SHORT_SECONDS:
        say(f"  only {seconds:.0f} s in all: expect a hint of the manner, two minutes are better")
    say(f"train on {len(takes)} takes, {seconds:.0f} s:")
    rng = np.random.default_rng(job.config.seed)
    voices = [
        list(
            versions_of(
                take,
                pretrained.actor,
                count=job.voices,
                rng=rng,
                together=unpack_correlation(),
            )
        )
        for take in takes
    ]
    tuned = tune(
        Material([version for take in voices for version in take], pretrained.actor),
        [take[0] for take in voices],
        job.config,
        progress=lambda share, loss: say(
            f"  {100 * share:5.1f} %  loss on held-out ends {loss:.4f}"
        ),
    )
    if not tuned.best:
        raise RigtalkError(
            "fine-tuning came no nearer to the captures on the ends of the takes that it did not "
            "see; give it more minutes or more takes. Nothing was written"
        )
    job.onnx.parent.mkdir(parents=True, exist_ok=True)
    export_actor(tuned.actor, job.onnx, closure_threshold=pretrained.closure_threshold)
    before, after = _loaded(pretrained), Actor.load(job.onnx)
    recordings = [takes[0].samples[: int(EMOTION_SECONDS * 16000)], read_clip(LINE).samples]
    report: dict[str, object] = {
        "from": pretrained.source.name,
        "takes": {take.name: _facts(take) for take in takes},
        "config": asdict(job.config),
        "steps": tuned.steps,
        "history": tuned.history,
        "chosen": tuned.best,
        "ends": {
            "before": nearness(before, takes, part="end"),
            "after": nearness(after, takes, part="end"),
        },
        "emotions": emotions_kept(before, after, recordings),
    }
    if unseen:
        report["measured"] = {
            "takes": [take.name for take in unseen],
            "before": nearness(before, unseen),
            "after": nearness(after, unseen),
        }
    with replacing(job.onnx.with_suffix(".json")) as file:
        file.write(json.dumps(report, indent=1).encode())
    for line in comparison_lines(report):
        say(line)
    say(f"{job.onnx}: use it with `rigtalk animate --actor {job.onnx} …`")
    return report


def _usable(takes: list[CheckedTake], job: Job) -> list[CheckedTake]:
    usable = [take for take in takes if not take.refused]
    if not usable:
        raise RigtalkError(
            f"{job.captures}: no take that can be learnt from; mend what is said above"
        )
    return usable


def _facts(take: CheckedTake) -> dict[str, object]:
    return {
        "seconds": round(take.seconds, 2),
        "emotions": dict(take.emotions),
        "controls": int(take.known.any(axis=0).sum()),
        "alignment": asdict(take.alignment) if take.alignment else None,
        "findings": [asdict(finding) for finding in take.findings],
    }


def _loaded(pretrained: Pretrained) -> Actor:
    """The actor to begin with, as core runs it."""
    if pretrained.source.suffix != ".pt":
        return Actor.load(pretrained.source)
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "before.onnx"
        export_actor(pretrained.actor, path, closure_threshold=pretrained.closure_threshold)
        return Actor.load(path)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The words that only fine-tuning knows."""
    parser.add_argument(
        "--from",
        dest="pretrained",
        type=Path,
        metavar="PRETRAINED",
        help="fine-tune this actor, .onnx or .pt (default: the embedded one)",
    )
    parser.add_argument(
        "--captures",
        type=Path,
        metavar="DIR",
        help="learn from recordings with Live Link Face .csv (or .json, .npz) of the same name",
    )
    parser.add_argument(
        "--measure", type=Path, metavar="DIR", help="takes to measure on, before and after"
    )
    parser.add_argument("--check", action="store_true", help="only look the captures over")
    parser.add_argument(
        "--longest-lag",
        type=float,
        default=LONGEST_LAG,
        metavar="S",
        help=f"correct a constant lag of up to so many seconds (default {LONGEST_LAG:g})",
    )


def run(words: Sequence[str], parser: argparse.ArgumentParser, say: Say) -> int:
    """Fine-tune as some words ask for.

    Returns
    -------
    int
        0; 2 if takes were only looked over and one of them was refused.
    """
    add_options(parser)
    usual = TuneConfig()
    parser.add_argument("--minutes", type=float, default=usual.minutes, help="time to train")
    parser.add_argument("--steps", type=int, help="train by steps instead of minutes")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--onnx", type=Path, help="the new actor; DIR.onnx here if absent")
    options = parser.parse_args(list(words))
    if options.captures is None:
        raise RigtalkError("train: --from needs --captures, a folder of recordings with curves")
    for name, least in (("minutes", 0.0), ("longest_lag", 0.0)):
        value = getattr(options, name)
        if not least < value < float("inf"):
            raise RigtalkError(
                f"train: --{name.replace('_', '-')} is {value:g}: it must be above 0"
            )
    if options.steps is not None and options.steps < 1:
        raise RigtalkError(f"train: --steps is {options.steps}: it must be at least 1")
    if not 0 <= options.seed < 2**32:
        raise RigtalkError(f"train: --seed is {options.seed}: it must be from 0 to 4294967295")
    torch.set_num_threads(1)
    if options.check:
        pretrained = load_pretrained(options.pretrained)
        takes = look_over(options.captures, pretrained, say, longest_lag=options.longest_lag)
        return 2 if any(take.refused for take in takes) else 0
    job = Job(
        captures=options.captures,
        onnx=options.onnx or Path(f"{options.captures.resolve().name}.onnx"),
        pretrained=options.pretrained,
        measure=options.measure,
        longest_lag=options.longest_lag,
        config=replace(usual, minutes=options.minutes, steps=options.steps, seed=options.seed),
    )
    fine_tune(job, say)
    return 0
