"""``rigtalk judge``: files in, report out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from ..actor import check_rig
from ..audio import Clip, read_clip
from ..errors import RigtalkError
from ..files import read_performance
from ..files.replacing import replacing
from ..script_files import labels_of, read_text
from ..speech.timing import Phone
from .hearing import hear
from .html import as_html
from .report import as_json, as_text
from .take import judge_take

__all__ = ["judge_files"]

Watch = Callable[[Path], AbstractContextManager[Callable[[float], None]]]
"""Shows how far the work on a file is."""


def judge_files(options: argparse.Namespace, watch: Watch) -> int:
    """Run the verb.

    Parameters
    ----------
    options : argparse.Namespace
        As `arguments.make_parser` gives it.
    watch : callable
        Given a path, a context with a function to call with the share that is done.

    Returns
    -------
    int
        0.

    Raises
    ------
    RigtalkError
        If something that was given cannot be read or does not fit together.
    """
    if options.labels is not None and options.text is not None:
        raise RigtalkError("--labels and --text both say what is spoken: give one of them")
    for path in (options.json, options.html):
        if path is not None:
            _check_output(path, options)
    curves = read_performance(options.curves)
    if options.rig is not None:
        check_rig(options.rig)
        curves = curves.to(options.rig)
    clip = read_clip(options.audio)
    captures = read_performance(options.captures) if options.captures is not None else None
    phones, notes = _phones(options, clip, watch)
    take = judge_take(curves, clip, phones=phones, captures=captures, asked=options.emotion)
    take = take.with_notes(notes)
    sources = {
        name: str(getattr(options, name))
        for name in ("curves", "audio", "labels", "captures")
        if getattr(options, name) is not None
    }
    sys.stdout.write(as_text(take) + "\n")
    for path, text in (
        (options.json, lambda: as_json(take, sources)),
        (options.html, lambda: as_html(take, sources)),
    ):
        if path is not None:
            with replacing(path) as file:
                file.write(text().encode())
            sys.stdout.write(f"{path}\n")
    return 0


def _phones(
    options: argparse.Namespace, clip: Clip, watch: Watch
) -> tuple[tuple[Phone, ...] | None, tuple[str, ...]]:
    """Phones that were labelled or heard, and what to say about them."""
    if options.labels is not None:
        labels = labels_of(options.labels, options.audio)
        if not labels.unknown:
            return labels.phones, ()
        strange = ", ".join(repr(symbol) for symbol in labels.unknown[:6])
        return labels.phones, (f"labels that are no known {labels.alphabet}: {strange}",)
    text = None if options.text is None else read_text(options.text, "--text")
    try:
        with watch(options.audio) as progress:
            heard = hear(clip.samples, text, progress=progress)
    except RigtalkError as error:
        if options.text is not None:
            raise
        return None, (f"without labels only what needs none is measured ({error})",)
    if heard is None:
        return None, (
            "no English speech was recognised, so only what needs no labels is measured; give "
            "--labels for other languages",
        )
    return heard.phones, heard.notes


def _check_output(path: Path, options: argparse.Namespace) -> None:
    inputs = (options.curves, options.audio, options.labels, options.captures)
    if any(given is not None and path.resolve() == given.resolve() for given in inputs):
        raise RigtalkError(f"{path}: is an input; it is not written over, name another output")
