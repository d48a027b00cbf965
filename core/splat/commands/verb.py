"""Which function does which verb of ``rigtalk head``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ...errors import RigtalkError

if TYPE_CHECKING:
    from ...scene_host import SceneHost

__all__ = ["run_head"]


def run_head(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    """Run one of them; returns the exit status."""
    if getattr(arguments, "threads", 0) < 0:
        raise RigtalkError(f"--threads is {arguments.threads}: it must be 0 (all) or more")
    return _VERBS[arguments.head_verb](arguments, host)


def _fit(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    from .fit import run_fit

    return run_fit(arguments, host)


def _bind(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    from .bind import run_bind

    return run_bind(arguments, host)


def _render(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    from .render import run_render

    return run_render(arguments)


def _export(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    from .export import run_export

    return run_export(arguments)


def _style(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    from .style import run_style

    return run_style(arguments)


def _info(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    from .info import run_info

    return run_info(arguments)


_VERBS = {
    "fit": _fit,
    "bind": _bind,
    "render": _render,
    "export": _export,
    "style": _style,
    "info": _info,
}
