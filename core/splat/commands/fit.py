"""``rigtalk head fit``: a head from Blender's pictures of a rigged character."""

from __future__ import annotations

import argparse
import contextlib
import re
import signal
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from ...errors import RigtalkError
from ...scene_host import SceneHost
from ..files.head_file import write_head
from ..fitting.capture import CaptureFolder
from ..fitting.fit import fit
from ..fitting.job import HeadCaptureJob
from ..fitting.options import FitOptions, FitState
from ..head import SplatHead
from ..renderer import open_renderer
from .places import HEAD_SUFFIX, check_file, check_folder
from .talking import Progress, note, tell

__all__ = ["run_fit"]

ENGINES = ("workbench", "eevee", "cycles")
_SIZES = (32, 4096)
_OURS = re.compile(r"capture\.json|mesh\.npz|shot-\d+\.npz|fit\.npz|\..*\.part")
"""What a bake leaves in its folder."""


class _Stop:
    """Whether an end was asked for."""

    asked = False

    def __call__(self) -> bool:
        return self.asked


def run_fit(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    """Take the pictures, fit the head, write it; returns the exit status.

    What was done before a break is gone on with by the same words.
    """
    assert host is not None  # noqa: S101 - made sure by the command line
    options, work = _checked(arguments)
    stop = _Stop()
    with Progress() as progress, _interrupts(stop):
        pictures = host.capture_head(
            HeadCaptureJob(
                folder=work,
                scene=arguments.scene,
                object_name=arguments.object,
                quality=arguments.quality,
                engine=arguments.engine,
                size=arguments.size or 0,
                progress=progress.of("pictures"),
                cancelled=stop,
            )
        )
        head = None
        if not stop.asked:
            head = _fitted(pictures, options, work, progress, stop)
    if head is None:
        note(f"what was done lies in {work}: the same command goes on with it")
        raise KeyboardInterrupt
    write_head(arguments.output, head)
    if not arguments.keep:
        _remove(work)
    for line in _quality(head.facts, len(head)):
        note(line)
    tell(arguments.output)
    return 0


def _checked(arguments: argparse.Namespace) -> tuple[FitOptions, Path]:
    output: Path = arguments.output
    check_file(output, [arguments.scene] if arguments.scene else [], HEAD_SUFFIX)
    if arguments.scene is None and arguments.object is not None:
        raise RigtalkError("--object names a character in a scene: give the scene before it")
    if arguments.scene is not None and not arguments.scene.is_file():
        raise RigtalkError(f"{arguments.scene}: no such file")
    if arguments.engine is not None and arguments.engine not in ENGINES:
        raise RigtalkError(f"--engine {arguments.engine}: choose from {', '.join(ENGINES)}")
    low, high = _SIZES
    if arguments.size is not None and not low <= arguments.size <= high:
        raise RigtalkError(f"--size is {arguments.size}: use {low} to {high} pixels")
    if arguments.gaussians is not None and arguments.gaussians < 1:
        raise RigtalkError(f"--gaussians is {arguments.gaussians}: it must be above 0")
    if arguments.minutes is not None and not 0 < arguments.minutes <= 10_000:
        raise RigtalkError(f"--minutes is {arguments.minutes:g}: use a number above 0")
    options = FitOptions.of_quality(
        arguments.quality, gaussians=arguments.gaussians or 0, minutes=arguments.minutes or 0.0
    )
    work: Path = arguments.work or output.with_name(f"{output.name}.work")
    check_folder(work)
    # Better said now than when all pictures are taken.
    renderer = open_renderer(threads=arguments.threads)
    renderer.close()
    if renderer.backend == "numpy":
        raise RigtalkError(f"only the native renderer can fit a head; {renderer.reason}")
    return replace(options, threads=arguments.threads), work


def _fitted(
    pictures: CaptureFolder, options: FitOptions, work: Path, progress: Progress, stop: _Stop
) -> SplatHead | None:
    def show(state: FitState) -> None:
        detail = f"{state.psnr:.1f} dB, {state.gaussians} Gaussians"
        progress.show("fitting", state.fraction, detail)

    return fit(pictures, options, checkpoint=work / "fit.npz", progress=show, cancelled=stop)


def _quality(facts: Mapping[str, str | int | float], count: int) -> Iterator[str]:
    for split, what in (("view", "unseen views"), ("expression", "unseen expressions")):
        found = {name: facts.get(f"{name} {split}") for name in ("psnr", "ssim")}
        if isinstance(found["psnr"], int | float) and isinstance(found["ssim"], int | float):
            yield f"{what}: {found['psnr']:.1f} dB PSNR, {found['ssim']:.3f} SSIM"
    yield f"{count} Gaussians"


def _remove(work: Path) -> None:
    """Only what a bake leaves: a folder of the user's own stays with the rest."""
    with contextlib.suppress(OSError):
        for path in work.iterdir():
            if _OURS.fullmatch(path.name):
                path.unlink()
        work.rmdir()


@contextlib.contextmanager
def _interrupts(stop: _Stop) -> Iterator[None]:
    """The first Ctrl-C asks for an end that keeps what is done, a second one ends at once."""

    def ask(number: int, frame: object) -> None:
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked = True

    try:
        before = signal.signal(signal.SIGINT, ask)
    except ValueError:  # not the main thread: nobody presses keys there
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
