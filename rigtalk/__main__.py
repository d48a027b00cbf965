"""The front door: the console script and ``python -m rigtalk``."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess  # runs Blender with a list of words, never a shell
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rigtalk.core.cli import main as run
from rigtalk.core.errors import RigtalkError
from rigtalk.core.exporting import ExportJob
from rigtalk.core.scene_host import RigRow, SceneHost, SceneJob, SceneReport

if TYPE_CHECKING:
    from rigtalk.core.splat.fitting.capture import CaptureFolder
    from rigtalk.core.splat.fitting.job import HeadCaptureJob
    from rigtalk.core.splat.head_mesh import HeadMesh

__all__ = ["main"]


class _AnyBlender:
    """The Blender that is there: in this Python, else on the PATH.

    It is looked for only when a scene is asked for; curves need none.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)

    def animate(self, job: SceneJob) -> SceneReport:
        return self._host().animate(job)

    def animate_lines(
        self, jobs: Sequence[SceneJob], begins: Callable[[int], None]
    ) -> tuple[SceneReport | RigtalkError, ...]:
        return self._host().animate_lines(jobs, begins)

    def worker_command(self, *, scenes: bool) -> list[str]:
        if not scenes or importlib.util.find_spec("bpy"):
            return [sys.executable, "-m", "rigtalk", "batch-worker"]
        blender = _blender()
        _check_extension(blender)
        return [blender, "--command", "rigtalk", "batch-worker"]

    def export(self, job: ExportJob) -> tuple[Path, ...]:
        return self._host().export(job)

    def capture_head(self, job: HeadCaptureJob) -> CaptureFolder:
        return self._host().capture_head(job)

    def head_mesh(self, scene: Path | None, object_name: str | None) -> HeadMesh:
        return self._host().head_mesh(scene, object_name)

    def list_rigs(self, scene: Path) -> tuple[RigRow, ...]:
        return self._host().list_rigs(scene)

    def _host(self) -> SceneHost:
        if importlib.util.find_spec("bpy"):
            from rigtalk.blender_addon.host import BlenderHost

            return BlenderHost()
        raise SystemExit(_run_in(_blender(), self._words))


def _blender() -> str:
    blender = shutil.which("blender")
    if blender is None:
        raise RigtalkError(
            "scenes need Blender: pip install bpy (for Python 3.11 or 3.13), or put a Blender "
            "of 4.2 or later with the RigTalk extension on the PATH"
        )
    return blender


def _run_in(blender: str, words: list[str]) -> int:
    """Do the whole command over in another Blender, which has the same verbs."""
    _check_extension(blender)
    done = subprocess.run(  # noqa: S603 - a program from the PATH, as the user set it
        [blender, "--command", "rigtalk", *words], check=False
    )
    return done.returncode


def _check_extension(blender: str) -> None:
    commands = subprocess.run(  # noqa: S603 - a program from the PATH, as the user set it
        [blender, "--command", "help"], capture_output=True, text=True, check=False
    )
    if "rigtalk" not in commands.stdout:
        raise RigtalkError(
            f"{blender}: has no RigTalk extension; build it (python build.py extension) and "
            "install dist/rigtalk-….zip in it (Edit > Preferences > Get Extensions > Install "
            "from Disk)"
        )


def _train(words: list[str]) -> int:
    try:
        from rigtalk.training.cli import main as train
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("rigtalk"):
            raise
        raise RigtalkError(
            f"training needs {error.name}: pip install '.[train]' in rigtalk's folder"
        ) from None
    return train(words)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command of some words, or of this process; returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    return run(
        words,
        _AnyBlender(words),
        extra_verbs={"train": ("train an actor (needs torch)", _train)},
    )


if __name__ == "__main__":
    sys.exit(main())
