"""What motion does not tell is learnt from pictures: shine, blood, folds that come with a voice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rigtalk.core.splat.correctives import CHANNELS
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.hearing import heard_at

from .drawing import Stage, drawn
from .lesson import HELD_OUT, head_size
from .module import GaussianAttention
from .takes import HeadTake
from .train import LearnConfig, MotionRun, Run

__all__ = ["PictureRun", "face_of", "picture_frames", "psnr"]

Frame = tuple[HeadTake, int]
FACE = 0.02
"""Of the largest move of a shape: a place that some shape moves by more is the face's."""
CLEAR = 0.05
"""Differences below this count by their square: what is off by a shade needs no haste."""
MOTION_WEIGHT = 0.02
"""What known motion is worth beside a picture, so that neither is unlearnt for the other."""
CALM = 1e-4
"""What an offset costs that neither asks for."""
MEASURED = 40
"""Pictures, at the most, that are measured on."""


def face_of(head: SplatHead) -> np.ndarray:
    """Which Gaussians are on the face, (n,) bool: all, where no shape tells."""
    deltas = np.asarray(head.shape_deltas, np.float32)
    reach = np.sqrt((deltas**2).sum(axis=2)).max(axis=0, initial=0.0)
    if not reach.max(initial=0.0) > 0:
        return np.ones(len(head), bool)
    return reach[head.mesh.triangles[head.triangle]].max(axis=1) > FACE * reach.max()


def picture_frames(
    takes: Sequence[HeadTake], unseen: Sequence[HeadTake]
) -> tuple[list[Frame], list[Frame]]:
    """Frames to learn from and to measure on, which are `MEASURED` at the most."""
    learnt, held = [], [(take, i) for take in unseen for i in range(len(take))]
    for take in takes:
        split = len(take) if unseen else int(len(take) * (1 - HELD_OUT))
        learnt += [(take, i) for i in range(split)]
        held += [(take, i) for i in range(split, len(take))]
    some = np.unique(np.linspace(0, len(held) - 1, min(MEASURED, len(held))).astype(int))
    return learnt, [held[i] for i in some]


class PictureRun(Run):
    """Goes on with a module, one picture a step.

    Parameters
    ----------
    config : LearnConfig
    motion : MotionRun
        Whose module it is; its lesson is kept up. The module has all channels.
    stage : Stage
        Of the same Gaussians.
    frames : sequence of (HeadTake, int)
        With pictures.
    """

    def __init__(
        self, config: LearnConfig, motion: MotionRun, stage: Stage, frames: Sequence[Frame]
    ) -> None:
        super().__init__(config, motion.module)
        assert tuple(motion.module.channels) == tuple(CHANNELS)  # noqa: S101 - columns of Stage
        self.motion, self.stage, self.frames = motion, stage, list(frames)
        self.units = units(motion.module, stage.head)

    def loss(self, generator: torch.Generator) -> Tensor:
        """Mean difference of one picture, and of some motion."""
        at = int(torch.randint(len(self.frames), (1,), generator=generator))
        take, frame = self.frames[at]
        assert take.pictures is not None  # noqa: S101 - what this run is for
        photo = take.pictures.photo(frame)
        said = offsets_at(self.module, take, frame)
        picture = drawn(said * self.units, self.stage, take.weights[frame], photo.shot.camera)
        truth = torch.from_numpy(photo.rgba.astype(np.float32) / 255)
        loss = (
            functional.smooth_l1_loss(picture, truth, beta=CLEAR) / 2 + CALM * said.square().mean()
        )
        return loss + MOTION_WEIGHT * self.motion.loss(generator)


def units(module: GaussianAttention, head: SplatHead) -> Tensor:
    """What one of a module's numbers is, (13,), in the head's units."""
    sizes = torch.ones(len(module.scales))
    sizes[:3] = head_size(head)
    return module.scales * sizes


def offsets_at(module: GaussianAttention, take: HeadTake, frame: int) -> Tensor:
    """A module's numbers (m, 13) for a frame of a take."""
    heard = heard_at(take.features, take.times[frame : frame + 1], module.config.window)
    weights = torch.from_numpy(np.ascontiguousarray(take.weights[frame : frame + 1]))
    return module(torch.from_numpy(heard), weights, torch.arange(len(module.features)))[0]


def psnr(module: GaussianAttention | None, stage: Stage, frames: Sequence[Frame]) -> float:
    """Decibels of pictures on black against those taken: of the mean square over all of them.

    The mean of each picture's decibels would be that of the silent ones, where nothing is missed.

    Parameters
    ----------
    module : GaussianAttention, optional
        The head without attention if absent.
    stage : Stage
    frames : sequence of (HeadTake, int)
    """
    found = []
    for take, frame in frames:
        assert take.pictures is not None  # noqa: S101 - what is measured here
        photo = take.pictures.photo(frame)
        offsets = None
        if module is not None:
            with torch.no_grad():
                offsets = (offsets_at(module, take, frame) * units(module, stage.head)).numpy()
        picture = stage.draw(offsets, take.weights[frame], photo.shot.camera)
        error = np.square(np.clip(picture, 0, 1) - photo.rgba / 255.0)[..., :3].mean()
        found.append(float(error))
    return float(-10 * np.log10(max(float(np.mean(found)), 1e-12)))
