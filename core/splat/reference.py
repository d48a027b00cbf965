"""The slow and obvious renderer: the truth that fast back ends are held against.

The projection of a Gaussian is that of EWA splatting (Zwicker and others, 2001, eq. 24 to 31), the
order and the compositing those of 3D Gaussian Splatting (Kerbl and others, 2023, eq. 3 to 5), and
antialiasing that of Mip-Splatting's two-dimensional filter (Yu and others, 2024, eq. 10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import RigtalkError
from .camera import Camera
from .gaussians import Gaussians
from .harmonics import basis
from .posed import Posed, unpacked
from .rotations import matrices

__all__ = ["LEAST_ALPHA", "MARGIN", "MOST_ALPHA", "Picture", "Settings", "render"]

MOST_ALPHA = 0.99
"""No Gaussian hides altogether what is behind it."""
LEAST_ALPHA = 1 / 255
"""What covers less of a pixel than this is left out, which bounds a Gaussian's extent."""
MARGIN = 0.15
"""How far outside the picture, in pictures, the projection is still bent as there.

Far outside, the linear projection of a near Gaussian spreads over the whole picture.
"""


@dataclass(frozen=True)
class Settings:
    """How Gaussians become pixels.

    Attributes
    ----------
    dilation : float
        Variance in square pixels added on the screen, so that none falls between pixels.
    antialiased : bool
        Whether opacity makes up for the dilation (for sets that were trained so).
    """

    dilation: float = 0.3
    antialiased: bool = False

    def __post_init__(self) -> None:
        if not (np.isfinite(self.dilation) and self.dilation >= 0):
            raise RigtalkError(f"a dilation is 0 or more square pixels, not {self.dilation}")


@dataclass(frozen=True, eq=False)
class Picture:
    """What a camera sees.

    Attributes
    ----------
    rgb : np.ndarray, shape (h, w, 3), float32
        Colour times alpha; may exceed 1.
    alpha : np.ndarray, shape (h, w), float32
        0-1.
    depth : np.ndarray, shape (h, w), float32
        Mean depth along the camera's axis, infinite where there is nothing.
    normals : np.ndarray, shape (h, w, 3), float32
        Unit vectors in the world's axes towards the camera, 0 where there is nothing.
    """

    rgb: np.ndarray
    alpha: np.ndarray
    depth: np.ndarray
    normals: np.ndarray

    def over(self, background: Sequence[float]) -> np.ndarray:
        """The picture before a background of one colour, (h, w, 3) float32."""
        behind = np.asarray(background, dtype=np.float32)
        return self.rgb + (1 - self.alpha[..., None]) * behind


@dataclass(frozen=True, eq=False)
class _OnScreen:
    """Gaussians in the picture's plane, nearest first."""

    centres: np.ndarray  # (m, 2) pixels
    covariances: np.ndarray  # (m, 2, 2) square pixels
    opacities: np.ndarray  # (m,)
    depths: np.ndarray  # (m,)
    chosen: np.ndarray  # (m,) which of all Gaussians


def render(
    gaussians: Gaussians | Posed, camera: Camera, settings: Settings | None = None
) -> Picture:
    """Draw Gaussians, pixel by pixel and in double precision.

    A Gaussian is left out if it lies nearer than the camera's `near`, if its opacity is below
    `LEAST_ALPHA`, or if a number of its projection is not finite. It covers
    ``min(MOST_ALPHA, opacity * exp(-d² / 2))`` of a pixel, d being the distance of the pixel's
    centre in standard deviations, and nothing where that is below `LEAST_ALPHA`. The nearest comes
    first; of equally near ones (as float32) the one that is listed first.

    Parameters
    ----------
    gaussians : Gaussians or Posed
    camera : Camera
    settings : Settings

    Returns
    -------
    Picture
    """
    posed = Posed.of(gaussians) if isinstance(gaussians, Gaussians) else gaussians
    seen = _project(posed, camera, settings or Settings())
    colours = _colours(posed, camera)[seen.chosen]
    normals = _normals(posed, camera)[seen.chosen]
    values = np.concatenate([colours, seen.depths[:, None], normals], axis=1)
    total = np.zeros((camera.height, camera.width, 7))
    clear = np.ones((camera.height, camera.width))
    for i in range(len(seen.depths)):
        _splat(seen, i, values[i], total, clear)
    weight = 1 - clear
    some = weight > 0
    depth = np.full(clear.shape, np.inf)
    np.divide(total[..., 3], weight, out=depth, where=some)
    length = np.linalg.norm(total[..., 4:], axis=-1, keepdims=True)
    towards = np.divide(total[..., 4:], length, out=np.zeros_like(total[..., 4:]), where=length > 0)
    return Picture(
        total[..., :3].astype(np.float32),
        weight.astype(np.float32),
        depth.astype(np.float32),
        towards.astype(np.float32),
    )


