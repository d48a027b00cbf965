"""gsplat 1.5.3 drawing the same head: torch deforms it on the card, by the same rules.

The plain way that a user of gsplat would write: tensors on the card, nothing read back but by
gsplat itself, `packed=False`, no gradients where none are wanted.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.deformation import RestFrames
from rigtalk.core.splat.head import SplatHead

try:
    import gsplat
    import torch
except ImportError as error:
    MISSING = f"{error.name} is not installed (pip install torch gsplat==1.5.3)"
else:
    MISSING = "" if torch.cuda.is_available() else "torch sees no CUDA device"


def version() -> str:
    return f"gsplat {getattr(gsplat, '__version__', '?')}, torch {torch.__version__}"


def synchronise() -> None:
    torch.cuda.synchronize()


DEVICE = "cuda"


class Peer:
    """A head on the card."""

    def __init__(self, head: SplatHead) -> None:
        def put(values: np.ndarray, kind: type = np.float32) -> torch.Tensor:
            return torch.from_numpy(np.ascontiguousarray(values, kind)).to(DEVICE)

        rest = RestFrames.of(head.mesh)
        gaussians = head.gaussians
        self.triangles = put(head.mesh.triangles, np.int64)
        self.frames, self.edges = put(rest.frames), put(rest.edges)
        self.areas = put(rest.areas)
        self.first = put(rest.first, np.int64)
        self.corners = self.triangles.reshape(-1)
        self.count = len(head.mesh.vertices)
        self.at = self.triangles[put(head.triangle, np.int64)]  # (n, 3) vertices
        self.barycentric = put(head.barycentric)
        foot = np.einsum(
            "nci,nc->ni",
            head.mesh.vertices[head.mesh.triangles[head.triangle]].astype(np.float64),
            head.barycentric.astype(np.float64),
        )
        self.offsets = put(gaussians.positions - foot)
        self.covariances = put(gaussians.covariances())
        self.opacities = put(gaussians.opacities())
        self.sh = put(gaussians.sh)
        self.raw = {
            "means": put(gaussians.positions),
            "log_scales": put(gaussians.log_scales),
            "quats": put(gaussians.rotations),
            "logits": put(gaussians.opacity_logits),
            "sh": self.sh.clone(),
        }

    def vertices(self, values: np.ndarray) -> torch.Tensor:
        """A mesh's vertices on the card."""
        return torch.from_numpy(np.ascontiguousarray(values, np.float32)).to(DEVICE)

    def view(self, camera: Camera) -> dict:
        """A camera as gsplat takes it."""
        matrix = np.eye(4, dtype=np.float32)
        matrix[:3, :3], matrix[:3, 3] = camera.rotation, camera.translation
        inner = [[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]]
        return {
            "viewmats": torch.from_numpy(matrix)[None].to(DEVICE),
            "Ks": torch.tensor([inner], dtype=torch.float32).to(DEVICE),
            "width": camera.width,
            "height": camera.height,
            "near_plane": camera.near,
        }

    def deform(self, vertices: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Places (n, 3), covariances (n, 3, 3) and turns (n, 3, 3) in this frame."""
        a, b, c = vertices[self.triangles].unbind(1)
        e, d = b - a, c - a
        length = torch.linalg.norm(e, dim=1)
        normal = torch.linalg.cross(e, d)
        doubled = torch.linalg.norm(normal, dim=1)
        x, z = e / length[:, None], normal / doubled[:, None]
        frames = torch.stack([x, torch.linalg.cross(z, x), z], 2)
        wide, high = length / self.edges[:, 0], doubled / length / self.edges[:, 2]
        skew = ((d * x).sum(1) - self.edges[:, 1] * wide) / self.edges[:, 2]
        norm = torch.rsqrt((wide + high) ** 2 + skew**2)
        cos, sin = (wide + high) * norm, -skew * norm
        zero, one = torch.zeros_like(cos), torch.ones_like(cos)
        inner = torch.stack(
            [
                *(cos * wide, cos * skew + sin * high, zero),
                *(-sin * wide, cos * high - sin * skew, zero),
                *(zero, zero, torch.sqrt(wide * high)),
            ],
            1,
        ).view(-1, 3, 3)
        spin = torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], 1).view(-1, 3, 3)
        back = self.frames.transpose(1, 2)
        turns = _quaternions(frames @ spin @ back)
        stretches = self.frames @ inner @ back

        agree = (turns.repeat_interleave(3, 0) * turns[self.first[self.corners]]).sum(1)
        weight = self.areas.repeat_interleave(3)
        signed = turns.repeat_interleave(3, 0) * torch.where(agree < 0, -weight, weight)[:, None]
        turn = torch.zeros(self.count, 4, device=DEVICE).index_add_(0, self.corners, signed)
        turn = torch.nn.functional.normalize(turn, dim=1)
        total = torch.zeros(self.count, device=DEVICE).index_add_(0, self.corners, weight)
        stretch = torch.zeros(self.count, 9, device=DEVICE).index_add_(
            0, self.corners, stretches.reshape(-1, 9).repeat_interleave(3, 0) * weight[:, None]
        )
        stretch = stretch / total.clamp_min(1e-30)[:, None]

        mine = turn[self.at]
        sign = torch.where((mine * mine[:, :1]).sum(2) < 0, -1.0, 1.0)
        blend = self.barycentric
        q = torch.nn.functional.normalize((mine * (blend * sign)[:, :, None]).sum(1), dim=1)
        rotation = _matrices(q)
        whole = rotation @ (stretch[self.at] * blend[:, :, None]).sum(1).view(-1, 3, 3)
        foot = (vertices[self.at] * blend[:, :, None]).sum(1)
        places = foot + (whole @ self.offsets[:, :, None])[:, :, 0]
        return places, whole @ self.covariances @ whole.transpose(1, 2), rotation

    def colours(
        self, places: torch.Tensor, rotation: torch.Tensor, centre: torch.Tensor
    ) -> torch.Tensor:
        """Harmonics of degree 1 in the Gaussians' own, turned axes."""
        towards = torch.nn.functional.normalize(places - centre, dim=1)
        d = (rotation.transpose(1, 2) @ towards[:, :, None])[:, :, 0]
        out = 0.5 + 0.28209479177387814 * self.sh[:, 0]
        for k, axis, sign in ((1, 1, -1.0), (2, 2, 1.0), (3, 0, -1.0)):
            out = out + sign * 0.4886025119029199 * d[:, axis, None] * self.sh[:, k]
        return out.clamp_min(0)

    def draw(self, vertices: torch.Tensor, view: dict, centre: torch.Tensor) -> torch.Tensor:
        """Deformed and drawn: (h, w, 3) premultiplied."""
        with torch.no_grad():
            places, covariances, rotation = self.deform(vertices)
            return self.rasterise(
                (places, covariances), self.colours(places, rotation, centre), view
            )

    def rasterise(
        self, posed: tuple[torch.Tensor, torch.Tensor], colours: torch.Tensor, view: dict
    ) -> torch.Tensor:
        """Drawn alone."""
        with torch.no_grad():
            picture, _, _ = gsplat.rasterization(
                *(posed[0], None, None, self.opacities, colours),
                **view,
                covars=posed[1],
                packed=False,
            )
        return picture[0]

    def fitting_step(self, view: dict, wanted: torch.Tensor) -> Callable[[], None]:
        """One pass forwards and backwards over the raw Gaussians, at rest."""
        given = {name: values.clone().requires_grad_() for name, values in self.raw.items()}

        def step() -> None:
            picture, alpha, _ = gsplat.rasterization(
                *(given["means"], given["quats"], given["log_scales"].exp()),
                *(given["logits"].sigmoid(), given["sh"]),
                **view,
                sh_degree=1,
                packed=False,
                absgrad=True,
            )
            (torch.cat([picture[0], alpha[0]], 2) * wanted).sum().backward()
            for each in given.values():
                each.grad = None

        return step


def _quaternions(m: torch.Tensor) -> torch.Tensor:
    """Of turns of less than half a circle, as a face's are."""
    w = torch.sqrt((1 + m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2]).clamp_min(1e-12)) / 2
    rest = (m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1])
    return torch.stack([w, *(each / (4 * w) for each in rest)], 1)


def _matrices(q: torch.Tensor) -> torch.Tensor:
    w, x, y, z = q.unbind(1)
    rows = (
        *(1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        *(2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        *(2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return torch.stack(rows, 1).view(-1, 3, 3)
