"""A bake from the first picture to the file: pictures on the main thread, fitting on another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import bpy

from rigtalk.core.splat.files.head_file import write_head
from rigtalk.core.splat.fitting.capture import CaptureFolder
from rigtalk.core.splat.fitting.fit import FitOptions, FitState, fit
from rigtalk.core.splat.head import SplatHead

from .. import preferences
from ..outputs import check_writable
from ..translations.text import translated
from . import standing
from .capture import Capture
from .shooting import Interrupted

__all__ = ["Bake", "BakeOptions", "Running", "stop"]

_PICTURES = 0.5
"""Share of the progress that is taking pictures."""
_CHECKPOINT = "fit.npz"


@dataclass(frozen=True)
class BakeOptions:
    """What is baked how.

    Attributes
    ----------
    path : Path
        The head's file.
    quality : str
        A key of `QUALITIES`.
    engine : str or None
        As of `HeadCaptureJob`.
    gaussians : int
        At most; that of the quality if 0.
    named : str
        The file as the character is to know it: perhaps relative to the scene's.
    """

    path: Path
    quality: str = "standard"
    engine: str | None = None
    gaussians: int = 0
    named: str = ""

    @property
    def folder(self) -> Path:
        """Where pictures are kept until the head is done."""
        return self.path.with_name(f"{self.path.stem}.bake")

    def fitting(self) -> FitOptions:
        """Options of the optimiser.

        Raises
        ------
        RigtalkError
            If there are too many or too few Gaussians.
        """
        chosen = FitOptions.of_quality(self.quality, gaussians=self.gaussians)
        return replace(chosen, threads=preferences.limits().threads)


class Bake:
    """One head in the making; knows its character by number, so that undo does not matter.

    Raises
    ------
    RigtalkError
        If the character, the options or the place of the file cannot be used.
    """

    def __init__(
        self, character: bpy.types.Object, context: bpy.types.Context, options: BakeOptions
    ) -> None:
        check_writable([options.path])
        self.options = options
        self._fitting_options = options.fitting()
        self._uid = character.session_uid
        self._capture = Capture(
            character, context, options.folder, quality=options.quality, engine=options.engine
        )
        self._fitting: _Fitting | None = None
        self.cancelled = False
        self.head: SplatHead | None = None
        self._say()

    @property
    def done(self) -> bool:
        """Whether there is nothing left to do."""
        return self.head is not None or (self.cancelled and self._fitting is None)

    @property
    def character(self) -> bpy.types.Object | None:
        """Whose head it is; None if the object was deleted."""
        return next((o for o in bpy.data.objects if o.session_uid == self._uid), None)

    @property
    def fraction(self) -> float:
        """Share that is done, 0-1."""
        fitted = self._fitting.fraction if self._fitting else 0.0
        return _PICTURES * self._capture.fraction + (1.0 - _PICTURES) * fitted

    def step(self, context: bpy.types.Context, *, threaded: bool) -> None:
        """Take one picture, or see how far fitting is.

        Parameters
        ----------
        threaded : bool
            Whether fitting goes on in a thread; else it is done in this call.

        Raises
        ------
        RigtalkError
            If the bake cannot go on. What was done so far is gone on with by the next one.
        """
        if self.done:
            return
        if self._fitting is not None:
            self._look(self._fitting)
        elif not self._capture.done:
            if not _busy(context) and self._capture.is_at(context):
                try:
                    self._capture.step(context)
                except Interrupted:
                    self.cancel()
        else:
            self._fitting = _Fitting(self._capture.folder, self._fitting_options, self.options.path)
            self._fitting.begin(threaded=threaded)
        self._say()

    def cancel(self) -> None:
        """Ask for an early end."""
        self.cancelled = True
        if self._fitting is not None:
            self._fitting.cancel()

    def stop(self) -> None:
        """Cancel and wait for the thread."""
        self.cancel()
        if self._fitting is not None:
            self._fitting.wait()
            self._fitting = None
        self.hush()

    def hush(self) -> None:
        """Nothing is being done any more."""
        character = self.character
        if character is not None:
            standing.clear(character)

    def _look(self, fitting: _Fitting) -> None:
        if not fitting.done:
            return
        self._fitting = None
        self.head = fitting.result()
        if self.head is not None:
            self._capture.folder.remove()

    def _say(self) -> None:
        character = self.character
        if character is None:
            return
        if self._fitting is None:
            capture = self._capture
            words = translated("Picture {} of {}", capture.taken, len(capture.folder.shots))
        else:
            words = translated("Fitting: {:.1f} dB", self._fitting.psnr)
        standing.say(character, words, self.fraction)


class Running:
    """The one bake that the user interface waits for."""

    bake: ClassVar[Bake | None] = None


def stop() -> None:
    """End what is running and wait for its thread."""
    bake, Running.bake = Running.bake, None
    if bake is not None:
        bake.stop()


def _busy(context: bpy.types.Context) -> bool:
    """Whether the user does what no picture can be taken beside."""
    return context.mode.startswith("EDIT") or bpy.app.is_job_running("RENDER")


class _Fitting:
    """Fits and writes, on a thread or here."""

    def __init__(self, folder: CaptureFolder, options: FitOptions, path: Path) -> None:
        self._folder, self._options, self._path = folder, options, path
        self._cancelled = threading.Event()
        self._head: SplatHead | None = None
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="rigtalk", daemon=True)
        self.done = False
        self.fraction = self.psnr = 0.0

    def begin(self, *, threaded: bool) -> None:
        start: Callable[[], None] = self._thread.start if threaded else self._run
        start()

    def cancel(self) -> None:
        self._cancelled.set()

    def wait(self) -> None:
        if self._thread.is_alive():
            self._thread.join()

    def result(self) -> SplatHead | None:
        """The head; None if it was cancelled."""
        if self._fault is not None:
            raise self._fault
        return self._head

    def _run(self) -> None:
        try:
            head = fit(
                self._folder,
                self._options,
                checkpoint=self._folder.path / _CHECKPOINT,
                progress=self._note,
                cancelled=self._cancelled.is_set,
            )
            if head is not None:
                write_head(self._path, head)
                self._head = head
        except BaseException as fault:
            self._fault = fault
        self.done = True

    def _note(self, state: FitState) -> None:
        self.fraction, self.psnr = state.fraction, state.psnr
