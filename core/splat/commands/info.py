"""``rigtalk head info``: what is in a file."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from ..files.formats import SPLAT_SUFFIXES
from ..gaussians import Gaussians
from ..head import SplatHead
from ..reference import Settings
from .places import open_head, open_splats
from .talking import tell

__all__ = ["run_info"]

_NAMED = 6
"""Shapes that are named; of more, how many."""


def run_info(arguments: argparse.Namespace) -> int:
    """Say what is in a file, a fact a line; returns the exit status."""
    path: Path = arguments.file
    if path.suffix.lower() in SPLAT_SUFFIXES:
        rows = _of_gaussians(*open_splats(path, None))
    else:
        rows = _of_head(open_head(path))
    tell(f"file\t{path.name}, {path.stat().st_size / 1e6:.1f} MB")
    for name, value in rows:
        tell(f"{name}\t{value}")
    return 0


def _of_gaussians(gaussians: Gaussians, settings: Settings) -> list[tuple[str, object]]:
    low, high = (np.quantile(gaussians.positions, q, axis=0) for q in (0.01, 0.99))
    size = " x ".join(f"{edge:.4g}" for edge in high - low)
    drawn = f"dilation {settings.dilation:g} px^2{', antialiased' * settings.antialiased}"
    return [
        ("Gaussians", f"{len(gaussians)}, harmonics of degree {gaussians.degree}"),
        ("size", f"{size} (98 % of them; x y z in Blender's axes)"),
        ("drawn with", drawn),
    ]


def _of_head(head: SplatHead) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = [("Gaussians", 0)]
    if len(head):
        rows = _of_gaussians(head.gaussians, head.settings)
    mesh = head.mesh
    rows.append(("mesh", f"{len(mesh.vertices)} vertices, {len(mesh.triangles)} triangles"))
    names = head.shape_names
    shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    rows.append(("shapes", f"{len(names)} ({shown})" if names else "none: curves cannot move it"))
    if head.correctives:
        channels = ", ".join(head.correctives.rows)
        rows.append(("correctives", f"{head.correctives.mix.shape[1]} ({channels})"))
    if head.attention:
        channels = ", ".join(head.attention.channels)
        moved = len(head.attention.arrays["index"])
        rows.append(("attention", f"to the sound: {moved} Gaussians ({channels})"))
    rows.append(("made for the mesh", head.signature))
    rows += [
        (name, f"{value:.4g}" if isinstance(value, float) else value)
        for name, value in head.facts.items()
    ]
    return rows
