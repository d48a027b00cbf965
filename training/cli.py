"""``rigtalk train``: the training pipeline, step by step or all at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from rigtalk.rigs.errors import RigtalkError

from .averaging import average
from .compare import VARIANTS, compare
from .config import CorrelationConfig, TrainConfig
from .corpus.build import ENGINE_HOURS, CorpusConfig
from .encoder.arguments import add_encoder, check_encoder, with_encoder
from .evaluation.command import add_options, run_evaluate, run_reference
from .evaluation.material import load_material
from .pipeline import (
    Workplace,
    make_actor,
    make_corpus,
    make_correlation,
    make_examples,
    make_export,
    make_statistics,
)

__all__ = ["main"]

FINE_TUNING = ("--from", "--captures")
"""Words that ask for an actor in the manner of captured takes instead of a new one."""
HEAD_ATTENTION = "head-attention"
"""The step that teaches a head of Gaussians."""


class _Parser(argparse.ArgumentParser):
    """Complains in our way instead of leaving the process."""

    def error(self, message: str) -> NoReturn:
        raise RigtalkError(f"train: {message} (see rigtalk train --help)")


def main(argv: Sequence[str]) -> int:
    """Run a step of the training.

    Parameters
    ----------
    argv : sequence of str
        The words after ``rigtalk train``.

    Returns
    -------
    int
        0.

    Raises
    ------
    RigtalkError
        If the words make no sense, or something that a step needs is missing.
    """
    if argv and argv[0] == HEAD_ATTENTION:
        from .splat import verb as head_verb  # the other steps need none of it

        parser = _Parser(prog=f"rigtalk train {HEAD_ATTENTION}", description=head_verb.__doc__)
        return head_verb.run(argv[1:], parser, _say)
    if any(word.partition("=")[0] in FINE_TUNING for word in argv):
        from .finetune import verb  # the other steps need none of it

        return verb.run(argv, _Parser(prog="rigtalk train", description=verb.__doc__), _say)
    options = _parser().parse_args(list(argv))
    _checked(options)
    steps = STEPS if options.step == "all" else {options.step: {**STEPS, **ASIDE}[options.step]}
    for name, (_, run) in steps.items():
        _say(f"{name}:")
        run(options)
    return 0


def _corpus(options: argparse.Namespace) -> None:
    scale = options.hours / sum(ENGINE_HOURS.values())
    hours = {engine: usual * scale for engine, usual in ENGINE_HOURS.items()}
    config = CorpusConfig(
        folder=options.corpus, speech=options.shared / "speech", hours=hours, seed=options.seed
    )
    make_corpus(config, _progress)
    make_examples(
        Workplace(options.out),
        corpus=options.corpus,
        captures=options.shared / "captures",
        seed=options.seed,
        progress=_progress,
        samples=options.encoder is not None,
    )


def _correlation(options: argparse.Namespace) -> None:
    place = Workplace(options.out)
    make_statistics(place)
    figures = make_correlation(
        place, CorrelationConfig(), steps=options.correlation_steps, seed=options.seed
    )
    for name, told in figures["model"].items():
        _say(f"  {name:<12} R² {told:6.3f}   linear {figures['linear'][name]:6.3f}")


def _actor(options: argparse.Namespace) -> None:
    config, pretrained = with_encoder(_config(options), options)
    make_actor(
        place := Workplace(options.out),
        config,
        resume=options.resume,
        begin_with=options.begin_with,
        pretrained=pretrained,
    )
    _say(f"  checkpoint {place.checkpoint}, log {place.log}")


def _config(options: argparse.Namespace) -> TrainConfig:
    config = TrainConfig(minutes=options.minutes, steps=options.steps, seed=options.seed)
    if options.begin_with:  # it has heard enough of synthetic voices alone
        return replace(config, real_from=0.0, learning_rate=config.learning_rate / 2)
    return config


def _compare(options: argparse.Namespace) -> None:
    base = _config(options)
    chosen = [name for name in VARIANTS if not (options.begin_with and "actor" in VARIANTS[name])]
    names = options.variants or chosen
    place = Workplace(options.out)
    _say(compare(place, base, names=names, begin_with=options.begin_with, progress=_say))


def _export(options: argparse.Namespace) -> None:
    path = options.onnx or options.out / "actor.onnx"
    try:
        material = load_material(cache=options.corpus, shared=options.shared)
    except RigtalkError:  # no people to choose on: the network's word must do
        material = None
    threshold = make_export(Workplace(options.out), path, material=material)
    _say(f"  {path}, closure threshold {threshold:g}")


def _average(options: argparse.Namespace) -> None:
    target = Workplace(options.out).checkpoint
    average(options.of or [], target)
    _say(f"  checkpoint {target}")


def _evaluate(options: argparse.Namespace) -> None:
    run_evaluate(options, _say)


def _reference(options: argparse.Namespace) -> None:
    run_reference(options, _say)


STEPS: dict[str, tuple[str, Callable[[argparse.Namespace], None]]] = {
    "corpus": ("synthesise and align speech, and make training examples of it", _corpus),
    "correlation": ("learn how the regions of a face move together", _correlation),
    "actor": ("train the actor", _actor),
    "export": ("choose the closure threshold and write the ONNX file", _export),
    "evaluate": ("judge the ONNX file on real speech and held-out captures", _evaluate),
}
ASIDE: dict[str, tuple[str, Callable[[argparse.Namespace], None]]] = {
    "compare": ("train variants of the actor for the same time each, and table them", _compare),
    "average": ("write the mean of the checkpoints given by --of as OUT/actor.pt", _average),
    "reference": ("make what `rigtalk judge` knows of ground truth", _reference),
}
"""Steps that are no part of `all`."""


def _parser() -> _Parser:
    parser = _Parser(
        prog="rigtalk train",
        description=__doc__,
        epilog="To fine-tune an actor on captured takes instead: rigtalk train --captures DIR "
        "(rigtalk train --captures DIR --help). To teach a head of Gaussians what sound does to "
        f"it: rigtalk train {HEAD_ATTENTION} --help.",
    )
    help_lines = "; ".join(f"{name}: {about}" for name, (about, _) in {**STEPS, **ASIDE}.items())
    in_turn = ", ".join(STEPS)
    parser.add_argument(
        "step", choices=[*STEPS, "all", *ASIDE], help=f"{help_lines}; all: {in_turn}"
    )
    parser.add_argument("--out", type=Path, default=Path(".cache/actor"), help="working folder")
    parser.add_argument("--corpus", type=Path, default=Path(".cache/corpus"), help="speech cache")
    parser.add_argument(
        "--shared",
        type=Path,
        default=Path("../shared/data"),
        help="folder with speech/ and captures/; training goes on without what is absent",
    )
    usual = sum(ENGINE_HOURS.values())
    parser.add_argument("--hours", type=float, default=usual, help="synthetic speech")
    parser.add_argument("--minutes", type=float, default=85.0, help="time to train the actor")
    parser.add_argument("--steps", type=int, help="train by steps instead of minutes")
    parser.add_argument("--correlation-steps", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--begin-with", type=Path, metavar="FILE", help="a .pt or .onnx whose weights to begin with"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument(
        "--of", type=Path, nargs="+", metavar="FILE", help="checkpoints to average, two or more"
    )
    parser.add_argument("--variants", nargs="+", metavar="NAME", help="which ones to compare")
    parser.add_argument("--onnx", type=Path, help="the exported actor; OUT/actor.onnx if absent")
    add_encoder(parser)
    add_options(parser)
    return parser


def _checked(options: argparse.Namespace) -> None:
    check_encoder(options)
    for name in ("hours", "minutes"):
        value = getattr(options, name)
        if not 0 < value < float("inf"):
            raise RigtalkError(f"train: --{name} is {value:g}: it must be above 0")
    for name in ("steps", "correlation_steps"):
        value = getattr(options, name)
        if value is not None and value < 1:
            option = name.replace("_", "-")
            raise RigtalkError(f"train: --{option} is {value}: it must be at least 1")
    if not 0 <= options.seed < 2**32:
        raise RigtalkError(f"train: --seed is {options.seed}: it must be from 0 to 4294967295")


def _progress(what: str, share: float) -> None:
    _say(f"  {100 * share:5.1f} %  {what}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
