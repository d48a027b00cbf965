"""What ``rigtalk train evaluate`` and ``rigtalk train reference`` do with their words."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from rigtalk.core.files.replacing import replacing
from rigtalk.core.judge import reference
from rigtalk.rigs.errors import RigtalkError

from .evaluate import evaluate
from .ground_truth import make_reference
from .material import load_material
from .page import as_html

__all__ = ["add_options", "run_evaluate", "run_reference"]

Say = Callable[[str], None]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of both steps."""
    group = parser.add_argument_group("evaluate")
    group.add_argument("--quick", action="store_true", help="only the actor and cheap baselines")
    group.add_argument("--head", choices=("ict", "embedded"), help="to measure on")
    group.add_argument("--markdown", action="store_true", help="print the tables of the README")
    group.add_argument("--json", type=Path, metavar="FILE", help="also write the figures")
    group.add_argument("--html", type=Path, metavar="FILE", help="also write a page with plots")
    group.add_argument(
        "--reference",
        type=Path,
        default=reference.EMBEDDED,
        metavar="FILE",
        help="what `reference` writes (default: the one that ships)",
    )


def run_evaluate(options: argparse.Namespace, say: Say) -> None:
    """Judge the ONNX file on real speech and held-out captures.

    Raises
    ------
    RigtalkError
        If the actor or the speech to judge it on is missing.
    """
    path = options.onnx or options.out / "actor.onnx"
    if not path.is_file():
        raise RigtalkError(f"no actor at {path}: run `rigtalk train export` first")
    material = load_material(cache=options.corpus, shared=options.shared, head=options.head)
    report = evaluate(
        path,
        material=material,
        recogniser=not options.quick,
        breakdown=not options.quick,
        progress=lambda what: None if options.markdown else say(f"  {what} …"),
    )
    say(report.markdown() if options.markdown else report.table())
    pages = ((options.json, report.json), (options.html, lambda: as_html(report, path.name)))
    for target, text in pages:
        if target is not None:
            with replacing(target) as file:
                file.write(text().encode())


def run_reference(options: argparse.Namespace, say: Say) -> None:
    """Make what the judge compares with, from ground truth of the articulation model.

    Raises
    ------
    RigtalkError
        If there is no corpus.
    """
    made = make_reference(options.corpus, seed=options.seed)
    reference.write_reference(options.reference, made)
    right = made.about["recovered_on_unseen_lines"]
    say(f"  {options.reference}: emotions read on unseen lines {right}")
