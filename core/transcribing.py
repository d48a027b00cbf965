"""`rigtalk transcribe`: the words of recordings, to be read over and given back as scripts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from .audio import read_clip
from .errors import RigtalkError
from .files.replacing import replacing
from .speech.recognise import recognise

__all__ = ["add_transcribe", "run_transcribe"]

Watch = Callable[[Path], AbstractContextManager[Callable[[float], None]]]


def add_transcribe(parser: argparse.ArgumentParser) -> None:
    """The words of the verb."""
    parser.add_argument("audio", nargs="+", type=Path, metavar="AUDIO", help="recordings")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FOLDER",
        help="write NAME.txt for each recording into it (default: the words are shown); "
        "read them over, then animate with --script FOLDER",
    )


def run_transcribe(
    arguments: argparse.Namespace, watch: Watch, complain: Callable[[object], None]
) -> int:
    """Show or write what is said in each recording that can be heard; the others get a line each.

    Files that are there already are left alone: somebody may have corrected them.
    """
    folder = arguments.output
    if folder is not None:
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise RigtalkError(f"{folder}: cannot be made ({error.strerror})") from None
    failed = False
    for audio in arguments.audio:
        try:
            path = None if folder is None else folder / f"{audio.stem}.txt"
            if path is not None and path.exists():
                raise RigtalkError(f"{path}: is there already; remove it to have it written anew")
            with watch(audio) as progress:
                words = recognise(read_clip(audio).samples, progress=progress)
            if not words:
                raise RigtalkError(f"{audio}: no English words were recognised")
            if path is None:
                sys.stdout.write(f"{words}\n")
                continue
            with replacing(path) as file:
                file.write(f"{words}\n".encode())
            sys.stdout.write(f"{path}\n")
        except RigtalkError as error:
            complain(error)
            failed = True
    return 2 if failed else 0
