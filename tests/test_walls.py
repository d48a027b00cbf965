"""The walls between the rooms stand, and a crossing would be seen.

The rooms lie at the top of the repository and are installed as parts of the package ``rigtalk``, so
that a room is reached as ``rigtalk.core`` from another room and with dots from inside. The add-on
itself is installed by Blender under a name of its own, so dots are the only way there.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("rigs", "core", "training", "blender_addon")


@dataclass(frozen=True)
class Allowed:
    """What a place may import besides the standard library and itself."""

    rooms: tuple[str, ...]
    others: tuple[str, ...]


ALLOWED = {
    "rigs": Allowed((), ("numpy",)),
    # Optional: pocketsphinx finds phone times for `rigtalk judge` where no labels are given, av
    # (PyAV) writes the videos of `rigtalk head render` and reads pictures.
    "core": Allowed(("rigs",), ("numpy", "soundfile", "soxr", "onnxruntime", "pocketsphinx", "av")),
    "training": Allowed(
        ("core", "rigs"),
        (
            "numpy",
            "soundfile",
            "soxr",
            "onnxruntime",
            "torch",
            "scipy",
            "onnx",
            "onnxscript",
            "pocketsphinx",
            "transformers",
        ),
    ),
    "blender_addon": Allowed(
        ("core", "rigs"),
        (
            "numpy",
            "bpy",
            "bpy_extras",
            "bmesh",
            "mathutils",
            "addon_utils",
            "gpu",
            "gpu_extras",
            "blf",
        ),
    ),
    # The front door joins the rooms; it brings nothing of its own.
    "rigtalk": Allowed(ROOMS, ()),
    "build.py": Allowed((), ()),
}


def test_no_import_crosses_a_wall():
    found = []
    for place in ALLOWED:
        at = ROOT / place
        for path in sorted(at.rglob("*.py")) if at.is_dir() else [at]:
            source = path.read_text("utf-8")
            found += _crossings(place, path.relative_to(ROOT), source)
    assert not found, "\n".join(found)


def test_every_room_is_watched():
    assert {room for room in ROOMS if any((ROOT / room).rglob("*.py"))} == set(ROOMS)
    assert set(ALLOWED) == {*ROOMS, "rigtalk", "build.py"}


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("rigs/a.py", "import bpy"),
        ("rigs/a.py", "import rigtalk.core"),
        ("rigs/a.py", "from rigtalk import core"),
        ("rigs/a.py", "from rigtalk.core.audio import read_clip"),
        ("rigs/a.py", "from ..core import audio"),
        ("rigs/head/a.py", "from ...core import audio"),
        ("rigs/head/a.py", "from ... import core"),
        ("rigs/a.py", "import core"),
        ("rigs/a.py", "from core import audio"),
        ("rigs/a.py", "from rigtalk.rigs import controls"),
        ("rigs/a.py", "import scipy.signal"),
        ("rigs/a.py", "def late():\n    import torch"),
        ("rigs/a.py", "try:\n    import onnxruntime\nexcept ImportError:\n    pass"),
        ("rigs/a.py", "import importlib\nimportlib.import_module('bpy')"),
        ("rigs/a.py", "__import__('torch')"),
        ("core/a.py", "import torch"),
        ("core/a.py", "import bpy"),
        ("core/a.py", "import scipy"),
        ("core/a.py", "from rigtalk import rigs, training"),
        ("core/layers/a.py", "from ...rigs import controls"),
        ("core/a.py", "import rigtalk.blender_addon.host"),
        ("training/a.py", "import bpy"),
        ("training/a.py", "from rigtalk.blender_addon import host"),
        ("blender_addon/a.py", "import torch"),
        ("blender_addon/a.py", "import onnxruntime"),
        ("blender_addon/a.py", "from rigtalk.training import cli"),
        ("blender_addon/a.py", "from rigtalk.blender_addon import host"),
        ("rigtalk/a.py", "import numpy"),
        ("build.py", "import numpy"),
        ("build.py", "from rigtalk.core import cli"),
        ("build.py", "import rigtalk"),
        ("build.py", "import rigs"),
    ],
)
def test_a_crossing_is_seen(file, source):
    place = file if file in ALLOWED else file.split("/")[0]
    assert len(_crossings(place, Path(file), source)) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("rigs/a.py", "import numpy as np\nimport tomllib\nfrom importlib.resources import files"),
        ("rigs/a.py", "from . import head\nfrom .controls import Control\nfrom .head import build"),
        ("rigs/head/a.py", "from ..controls import Control\nfrom .. import errors"),
        ("core/a.py", "import soxr, soundfile\nfrom rigtalk.rigs import mapping"),
        ("core/a.py", "from rigtalk import __version__, rigs"),
        ("training/a.py", "import torch.nn\nfrom rigtalk.core import features"),
        ("training/corpus/a.py", "from ..phones import PHONES"),
        ("blender_addon/a.py", "import bpy\nfrom rigtalk.core import actor\nfrom . import keys"),
        ("rigtalk/a.py", "from rigtalk.core import cli\nimport rigtalk.training.cli"),
        ("build.py", "import subprocess"),
    ],
)
def test_what_is_allowed_is_let_through(file, source):
    place = file if file in ALLOWED else file.split("/")[0]
    assert _crossings(place, Path(file), source) == []


def _crossings(place: str, path: Path, source: str) -> list[str]:
    """Imports that `place` may not make, as ``file:line: what``."""
    found = []
    for node in ast.walk(ast.parse(source)):
        for module in _imported(node, path):
            reason = _forbidden(place, module)
            if reason:
                found.append(f"{path.as_posix()}:{node.lineno}: {reason}")
    return found


def _imported(node: ast.AST, path: Path) -> list[str]:
    """Modules that a statement imports from outside, as written."""
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=0):
            # "from rigtalk import core" is an import of rigtalk.core.
            return (
                [f"rigtalk.{each.name}" for each in names]
                if module == "rigtalk"
                else [module or ""]
            )
        case ast.ImportFrom(module=module, level=level):
            # Within the room unless there are more dots than folders.
            return ["." * level + (module or "")] if level >= len(path.parts) else []
        case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]):
            called = ast.unparse(function).rpartition(".")[2]
            return [name] if called in ("import_module", "__import__") else []
    return []


def _forbidden(place: str, module: str) -> str | None:
    allowed = ALLOWED[place]
    top, _, rest = module.partition(".")
    if not top:
        return f"{place} reaches out of its room with dots: {module}"
    if top == "rigtalk" and place != "build.py":
        room = rest.partition(".")[0]
        if room == place:
            return f"{place} imports itself with dots, not as {module}"
        if room in ROOMS and room not in allowed.rooms:
            return f"{place} may not import {room}: {module}"
        return None
    if top in ROOMS:
        return f"a room is imported as rigtalk.{top}, not as {top}"
    if top in sys.stdlib_module_names or top in allowed.others:
        return None
    return f"{place} may not import {top}"
