"""ARKit weights as combinations of MetaHuman expressions, and back.

Forwards, an expression is the sum of what the poses give it, no more than 1. Backwards, the
weights are the ones in range whose poses come closest to the expressions (least squares with
bounds). An expression that reads 1 may have been asked for more than 1, so exceeding it counts as
no error: that keeps the way back exact where, say, inner and outer brow raise the same point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .controls import ControlSet

__all__ = ["PoseSolve", "PoseSum", "Share", "pose_steps"]

_SWEEPS = 20
"""Error of the solve falls at least by half in each sweep, so 20 leave less than 1e-6."""

_FULL = 1.0 - 1e-6


@dataclass(frozen=True)
class Share:
    """A weight that counts against another: lips together by mouthClose / jawOpen.

    Attributes
    ----------
    control, of : int
        Source columns: the weight and what it is a share of.
    floor : float
        Value of `of` below which the share fades to 0.
    expressions : ndarray of int
        Target columns that receive the share.
    """

    control: int
    of: int
    floor: float
    expressions: np.ndarray

    def forward(self, weights: np.ndarray) -> np.ndarray:
        """Share 0-1 for weights (frames, sources); continuous, and 0 where `of` is 0."""
        whole = weights[:, self.of]
        share = np.clip(weights[:, self.control] / np.maximum(whole, self.floor), 0.0, 1.0)
        return share * np.clip(whole / self.floor, 0.0, 1.0)


@dataclass(frozen=True)
class PoseSum:
    """Weights to expressions.

    Attributes
    ----------
    poses : ndarray, shape (n_weights, n_expressions)
        What each weight gives each expression at full value.
    share : Share or None
    """

    poses: np.ndarray
    share: Share | None

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        expressions = weights @ self.poses
        if self.share is not None:
            expressions[:, self.share.expressions] += self.share.forward(weights)[:, None]
        return expressions


@dataclass(frozen=True)
class PoseSolve:
    """Expressions to weights.

    Attributes
    ----------
    poses : ndarray, shape (n_weights, n_expressions)
    blocks : tuple of ndarray of int
        Weights that share expressions and so are solved together.
    approximate : ndarray, shape (n_expressions, n_weights)
        Added for expressions that no pose moves.
    angles : ndarray, shape (n_weights, n_weights)
        Angles as sums of the weights found.
    share : Share or None
    """

    poses: np.ndarray
    blocks: tuple[np.ndarray, ...]
    approximate: np.ndarray
    angles: np.ndarray
    share: Share | None

    def __call__(self, expressions: np.ndarray) -> np.ndarray:
        weights = np.zeros((len(expressions), len(self.poses)), dtype=expressions.dtype)
        for block in self.blocks:
            _solve_block(weights, expressions, self.poses, block)
        extra = np.flatnonzero(self.approximate.any(axis=1))
        weights += expressions[:, extra] @ self.approximate[extra]
        weights += weights @ self.angles
        if self.share is not None:
            share = np.clip(expressions[:, self.share.expressions].mean(axis=1), 0.0, 1.0)
            weights[:, self.share.control] = share * np.clip(weights[:, self.share.of], 0.0, 1.0)
        return weights


def _solve_block(
    weights: np.ndarray, expressions: np.ndarray, poses: np.ndarray, block: np.ndarray
) -> None:
    """Projected coordinate descent over the frames at once; writes the block's columns."""
    moved = np.flatnonzero(poses[block].any(axis=0))
    target = np.ascontiguousarray(expressions[:, moved].T)
    full = target >= _FULL
    made = np.zeros_like(target)
    for _ in range(_SWEEPS if len(block) > 1 else 1):
        for weight in block:
            pose = poses[weight, moved].astype(target.dtype)
            rows = np.flatnonzero(pose)
            error = target[rows] - made[rows]
            error[full[rows] & (error < 0.0)] = 0.0
            old = weights[:, weight]
            new = np.clip(old + pose[rows] @ error / (pose @ pose), 0.0, 1.0)
            made[rows] += pose[rows, None] * (new - old)
            weights[:, weight] = new


def pose_steps(
    table: dict[str, Any], source: ControlSet, target: ControlSet
) -> tuple[PoseSum, PoseSolve]:
    """The two directions of a table of kind ``poses``."""
    prefix = table.get("target_prefix", "")
    poses = np.zeros((len(source), len(target)))
    for weight, pose in table["poses"].items():
        for expression, value in pose.items():
            poses[source.index(weight), target.index(prefix + expression)] = value
    approximate = np.zeros((len(target), len(source)))
    for expression, pose in table.get("approximate", {}).items():
        for weight, value in pose.items():
            approximate[target.index(prefix + expression), source.index(weight)] = value
    angles = np.zeros((len(source), len(source)))
    for angle, terms in table.get("angles", {}).items():
        for weight, value in terms.items():
            angles[source.index(weight), source.index(angle)] = value
    share = _share(table["share"], source, target, prefix) if "share" in table else None
    return PoseSum(poses, share), PoseSolve(poses, _blocks(poses), approximate, angles, share)


def _share(row: dict[str, Any], source: ControlSet, target: ControlSet, prefix: str) -> Share:
    return Share(
        source.index(row["control"]),
        source.index(row["of"]),
        row["floor"],
        target.indices(*(prefix + name for name in row["expressions"])),
    )


def _blocks(poses: np.ndarray) -> tuple[np.ndarray, ...]:
    """Weights grouped by shared expressions."""
    overlap = (poses @ poses.T) != 0.0
    blocks = []
    left = set(np.flatnonzero(overlap.diagonal()).tolist())
    while left:
        block = {min(left)}
        while (wider := set(np.flatnonzero(overlap[sorted(block)].any(axis=0)).tolist())) != block:
            block = wider
        blocks.append(np.array(sorted(block), dtype=np.intp))
        left -= block
    return tuple(blocks)