@np.errstate(all="ignore")  # what is not finite is left out
def _project(posed: Posed, camera: Camera, settings: Settings) -> _OnScreen:
    local = posed.positions.astype(np.float64) @ camera.rotation.T + camera.translation
    z = local[:, 2]
    slope = local[:, :2] / z[:, None]
    focal = np.array([camera.fx, camera.fy])
    middle = np.array([camera.cx, camera.cy])
    size = np.array([camera.width, camera.height])
    bent = np.clip(
        slope, (-middle - MARGIN * size) / focal, (size - middle + MARGIN * size) / focal
    )
    jacobian = np.zeros((len(z), 2, 3))
    jacobian[:, 0, 0] = focal[0] / z
    jacobian[:, 1, 1] = focal[1] / z
    jacobian[:, :, 2] = -focal * bent / z[:, None]
    flat = jacobian @ camera.rotation
    exact = flat @ unpacked(posed.covariances) @ np.swapaxes(flat, 1, 2)
    covariances = exact + settings.dilation * np.eye(2)
    determinant = _determinants(covariances)
    opacities = posed.opacities.astype(np.float64)
    if settings.antialiased:
        opacities = opacities * np.sqrt(np.maximum(0, _determinants(exact) / determinant))
    finite = np.isfinite(slope).all(axis=1) & np.isfinite(covariances).all(axis=(1, 2))
    visible = finite & (z >= camera.near) & (determinant > 0) & (opacities >= LEAST_ALPHA)
    chosen = np.nonzero(visible)[0]
    chosen = chosen[np.argsort(z[chosen].astype(np.float32), kind="stable")]
    return _OnScreen(
        (focal * slope + middle)[chosen],
        covariances[chosen],
        opacities[chosen],
        z[chosen],
        chosen,
    )


def _determinants(matrices_2x2: np.ndarray) -> np.ndarray:
    a, b, c = matrices_2x2[:, 0, 0], matrices_2x2[:, 0, 1], matrices_2x2[:, 1, 1]
    return a * c - b * b


def _splat(
    seen: _OnScreen, i: int, value: np.ndarray, total: np.ndarray, clear: np.ndarray
) -> None:
    """Lay one Gaussian behind what is there, within the rectangle that it can reach."""
    (x, y), covariance, opacity = seen.centres[i], seen.covariances[i], seen.opacities[i]
    reach = np.sqrt(2 * np.log(max(opacity / LEAST_ALPHA, 1)) * np.diagonal(covariance)) + 1
    height, width = clear.shape
    left, right = (int(np.clip(bound, 0, width)) for bound in (x - reach[0], x + reach[0] + 1))
    top, bottom = (int(np.clip(bound, 0, height)) for bound in (y - reach[1], y + reach[1] + 1))
    if left >= right or top >= bottom:
        return
    dx = np.arange(left, right) + 0.5 - x
    dy = (np.arange(top, bottom) + 0.5 - y)[:, None]
    (a, b), (_, c) = covariance
    distance = (c * dx * dx - 2 * b * dx * dy + a * dy * dy) / (a * c - b * b)
    alpha = np.minimum(MOST_ALPHA, opacity * np.exp(-distance / 2))
    alpha[alpha < LEAST_ALPHA] = 0
    part = np.s_[top:bottom, left:right]
    total[part] += (clear[part] * alpha)[..., None] * value
    clear[part] *= 1 - alpha


def _towards(posed: Posed, camera: Camera) -> np.ndarray:
    """Unit vectors from the camera to the Gaussians; 0 where the camera stands in one."""
    rays = posed.positions.astype(np.float64) - camera.centre
    length = np.linalg.norm(rays, axis=1, keepdims=True)
    return np.divide(rays, length, out=np.zeros_like(rays), where=length > 0)


def _colours(posed: Posed, camera: Camera) -> np.ndarray:
    """Colours (n, 3) seen from the camera: the ray is turned back, not the harmonics."""
    rays = np.einsum("nji,nj->ni", matrices(posed.turns), _towards(posed, camera))
    values = basis(rays, posed.degree)
    return np.maximum(0, 0.5 + np.einsum("nk,nkc->nc", values, posed.sh.astype(np.float64)))


def _normals(posed: Posed, camera: Camera) -> np.ndarray:
    facing = np.einsum("ni,ni->n", posed.normals, _towards(posed, camera)) > 0
    return np.where(facing[:, None], -posed.normals, posed.normals).astype(np.float64)
