"""How keys are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rigtalk.core.errors import RigtalkError

__all__ = ["DENSE", "KeyOptions"]


@dataclass(frozen=True)
class KeyOptions:
    """How keys are written.

    Attributes
    ----------
    dense : bool
        A straight key on every frame instead of few Bézier keys.
    share : float
        How far a curve may be off, as a share of the range of its channel.
    mm : float
        The same in millimetres of the scene, where the geometry is known: of the vertex that a
        shape key moves most, of a bone or its tip. The tighter of both counts; 0 leaves the share
        alone.
    span : tuple of float, optional
        Only keys from one frame to another, both included, are replaced.
    controls : frozenset of str, optional
        Only these controls are keyed.
    keep_edits : bool
        Whether keys that were changed by hand stay.
    blend : float
        Frames over which new motion fades into what stays.

    Raises
    ------
    RigtalkError
        If a number is out of range.
    """

    dense: bool = False
    share: float = 0.005
    mm: float = 0.1
    span: tuple[float, float] | None = None
    controls: frozenset[str] | None = None
    keep_edits: bool = True
    blend: float = 4.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.share) and 0.0 < self.share <= 0.5):
            raise RigtalkError(f"the tolerance of keys is {self.share:g}: it must be in 0-0.5")
        if not (math.isfinite(self.mm) and self.mm >= 0.0):
            raise RigtalkError(f"the tolerance of keys is {self.mm:g} mm: it must be 0 or more")
        if not (math.isfinite(self.blend) and self.blend >= 0.0):
            raise RigtalkError(f"keys blend over {self.blend:g} frames: it must be 0 or more")
        if self.span is not None and not self.span[0] <= self.span[1]:
            first, last = self.span
            raise RigtalkError(f"the frames {first:g} to {last:g} are no range: swap them")


DENSE = KeyOptions(dense=True, keep_edits=False)
"""A key on every frame; whatever is there in its frames is replaced."""
