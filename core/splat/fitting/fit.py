"""Fits a head of Gaussians to the pictures of a bake."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from ...errors import RigtalkError
from ..camera import Camera
from ..head import SplatHead
from ..native.gradients import adam, robust_loss, turn
from ..renderer import Renderer, open_renderer
from .capture import CaptureFolder, Photo
from .correcting import Bases, supported
from .density import Scores, thickened, thinned
from .measuring import measured
from .options import FitOptions, FitState
from .parameters import CHANNELS, Parameters
from .region import of_the_head
from .saving import load_fit, save_fit
from .start import begin
from .surface import Surface

__all__ = ["fit"]

_BEGIN = 0.8
"""Part of the Gaussians that are there from the beginning."""
_COARSE = 0.2
"""Part of the steps that see pictures of half the size."""
_GROWING = (0.05, 0.55)
"""Parts of the steps between which Gaussians are added and taken away."""
_ROUNDS = 8
"""How often."""
_CORRECTED = 0.6
"""Part of the steps after which looks may change with expressions."""
_SMALL_ERROR = 0.05
"""Of a channel, 0-1: what is less counts by its square, what is more by its size."""
_SAVED = 60.0
"""Seconds between two saves of what is fitted so far."""


def fit(
    folder: CaptureFolder,
    options: FitOptions | None = None,
    *,
    checkpoint: Path | None = None,
    progress: Callable[[FitState], None] = lambda state: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> SplatHead | None:
    """Fit a head to pictures, and measure it on those that it was not fitted to.

    Parameters
    ----------
    folder : CaptureFolder
        With every picture taken.
    options : FitOptions, optional
    checkpoint : Path, optional
        Where what is fitted so far is kept, and gone on with; removed at the end.
    progress : callable
        Called after each step.
    cancelled : callable
        Asked after each step; the checkpoint is written when it says yes.

    Returns
    -------
    SplatHead or None
        With how good it is among its facts; None if it was cancelled.

    Raises
    ------
    RigtalkError
        If pictures are missing, the native renderer is, or nothing of the head is in a picture.
    """
    chosen = options or FitOptions()
    if folder.missing():
        raise RigtalkError(f"{len(folder.missing())} pictures of the bake are still to be taken")
    renderer = open_renderer(threads=chosen.threads)
    try:
        return _Fit(folder, chosen, renderer, checkpoint).run(progress, cancelled)
    finally:
        renderer.close()


class _Fit:
    def __init__(
        self,
        folder: CaptureFolder,
        options: FitOptions,
        renderer: Renderer,
        checkpoint: Path | None,
    ) -> None:
        if renderer.native is None:
            raise RigtalkError(f"only the native renderer can fit a head; {renderer.reason}")
        self.native = renderer.native
        self.folder, self.options = folder, options
        self.renderer, self.checkpoint = renderer, checkpoint
        self.surface = Surface(folder.head.mesh)
        self.photos = self._photos("train")
        if not self.photos:
            raise RigtalkError("the bake has no pictures to fit to")
        library = self.native.library
        self.adam = partial(adam, library, threads=options.threads)
        self.turn = partial(turn, library, threads=options.threads)
        self.step, self.spent, self.rounds = 0, 0.0, 0
        self.bases: Bases | None = None
        self.key = f"{folder.key} {replace(options, minutes=0.0, threads=0)}"
        self.scores = Scores.none(0)
        self.parameters = self._restored() or self._started()
        self.errors: deque[float] = deque(maxlen=50)
        self.buffers: dict[tuple[int, int], tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        self._bind()

    def run(
        self, progress: Callable[[FitState], None], cancelled: Callable[[], bool]
    ) -> SplatHead | None:
        began, saved = time.monotonic() - self.spent, time.monotonic()
        while (fraction := self._fraction()) < 1:
            self._one_step(fraction)
            self._change_number(fraction)
            now = time.monotonic()
            self.spent = now - began
            progress(self._state())
            stop = cancelled()
            if self.checkpoint and (stop or now - saved > _SAVED):
                save_fit(self.checkpoint, self.key, self._saved())
                saved = now
            if stop:
                return None
        head = self._finished()
        if self.checkpoint:
            self.checkpoint.unlink(missing_ok=True)
        return head

    def _fraction(self) -> float:
        """Of the work: by steps, or by time where that is shorter."""
        by_time = self.spent / (60 * self.options.minutes) if self.options.minutes else 0.0
        return max(self.step / self.options.steps, by_time)

    def _one_step(self, fraction: float) -> None:
        photo, parameters, options = self._next(), self.parameters, self.options
        settings = options.settings
        camera, target, mask = self._target(photo, coarse=fraction < _COARSE)
        if self.bases is None and options.correctives and fraction >= _CORRECTED:
            self.bases = Bases(supported(self.folder.head, parameters), parameters)
        arrays = parameters.arrays
        if self.bases:
            arrays = self.bases.corrected(parameters, photo.shot.weights)
        self.native.set_raw(arrays)
        size = camera.height, camera.width
        drawn, pull, wrong = self.buffers.setdefault(size, _pictures(size))
        self.native.render(camera, settings, vertices=photo.vertices, out=drawn)
        square = robust_loss(
            self.native.library,
            drawn,
            target,
            small=_SMALL_ERROR,
            mask=mask,
            d_rgba=pull,
            error=wrong,
            threads=options.threads,
        )
        self.errors.append(square)
        gradient = self.native.gradient(camera, settings, pull, photo.vertices, error=wrong)
        self.scores.add(gradient.scores)
        by_channel = {name: getattr(gradient, name) for name in CHANNELS}
        if self.bases:
            self.bases.add(by_channel, photo.shot.weights)
            late = (fraction - _CORRECTED) / (1 - _CORRECTED)
            self.bases.advance(late, self.adam)
        parameters.advance(by_channel, options.rates, fraction, self.adam, self.turn)
        self.step += 1

    def _photos(self, split: str) -> tuple[Photo, ...]:
        shots = enumerate(self.folder.shots)
        photos = [self.folder.photo(i) for i, shot in shots if shot.split == split]
        return of_the_head(self.folder.head, photos, self.renderer)

    def _next(self) -> Photo:
        """Every photo once in an order of its own, then all again in another."""
        turn, at = divmod(self.step, len(self.photos))
        order = np.random.default_rng((self.options.seed, turn)).permutation(len(self.photos))
        return self.photos[order[at]]

    def _target(
        self, photo: Photo, *, coarse: bool
    ) -> tuple[Camera, np.ndarray, np.ndarray | None]:
        camera, rgba, mask = photo.shot.camera, photo.rgba, photo.mask
        if not coarse:
            return camera, rgba, mask
        height, width = camera.height // 2, camera.width // 2
        even = rgba[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 4)
        half = even.mean(axis=(1, 3), dtype=np.float32) / np.float32(255)
        if mask is not None:
            mask = mask[: 2 * height : 2, : 2 * width : 2]
        smaller = {name: getattr(camera, name) / 2 for name in ("fx", "fy", "cx", "cy")}
        return replace(camera, width=width, height=height, **smaller), half, mask

    def _change_number(self, fraction: float) -> None:
        first, last = _GROWING
        due = int(_ROUNDS * (fraction - first) / (last - first))
        # Each photo must have had its say before a Gaussian that nobody sees may go.
        if self.bases or due <= self.rounds or self.step < len(self.photos):
            return
        self.rounds = due
        kept = thinned(self.parameters, self.scores)
        few = self.parameters.take(np.nonzero(kept)[0])
        few_scores = Scores(self.scores.error[kept], self.scores.weight[kept])
        left = max(1, _ROUNDS - due + 1)
        goal = len(few) + (self.options.gaussians - len(few)) // left
        rng = np.random.default_rng((self.options.seed, self.step))
        self.parameters = thickened(few, few_scores, goal, self.surface, rng)
        self.scores = Scores.none(len(self.parameters))
        self._bind()

    def _bind(self) -> None:
        """Tell the renderer of a new number of Gaussians, or of new feet."""
        mesh, parameters = self.folder.head.mesh, self.parameters
        self.native.set_raw(parameters.arrays)
        self.native.bind(mesh.vertices, mesh.triangles, parameters.triangle, parameters.barycentric)

    def _started(self) -> Parameters:
        options = self.options
        rng = np.random.default_rng(options.seed)
        count = max(1, round(_BEGIN * options.gaussians))
        start = begin(self.folder.head, self.photos, count, options.degree, self.renderer, rng)
        self.scores = Scores.none(len(start.gaussians))
        return Parameters.of(
            start.gaussians, start.triangle, start.barycentric, start.spacing, start.pixel
        )

    def _restored(self) -> Parameters | None:
        arrays = load_fit(self.checkpoint, self.key) if self.checkpoint else None
        if arrays is None:
            return None
        try:
            parameters = Parameters.restored(arrays, self.folder.head)
        except (ValueError, KeyError, RigtalkError):
            return None  # damaged: begun anew
        step, self.spent, rounds = arrays["progress"].tolist()
        self.step, self.rounds = int(step), int(rounds)
        self.scores = Scores(arrays["error scores"], arrays["weight scores"])
        if "bases step" in arrays:
            self.bases = Bases(supported(self.folder.head, parameters), parameters)
            self.bases.restore(arrays)
        return parameters

    def _saved(self) -> dict[str, np.ndarray]:
        progress = np.array([self.step, self.spent, self.rounds], np.float64)
        bases = self.bases.saved() if self.bases else {}
        scores = {"error scores": self.scores.error, "weight scores": self.scores.weight}
        return {**self.parameters.saved(), **bases, **scores, "progress": progress}

    def _state(self) -> FitState:
        square = float(np.mean(self.errors))
        return FitState(
            min(1.0, self._fraction()),
            self.step,
            self.options.steps,
            len(self.parameters),
            float(-10 * np.log10(max(square, 1e-10))),
            self.spent,
        )

    def _finished(self) -> SplatHead:
        head, parameters = self.folder.head, self.parameters
        made = SplatHead(
            parameters.gaussians(),
            parameters.triangle,
            parameters.barycentric,
            head.mesh,
            head.signature,
            head.control_names,
            head.control_deltas,
            self.bases.correctives(head.control_names) if self.bases else None,
            self.options.settings,
            head.facts() | self.folder.facts | {"steps": self.step, "fit seconds": self.spent},
        )
        facts = dict(made.facts)
        for split in ("view", "expression"):
            for name, value in measured(made, self._photos(split), self.renderer).items():
                facts[f"{name} {split}"] = round(value, 4)
        return replace(made, facts=facts)


def _pictures(size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Room for what is drawn, for the loss's gradient to it, and for how wrong it is."""
    return (
        np.empty((*size, 4), np.float32),
        np.empty((*size, 4), np.float32),
        np.empty(size, np.float32),
    )
