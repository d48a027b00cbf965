"""The command line's words: the parser, and what values mean."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from rigtalk import __version__
from rigtalk.rigs import control_set_names

from .batch.arguments import add_batch
from .direction import EMOTIONS, STRENGTH_REGIONS, Direction
from .errors import RigtalkError
from .exporting import add_export
from .files import CURVE_SUFFIXES
from .splat.commands.words import add_head
from .transcribing import add_transcribe

__all__ = ["make_parser", "parse_direction", "parse_fps"]

NTSC = {rate: round(float(rate)) * 1000 / 1001 for rate in ("23.98", "23.976", "29.97", "59.94")}
"""Rates that are called by a rounded number."""
_TIMED = re.compile(r"([^:=]+):(.*)")


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        raise RigtalkError(f"{message} (see {self.prog} --help)")


def make_parser(extra_verbs: Mapping[str, str]) -> argparse.ArgumentParser:
    """The parser of all verbs.

    Parameters
    ----------
    extra_verbs : mapping of str to str
        Verbs that the caller runs itself, and what they do.
    """
    parser = _Parser(
        prog="rigtalk",
        description="Turns recorded dialogue into facial animation on a Blender rig.",
    )
    parser.add_argument("--version", action="version", version=f"rigtalk {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    _add_animate(verbs.add_parser("animate", help="speech to curves, or to a scene"))
    add_batch(verbs.add_parser("batch", help="many lines, many characters, resumable"))
    verbs.add_parser("batch-worker")  # for `batch` itself, so without a word of help
    add_export(verbs.add_parser("export", help="takes of a scene, for other programs"))
    add_head(verbs.add_parser("head", help="heads of Gaussians that curves move"), _add_direction)
    _add_judge(verbs.add_parser("judge", help="how well curves speak a recording"))
    add_transcribe(verbs.add_parser("transcribe", help="the words of recordings, in English"))
    rigs = verbs.add_parser("rigs", help="what rigs are known; what was found in a scene")
    rigs.add_argument("scene", nargs="?", type=Path, metavar="SCENE", help="a .blend")
    for verb, what in extra_verbs.items():
        verbs.add_parser(verb, help=what, add_help=False)
    return parser


def _add_animate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("audio", nargs="+", type=Path, metavar="AUDIO", help="recordings")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        required=True,
        metavar="OUT",
        help="a file (.csv .json .npz, or with a scene .blend .fbx .glb .usd), or a folder",
    )
    formats = [suffix[1:] for suffix in CURVE_SUFFIXES]
    parser.add_argument(
        "--format", choices=formats, default="csv", help="of the files in a folder (default csv)"
    )
    parser.add_argument("--fps", help="frames a second (default 60; with --scene the scene's own)")
    parser.add_argument(
        "--rig", metavar="RIG", help=f"{', '.join(control_set_names())} (default arkit)"
    )
    _add_direction(parser)
    parser.add_argument("--threads", type=int, default=1, help="cores to use (default 1)")
    scene = parser.add_argument_group("scenes (need Blender)")
    scene.add_argument("--scene", type=Path, metavar="BLEND", help="default: the embedded head")
    scene.add_argument("--object", metavar="NAME", help="the character in the scene")
    scene.add_argument(
        "--export",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="also write .fbx, .glb or .usd",
    )
    scene.add_argument("--start-frame", type=int, default=1, metavar="N", help="default 1")


def _add_direction(parser: argparse.ArgumentParser) -> None:
    """Who acts, and how."""
    parser.add_argument(
        "--emotion",
        action="append",
        default=[],
        metavar="[SECONDS:]NAME=0..1,…",
        help=f"of {', '.join(EMOTIONS)}; with SECONDS, again and again, it changes over time",
    )
    parser.add_argument(
        "--strength",
        action="append",
        default=[],
        metavar="[SECONDS:]REGION=0..2,…",
        help=f"of {', '.join(STRENGTH_REGIONS)}; with SECONDS, again and again, it changes",
    )
    parser.add_argument(
        "--script",
        metavar="TEXT|FILE|FOLDER",
        help="what is said, for lips that close for certain: English words, a .txt of them, phones "
        "of any language with their times (.TextGrid .phn .lab), or a folder of such files",
    )
    parser.add_argument(
        "--recognise",
        action="store_true",
        help="without a script: have English words recognised (slower; needs pocketsphinx)",
    )
    parser.add_argument("--seed", type=int, default=0, help="another number, another take")
    parser.add_argument("--actor", type=Path, metavar="ONNX", help="another trained actor")


def _add_judge(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("curves", type=Path, metavar="CURVES", help="a .csv, .json or .npz")
    parser.add_argument("audio", type=Path, metavar="AUDIO", help="the recording they speak")
    parser.add_argument(
        "--labels",
        type=Path,
        metavar="FILE",
        help="phone times: .phn, .lab or .TextGrid (default: English is recognised and aligned)",
    )
    parser.add_argument("--text", metavar="TEXT|FILE", help="what is said, to be aligned")
    parser.add_argument(
        "--captures", type=Path, metavar="FILE", help="curves of the face that really spoke"
    )
    parser.add_argument(
        "--emotion", metavar="NAME", help=f"what was asked for: neutral, {', '.join(EMOTIONS)}"
    )
    parser.add_argument(
        "--rig",
        metavar="RIG",
        help=f"judge what is left on this rig: {', '.join(control_set_names())}",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as a page with plots")


def parse_fps(text: str) -> float:
    """A frame rate: a number, a fraction such as 30000/1001, or 29.97 for that fraction.

    Raises
    ------
    RigtalkError
        If it is none of these.
    """
    if text in NTSC:
        return NTSC[text]
    above, slash, below = text.partition("/")
    try:
        return float(above) / float(below) if slash else float(above)
    except (ValueError, ZeroDivisionError):
        raise RigtalkError(
            f"fps is {text!r}: give a number such as 25, 29.97 or 30000/1001"
        ) from None


def parse_direction(emotions: list[str], strengths: list[str], seed: int) -> Direction:
    """The direction that some words ask for.

    Parameters
    ----------
    emotions : list of str
        Each ``joy=0.7,anger=0.2`` or ``joy`` (full), for the whole line, or with seconds in front,
        ``3.5:joy=0.9``, for a moment; both kinds do not mix.
    strengths : list of str
        Each ``mouth=1.2,head=0``, or with seconds in front, ``3.5:mouth=1.2``; both kinds do not
        mix for one region.
    seed : int

    Raises
    ------
    RigtalkError
        If a word is not understood, unknown or out of range.
    """
    steady, keys = _over_time("--emotion", emotions, 1.0)
    if keys and steady:
        raise RigtalkError("--emotion: give seconds for all emotions, or for none")
    strength, strength_keys = _over_time("--strength", strengths, None)
    for region in strength:
        if any(region in gains for _, gains in strength_keys):
            raise RigtalkError(f"--strength: give seconds whenever you name {region}, or never")
    return Direction(
        emotions=steady, keys=keys, strength=strength, seed=seed, strength_keys=strength_keys
    )


def _over_time(
    option: str, texts: list[str], default: float | None
) -> tuple[dict[str, float], tuple[tuple[float, dict[str, float]], ...]]:
    """What holds for the whole line, and what at moments, in order of time."""
    steady: dict[str, float] = {}
    keys: list[tuple[float, dict[str, float]]] = []
    for text in texts:
        timed = _TIMED.fullmatch(text)
        if timed:
            time = _number(timed[1], f"the time in {option} {text}")
            keys.append((time, _pairs(timed[2], default)))
        else:
            steady |= _pairs(text, default)
    return steady, tuple(sorted(keys, key=lambda key: key[0]))


def _pairs(text: str, default: float | None) -> dict[str, float]:
    pairs: dict[str, float] = {}
    for item in text.split(","):
        name, equals, value = (part.strip() for part in item.partition("="))
        if not name or (not equals and default is None):
            raise RigtalkError(f"{text!r} is not understood: write NAME=NUMBER,NAME=NUMBER")
        pairs[name] = _number(value, name) if equals or default is None else default
    return pairs


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise RigtalkError(f"{what} is {text!r}: give a number") from None
