"""The words of ``rigtalk batch``."""

from __future__ import annotations

import argparse
from pathlib import Path

__all__ = ["add_batch"]

EPILOG = """\
jobs.csv has a line a row; jobs.toml a [[line]] table for each, and [defaults] for all. Keys:
  audio      the recording; in TOML also a list or a pattern such as "lines/*.wav"
  name       for the files; the recording's name if absent
  outputs    .csv .json .npz for curves, .blend .fbx .glb .usd for scenes (default {name}.csv);
             several with ; between (in TOML: a list); {name} {character} {scene} {export}
             {folder} stand for those of the line
  emotion    joy=0.7,anger=0.2 or 0:joy=1;3.5:anger=0.5     strength   mouth=1.2,head=0
  fps  rig  seed  actor    as for animate
  script     what is said: English words, or a .txt, .TextGrid, .phn or .lab, or a folder of them
             with the recordings' names; recognise = true has the words recognised
  scene      a .blend (the embedded head if absent); character or object: who speaks in it
  preset     what .fbx .glb .usd are for: see rigtalk export
  start      frame; absent: 1, or gap seconds (0.5) after the line before it in the scene
  timeout    seconds after which the line is given up
Lines with the same .blend as output are spoken in one scene, which is saved once. In TOML,
[[character]], [[scene]] (name, file) and [[export]] tables multiply the lines: every line is done
for each entry, or for those that it names. Paths are relative to the jobs file.
"""


def add_batch(parser: argparse.ArgumentParser) -> None:
    """Add what the verb takes."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("jobs", type=Path, metavar="JOBS", help="a .toml or a .csv")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for outputs (default: that of the jobs file)",
    )
    parser.add_argument(
        "--processes", type=int, metavar="N", help="at once (default: one for each core)"
    )
    parser.add_argument(
        "--retry", action="store_true", help="also try again what failed and has not changed"
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="also outputs that were edited since they were written",
    )
    parser.add_argument("--dry-run", action="store_true", help="only check the jobs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what came of it as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as a page")
