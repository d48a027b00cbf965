"""Pictures of a head that torch can follow back to the attention's offsets.

The native renderer draws, and gives the gradient of a loss in the picture to each Gaussian at rest
(checked against autograd in its own tests). What is left for here is the way from the offsets to
the Gaussians: sums, but for the rotation vector, which enters by the exponential.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rigtalk.core.splat.attention import ATTENTION_CHANNELS
from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.correctives import changed
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.native.gradients import Gradients
from rigtalk.core.splat.native.library import NativeRenderer
from rigtalk.core.splat.renderer import open_renderer
from rigtalk.rigs.errors import RigtalkError

__all__ = ["COLUMNS", "Stage", "drawn"]

COLUMNS: Mapping[str, slice] = {
    "positions": slice(0, 3),
    "log_scales": slice(3, 6),
    "rotations": slice(6, 9),
    "opacity_logits": slice(9, 10),
    "sh": slice(10, 13),
}
"""Where each of `ATTENTION_CHANNELS` is in a row of offsets."""


class Stage:
    """A head before a camera.

    Parameters
    ----------
    head : SplatHead
    index : np.ndarray, shape (m,)
        Gaussians that offsets are for.
    backend : str
        As for `open_renderer`.

    Raises
    ------
    RigtalkError
        If no native renderer was built.
    """

    def __init__(self, head: SplatHead, index: np.ndarray, backend: str = "cpu") -> None:
        renderer = open_renderer(backend)
        if renderer.native is None:
            raise RigtalkError(
                "learning from pictures needs the native renderer: run `python build.py native`"
            )
        self.native: NativeRenderer = renderer.native
        self.head, self.index = head, index
        mesh = head.mesh
        self.native.set_raw(head.gaussians)
        self.native.bind(mesh.vertices, mesh.triangles, head.triangle, head.barycentric)
        self._gradients = Gradients.empty(len(head), head.gaussians.sh.shape[1])

    def draw(self, offsets: np.ndarray | None, weights: np.ndarray, camera: Camera) -> np.ndarray:
        """Colour times alpha, and alpha, (h, w, 4) float32, of the head under shapes.

        Parameters
        ----------
        offsets : np.ndarray, shape (m, 13), optional
            See `COLUMNS`; none if absent.
        weights : np.ndarray, shape (shapes,)
        camera : Camera
        """
        head = self.head
        coefficients = head.correctives.coefficients(weights) if head.correctives else None
        change = {} if offsets is None else self._spread(offsets)
        self.native.set_raw(changed(head.corrected(coefficients), change))
        frame = self.native.render(camera, head.settings, vertices=head.vertices(weights))
        return np.array(frame.rgba)

    def pull(
        self, offsets: np.ndarray, weights: np.ndarray, camera: Camera, to_picture: np.ndarray
    ) -> np.ndarray:
        """Gradient (m, 13) float32 to the offsets from that to the picture `draw` drew last."""
        found = self.native.gradient(
            camera,
            self.head.settings,
            np.ascontiguousarray(to_picture, np.float32),
            vertices=self.head.vertices(weights),
            out=self._gradients,
        )
        parts = [
            found.positions[self.index],
            found.log_scales[self.index],
            _to_vector(found.rotations[self.index], offsets[:, COLUMNS["rotations"]]),
            found.opacity_logits[self.index][:, None],
            found.sh[self.index, 0],
        ]
        return np.concatenate(parts, axis=1)

    def _spread(self, offsets: np.ndarray) -> dict[str, np.ndarray]:
        shapes = {"opacity_logits": (-1,), "sh": (-1, 1, 3)}
        change = {}
        for name, columns in COLUMNS.items():
            values = np.zeros((len(self.head), ATTENTION_CHANNELS[name]), np.float32)
            values[self.index] = offsets[:, columns]
            change[name] = values.reshape(shapes.get(name, values.shape))
        return change

    def close(self) -> None:
        """Free what it holds."""
        self.native.close()


def _to_vector(turn: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """From a gradient to v in q exp(r) exp(v) to that to r.

    A step d of r is a step J d of v, with the right Jacobian of rotations J = I - [r]/2 + [r]²/6 to
    second order; offsets are small turns.
    """
    once = np.cross(vector, turn)
    return turn + once / 2 + np.cross(vector, once) / 6


class _Drawn(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, offsets: Tensor, stage: Stage, weights: np.ndarray, camera: Camera
    ) -> Tensor:
        values = offsets.detach().numpy()
        ctx.what = (stage, values, weights, camera)
        return torch.from_numpy(stage.draw(values, weights, camera))

    @staticmethod
    def backward(ctx: Any, *to_picture: Tensor) -> tuple[Tensor, None, None, None]:
        stage, values, weights, camera = ctx.what
        found = stage.pull(values, weights, camera, to_picture[0].numpy())
        return torch.from_numpy(found), None, None, None


def drawn(offsets: Tensor, stage: Stage, weights: np.ndarray, camera: Camera) -> Tensor:
    """`Stage.draw`, for autograd: call backward before the stage draws again.

    Parameters
    ----------
    offsets : Tensor, shape (m, 13)
    stage : Stage
    weights : np.ndarray, shape (shapes,)
    camera : Camera

    Returns
    -------
    Tensor, shape (h, w, 4)
    """
    return _Drawn.apply(offsets, stage, weights, camera)
