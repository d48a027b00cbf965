"""The words of ``rigtalk head``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

__all__ = ["add_head"]

EPILOG = """\
A .splathead holds Gaussians that lie on a character's mesh and move with it:
  fit      makes one from Blender's pictures of a rigged head (needs Blender)
  bind     lays a captured head (.ply .spz .glb) onto a rigged mesh (needs Blender)
  render   speaks a recording, or plays curves, as a video or as pictures
  export   writes it for other programs, a file for each frame or at rest with its binding
  style    gives it the colours of a picture
  info     says what is in a file
"""
BACKENDS = ("cuda", "cpu", "numpy")
QUALITIES = ("draft", "standard", "fine")
FORMATS = ("ply", "spz", "gltf")


def add_head(
    parser: argparse.ArgumentParser, add_direction: Callable[[argparse.ArgumentParser], None]
) -> None:
    """Add what the verb takes; `add_direction` adds the words for the actor."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    verbs = parser.add_subparsers(dest="head_verb", metavar="VERB", required=True)
    _add_fit(verbs.add_parser("fit", help="make one from Blender's pictures of a rigged head"))
    _add_bind(verbs.add_parser("bind", help="lay a captured head onto a rigged mesh"))
    _add_render(
        verbs.add_parser("render", help="a recording, or curves, as a video or pictures"),
        add_direction,
    )
    _add_export(verbs.add_parser("export", help="files of Gaussians for other programs"))
    _add_style(verbs.add_parser("style", help="the colours of a picture"))
    info = verbs.add_parser("info", help="what is in a file")
    info.add_argument("file", type=Path, metavar="FILE", help="a .splathead .ply .spz .glb .gltf")


def _add_fit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "scene", nargs="?", type=Path, metavar="SCENE", help="a .blend; default: the embedded head"
    )
    _add_object(parser)
    _add_output(parser, "HEAD", "a .splathead")
    parser.add_argument("--quality", choices=QUALITIES, default="standard", help="(standard)")
    parser.add_argument(
        "--gaussians", type=int, metavar="N", help="at most so many (default: by quality)"
    )
    parser.add_argument(
        "--engine", metavar="NAME", help="workbench, eevee or cycles (default: the scene's own)"
    )
    parser.add_argument("--size", type=int, metavar="N", help="edge of the pictures, pixels")
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="pictures and progress (default: HEAD.work)"
    )
    parser.add_argument(
        "--minutes", type=float, metavar="M", help="stop fitting after so long, with what is there"
    )
    parser.add_argument("--keep", action="store_true", help="keep the pictures")
    _add_threads(parser)


def _add_bind(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scan", type=Path, metavar="SCAN", help="a .ply .spz .glb .gltf")
    parser.add_argument("--scene", type=Path, metavar="BLEND", help="default: the embedded head")
    _add_object(parser)
    _add_output(parser, "HEAD", "a .splathead")
    parser.add_argument(
        "--axes",
        metavar="XYZ",
        help="where the scan's x, y and z point, such as RDF or RUB (default: the format's usual)",
    )
    parser.add_argument(
        "--align",
        default="yes",
        metavar="yes|no|FILE",
        help="find scale, turn and place (yes), keep them (no), or begin with pairs of points: "
        "lines of x,y,z on the scan and x,y,z on the object",
    )
    parser.add_argument(
        "--within",
        type=float,
        metavar="UNITS",
        help="leave out Gaussians farther from the mesh than this",
    )


def _add_render(
    parser: argparse.ArgumentParser, add_direction: Callable[[argparse.ArgumentParser], None]
) -> None:
    _add_file(parser)
    parser.add_argument(
        "line", type=Path, metavar="LINE", help="a recording, or curves (.csv .json .npz)"
    )
    _add_output(parser, "OUT", "a .mp4, or a folder for PNGs")
    parser.add_argument("--audio", type=Path, metavar="FILE", help="the sound for curves")
    parser.add_argument("--fps", help="frames a second (default 30)")
    add_direction(parser)
    parser.add_argument("--size", default="720x720", metavar="WxH", help="pixels (720x720)")
    parser.add_argument(
        "--camera",
        default="",
        metavar="YAW,PITCH,DISTANCE,FOV",
        help="degrees to the head's left and up from its front, distance in the scene's unit, "
        "angle in degrees; what is left out is chosen",
    )
    parser.add_argument(
        "--background",
        metavar="COLOUR",
        help="#rrggbb, a name such as white, or transparent (PNG; the default there)",
    )
    parser.add_argument("--bits", type=int, choices=(8, 16), default=8, help="of PNGs (8)")
    _add_frames(parser)
    parser.add_argument(
        "--backend", choices=BACKENDS, help="what draws (default: the fastest that works)"
    )
    _add_threads(parser)


def _add_export(parser: argparse.ArgumentParser) -> None:
    _add_file(parser)
    parser.add_argument(
        "line", nargs="?", type=Path, metavar="CURVES", help="a .csv .json .npz; not with --rest"
    )
    _add_output(parser, "FOLDER", "where the files go")
    parser.add_argument("--format", choices=FORMATS, default="ply", help="(ply)")
    parser.add_argument("--fps", help="frames a second (default: those of the curves)")
    _add_frames(parser)
    parser.add_argument(
        "--rest", action="store_true", help="at rest, with its binding and shapes as .npz and .json"
    )


def _add_style(parser: argparse.ArgumentParser) -> None:
    _add_file(parser)
    parser.add_argument(
        "--picture", type=Path, required=True, metavar="FILE", help="a .png or .jpg"
    )
    _add_output(parser, "HEAD", "a .splathead")
    parser.add_argument("--amount", type=float, default=1.0, metavar="0..1", help="(1)")


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("head", type=Path, metavar="HEAD", help="a .splathead")


def _add_object(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--object", metavar="NAME", help="the character in the scene")


def _add_output(parser: argparse.ArgumentParser, name: str, what: str) -> None:
    parser.add_argument("-o", "--output", type=Path, required=True, metavar=name, help=what)


def _add_frames(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--frames", metavar="FIRST:LAST", help="only these, counted from 1; either may be left out"
    )


def _add_threads(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=int, default=0, metavar="N", help="cores (default: all)")
