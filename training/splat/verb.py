"""``rigtalk train head-attention HEAD --takes … -o OUT``: a head learns what sound does to it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch

from rigtalk.core.files.replacing import replacing
from rigtalk.core.splat.attention import ATTENTION_CHANNELS
from rigtalk.core.splat.files.head_file import read_head, write_head
from rigtalk.rigs.errors import RigtalkError

from .drawing import Stage
from .export import export_attention
from .lesson import Lesson, head_size, make_lessons
from .measure import Nearness, linear_prediction, nearness
from .module import AttentionConfig
from .pictures import PictureRun, face_of, picture_frames, psnr
from .places import place_features
from .takes import HeadTake, read_takes
from .targets import TARGET_CHANNELS
from .train import LearnConfig, MotionRun, predicted

__all__ = ["HeadJob", "learn_head", "run"]

Say = Callable[[str], None]
FRAMES = 600
"""Of motion, to learn from."""
PICTURE_STEPS = 400


@dataclass(frozen=True)
class HeadJob:
    """What is asked for.

    Attributes
    ----------
    head : Path
    takes : tuple of Path
    out : Path
        The new head; a report goes beside it, as ``.json``.
    measure : tuple of Path
        Takes that are only measured on; the ends of `takes` if none.
    picture_steps : int
        After those of `config`, where the takes have pictures; 0 to learn from motion alone.
    compare : bool
        Train an equal network without sound as well, to see what sound is worth.
    checkpoint : Path, optional
    resume : bool
    config : LearnConfig
    """

    head: Path
    takes: tuple[Path, ...]
    out: Path
    measure: tuple[Path, ...] = ()
    picture_steps: int = PICTURE_STEPS
    compare: bool = False
    checkpoint: Path | None = None
    resume: bool = False
    config: LearnConfig = field(default_factory=LearnConfig)


def learn_head(job: HeadJob, say: Say) -> dict[str, dict[str, float]]:
    """Read, learn, measure, and write the head with its attention.

    Returns
    -------
    dict
        Median and 95th percentile of the distances to the truth on unseen speech, in the mesh's
        unit, for ``"shapes"``, ``"linear"``, ``"attention"`` and, if compared, ``"no sound"``; with
        pictures also ``"psnr"`` in dB, of the shapes and of the attention.

    Raises
    ------
    RigtalkError
        If something cannot be read, there is nothing to learn, or nothing was learnt.
    """
    head = read_head(job.head)
    takes = read_takes(job.takes, head)
    unseen = read_takes(job.measure, head) if job.measure else []
    pictures = all(take.pictures for take in (*takes, *unseen)) and job.picture_steps > 0
    seconds = sum(len(take.features) / 100 for take in takes)
    say(f"{len(takes)} takes, {seconds:.0f} s:")
    index, learnt, held = make_lessons(
        takes,
        head,
        frames=FRAMES,
        window=job.config.attention.window,
        seed=job.config.seed,
        unseen=unseen,
        always=face_of(head) if pictures else None,
        progress=_every(say, "what the shapes miss"),
    )
    size = head_size(head)
    say(f"  {len(index)} of {len(head)} Gaussians take part, in {len(learnt)} frames")
    channels = ATTENTION_CHANNELS if pictures else TARGET_CHANNELS
    run = MotionRun(job.config, place_features(head, index), learnt, channels)
    if job.resume:
        run.resume(_checkpoint(job))
    run.run(checkpoint=job.checkpoint, progress=_learning(say))
    figures: dict[str, dict[str, float]] = {}
    if pictures:
        figures["psnr"] = _with_pictures(job, run, Stage(head, index), takes, unseen, say)
    found = {
        "shapes": nearness(None, held, size),
        "linear": nearness(linear_prediction(learnt, held, size), held, size),
    }
    if job.compare:
        found["no sound"] = _without_sound(job.config, run, learnt, held, size)
    found["attention"] = nearness(predicted(run.module, held), held, size)
    for name, each in found.items():
        say(f"  {LABELS[name]:<34} {_parts(each, size)}")
        figures[name] = asdict(each)
    _check_gain(figures)
    facts = {
        **head.facts,
        "attention takes": len(takes),
        "attention error": found["attention"].median,
        "attention error without": found["shapes"].median,
    }
    attention = export_attention(run.module, index, size=size)
    write_head(job.out, replace(head, attention=attention, facts=facts))
    report = {
        "head": job.head.name,
        "takes": [take.name for take in takes],
        "measured on": [take.name for take in unseen] or "the ends of the takes",
        "gaussians": len(index),
        "config": asdict(job.config),
        "error": figures,
    }
    with replacing(job.out.with_suffix(".json")) as file:
        file.write(json.dumps(report, indent=1).encode())
    say(f"{job.out}: speaks with its own sound in `rigtalk head render {job.out} line.wav`")
    return figures


def _with_pictures(
    job: HeadJob,
    motion: MotionRun,
    stage: Stage,
    takes: Sequence[HeadTake],
    unseen: Sequence[HeadTake],
    say: Say,
) -> dict[str, float]:
    frames, held = picture_frames(takes, unseen)
    config = replace(
        job.config,
        steps=job.picture_steps,
        learning_rate=job.config.learning_rate / 2,
        save_steps=max(1, job.picture_steps // 4),
    )
    run = PictureRun(config, motion, stage, frames)
    path = None
    if job.checkpoint:
        path = job.checkpoint.with_name(f"{job.checkpoint.stem}-pictures{job.checkpoint.suffix}")
        if job.resume and path.is_file():
            run.resume(path)
    run.run(checkpoint=path, progress=_learning(say))
    found = {"shapes": psnr(None, stage, held), "attention": psnr(motion.module, stage, held)}
    stage.close()
    say(
        f"  pictures: {found['shapes']:.2f} dB by the shapes alone, "
        f"{found['attention']:.2f} dB with the attention"
    )
    return found


def _check_gain(figures: dict[str, dict[str, float]]) -> None:
    nearer = figures["attention"]["median"] < figures["shapes"]["median"]
    seen = figures.get("psnr", {"attention": 0.0, "shapes": 0.0})
    if not (nearer or seen["attention"] > seen["shapes"]):
        raise RigtalkError(
            "the attention came no nearer on speech it had not heard; give more takes or steps. "
            "Nothing was written"
        )


LABELS = {
    "shapes": "the shapes alone are off by",
    "linear": "with the best linear correctives by",
    "no sound": "with an equal network, no sound, by",
    "attention": "with the attention by",
}


def _without_sound(
    config: LearnConfig, motion: MotionRun, learnt: Lesson, held: Lesson, size: float
) -> Nearness:
    deaf = replace(config, attention=replace(config.attention, audio=False))
    other = MotionRun(deaf, motion.module.features.numpy(), learnt)
    other.run()
    return nearness(predicted(other.module, held), held, size)


def _parts(each: Nearness, size: float) -> str:
    median, high = 1e3 * each.median / size, 1e3 * each.high / size
    return (
        f"{each.median:.3g} (median), {each.high:.3g} (95 %): "
        f"{median:.2f} and {high:.2f} thousandths of the face"
    )


def _every(say: Say, what: str, share: float = 0.25) -> Callable[[float], None]:
    told = 0.0

    def progress(done: float) -> None:
        nonlocal told
        if done >= told + share or done >= 1 > told:
            told = done
            say(f"  {100 * done:5.1f} %  {what}")

    return progress


def _learning(say: Say) -> Callable[[float, float], None]:
    return lambda share, loss: say(f"  {100 * share:5.1f} %  loss {loss:.4f}")


def _checkpoint(job: HeadJob) -> Path:
    if job.checkpoint is None:
        raise RigtalkError("train: --resume needs --checkpoint FILE, the run to go on with")
    return job.checkpoint


def run(words: Sequence[str], parser: argparse.ArgumentParser, say: Say) -> int:
    """Do as some words ask.

    Returns
    -------
    int
        0.
    """
    usual = LearnConfig()
    parser.add_argument("head", type=Path, metavar="HEAD", help="a .splathead")
    parser.add_argument(
        "--takes",
        type=Path,
        nargs="+",
        required=True,
        metavar="DIR_OR_AUDIO",
        help="recordings with the motion of the mesh (.npz of the same name), captures, or folders "
        "of them; recordings alone are performed by the embedded actor on a jaw with a hinge",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="OUT.splathead")
    parser.add_argument(
        "--measure", type=Path, nargs="+", default=[], metavar="DIR_OR_AUDIO",
        help="takes to measure on (default: the last 15 %% of each take)",
    )  # fmt: skip
    parser.add_argument(
        "--compare", action="store_true", help="train an equal network without sound as well"
    )
    parser.add_argument("--steps", type=int, default=usual.steps)
    parser.add_argument(
        "--picture-steps",
        type=int,
        default=PICTURE_STEPS,
        help="where takes have pictures; 0 to learn from motion alone",
    )
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument(
        "--layers", type=int, choices=(1, 2), default=usual.attention.layers,
        help="of the attention; two take twice the time",
    )  # fmt: skip
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="keep the run here")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint")
    options = parser.parse_args(list(words))
    if options.steps < 1:
        raise RigtalkError(f"train: --steps is {options.steps}: it must be at least 1")
    if options.picture_steps < 0:
        raise RigtalkError(f"train: --picture-steps is {options.picture_steps}: below 0")
    if not 0 <= options.seed < 2**32:
        raise RigtalkError(f"train: --seed is {options.seed}: it must be from 0 to 4294967295")
    if options.output.suffix != ".splathead":
        raise RigtalkError(f"{options.output}: the new head must end in .splathead")
    torch.set_num_threads(1)
    job = HeadJob(
        head=options.head,
        takes=tuple(options.takes),
        out=options.output,
        measure=tuple(options.measure),
        compare=options.compare,
        picture_steps=options.picture_steps,
        checkpoint=options.checkpoint,
        resume=options.resume,
        config=replace(
            usual,
            steps=options.steps,
            seed=options.seed,
            attention=AttentionConfig(layers=options.layers),
        ),
    )
    if job.resume:
        _checkpoint(job)
    learn_head(job, say)
    return 0
