"""The rules of core/splat/reference.py and head.py once more, in torch and in doubles, so that its
autograd is the truth for the native backward pass."""

import itertools
from dataclasses import dataclass

import numpy as np
import torch

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.deformation import RestFrames
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.harmonics import basis
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.posed import unpacked
from rigtalk.core.splat.reference import LEAST_ALPHA, MARGIN, MOST_ALPHA, Settings
from rigtalk.core.splat.rotations import matrices, normalised

CHANNELS = ("positions", "log_scales", "rotations", "opacity_logits", "sh")


@dataclass
class Bend:
    """How a mesh bends the space around each Gaussian: constants of a frame."""

    at_rest: torch.Tensor  # (n, 3) feet
    now: torch.Tensor
    map: torch.Tensor  # (n, 3, 3)
    turn: torch.Tensor

    @classmethod
    def of(cls, head: SplatHead, vertices: np.ndarray) -> "Bend":
        corners = head.mesh.triangles[head.triangle]
        weights = head.barycentric.astype(np.float64)
        turns, stretches = RestFrames.of(head.mesh).at_vertices(vertices)
        at = turns[corners]
        signs = np.where(np.einsum("nci,ni->nc", at, at[:, 0]) < 0, -1, 1)
        turn = matrices(normalised(np.einsum("nci,nc->ni", at, weights * signs)))
        stretch = unpacked(np.einsum("nci,nc->ni", stretches[corners], weights))
        feet = [
            np.einsum("nci,nc->ni", each.astype(np.float64)[corners], weights)
            for each in (head.mesh.vertices, vertices)
        ]
        return cls(*(torch.from_numpy(each) for each in (*feet, turn @ stretch, turn)))


def parameters(gaussians: Gaussians) -> dict[str, torch.Tensor]:
    """Leaves, of which the rotations are rotation vectors at 0."""
    leaves = {name: torch.from_numpy(getattr(gaussians, name)).double() for name in CHANNELS}
    leaves["rotations"] = torch.zeros_like(leaves["positions"])
    return {name: leaf.requires_grad_() for name, leaf in leaves.items()}


def skew(v: torch.Tensor) -> torch.Tensor:
    x, y, z = v.unbind(-1)
    o = torch.zeros_like(x)
    return torch.stack([o, -z, y, z, o, -x, -y, x, o], -1).reshape(-1, 3, 3)


def harmonics(d: torch.Tensor, degree: int) -> torch.Tensor:
    """The basis as polynomials fitted to `basis`, whose values on and off the sphere follow."""
    powers = [each for each in itertools.product(range(4), repeat=3) if sum(each) <= degree]
    probe = np.random.default_rng(0).normal(size=(300, 3))
    probe /= np.linalg.norm(probe, axis=1, keepdims=True)

    def monomials(x):
        return [x[:, 0] ** i * x[:, 1] ** j * x[:, 2] ** k for i, j, k in powers]

    fit = np.linalg.lstsq(np.stack(monomials(probe), 1), basis(probe, degree), rcond=None)[0]
    return torch.stack(monomials(d), 1) @ torch.from_numpy(fit)


def draw(
    leaves: dict[str, torch.Tensor],
    gaussians: Gaussians,
    camera: Camera,
    settings: Settings,
    bend: Bend | None,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Premultiplied colour and alpha (h, w, 4); weights (n, h * w); and zeros (n, 2, h * w) that
    are added to the means for each pixel, so that their gradients are the pixels' parts."""
    turns = torch.from_numpy(matrices(gaussians.rotations)) @ torch.linalg.matrix_exp(
        skew(leaves["rotations"])
    )
    half = turns * leaves["log_scales"].exp()[:, None, :]
    covariance, place = half @ half.mT, leaves["positions"]
    if bend:
        place = bend.now + (bend.map @ (place - bend.at_rest)[..., None])[..., 0]
        covariance = bend.map @ covariance @ bend.map.mT
    rotation, shift = torch.from_numpy(camera.rotation), torch.from_numpy(camera.translation)
    ray = place - torch.from_numpy(camera.centre)
    ray = ray / ray.norm(dim=1, keepdim=True)
    if bend:
        ray = (bend.turn.mT @ ray[..., None])[..., 0]
    values = harmonics(ray, gaussians.degree)
    colour = (0.5 + torch.einsum("nk,nkc->nc", values, leaves["sh"])).clamp(min=0)

    local = place @ rotation.T + shift
    z = local[:, 2]
    slope = local[:, :2] / z[:, None]
    focal, middle = torch.tensor([camera.fx, camera.fy]), torch.tensor([camera.cx, camera.cy])
    focal, middle = focal.double(), middle.double()
    size = torch.tensor([camera.width, camera.height]).double()
    low, high = (-middle - MARGIN * size) / focal, (size - middle + MARGIN * size) / focal
    bent = torch.minimum(torch.maximum(slope, low), high)
    scale = focal / z[:, None]
    rows = torch.cat([torch.diag_embed(scale), -(scale * bent)[..., None]], dim=2) @ rotation
    exact = rows @ covariance @ rows.mT
    wide = exact + settings.dilation * torch.eye(2).double()
    opacity = torch.sigmoid(leaves["opacity_logits"])
    if settings.antialiased:
        opacity = opacity * (torch.linalg.det(exact) / torch.linalg.det(wide)).clamp(min=0).sqrt()

    seen = ((z >= camera.near) & (opacity >= LEAST_ALPHA)).nonzero()[:, 0]
    seen = seen[np.argsort(z[seen].detach().numpy().astype(np.float32), kind="stable")]
    y, x = np.mgrid[: camera.height, : camera.width] + 0.5
    pixels = torch.from_numpy(np.stack([x.ravel(), y.ravel()]))  # (2, p)
    parts = torch.zeros(len(gaussians), 2, pixels.shape[1], dtype=torch.float64, requires_grad=True)
    away = pixels - ((focal * slope + middle)[seen][..., None] + parts[seen])
    squared = (away * (torch.linalg.inv(wide[seen]) @ away)).sum(1)
    alpha = (opacity[seen, None] * torch.exp(-squared / 2)).clamp(max=MOST_ALPHA)
    alpha = torch.where(alpha < LEAST_ALPHA, 0.0, alpha)
    clear = torch.cumprod(1 - alpha, 0)
    before = torch.cat([torch.ones_like(clear[:1]), clear[:-1]])
    weights = alpha * before
    rgba = torch.cat([torch.einsum("np,nc->pc", weights, colour[seen]), 1 - clear[-1:].T], 1)
    all_weights = torch.zeros(len(gaussians), pixels.shape[1], dtype=torch.float64)
    all_weights[seen] = weights.detach()
    return rgba.reshape(camera.height, camera.width, 4), all_weights, parts
