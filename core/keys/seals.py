"""Frames in which lips are sealed over an open jaw, where a small error would let light through."""

from __future__ import annotations

import numpy as np

from ..performance import Performance

__all__ = ["sealed_frames"]

_QUARTERS = ("L_mouth_lipsTogetherU", "L_mouth_lipsTogetherD", "R_mouth_lipsTogetherU",
             "R_mouth_lipsTogetherD")  # fmt: skip
_TOGETHER = {
    "arkit": ("jawOpen", ("mouthClose",), False),
    "metahuman": (
        "CTRL_expressions_jawOpen",
        tuple(f"CTRL_expressions_mouthLipsTogether{side}" for side in ("UL", "UR", "DL", "DR")),
        True,
    ),
    "metahuman-board": ("CTRL_C_jaw.Y", tuple(f"CTRL_{name}" for name in _QUARTERS), True),
}
"""What opens the mouth, what brings the lips together, and whether that is a share of the gap."""
OPEN = 0.01
"""Of the jaw; below it there is nothing to seal."""
SHUT = 0.985
"""Share of the gap that is closed."""
SHORT = 8
"""Frames of a closure that are all exact; of a longer one two at each end."""


def sealed_frames(performance: Performance) -> tuple[np.ndarray, tuple[str, ...]]:
    """Where lips are sealed, and the controls that must be exact there.

    Returns
    -------
    ndarray, shape (frames,), bool
        Every frame of a short closure, the ends of a long one.
    tuple of str
        Names of controls; none for rigs without such controls.
    """
    nothing = np.zeros(len(performance), dtype=bool)
    if performance.controls.name not in _TOGETHER:
        return nothing, ()
    jaw_name, together, relative = _TOGETHER[performance.controls.name]
    jaw = performance.curve(jaw_name)
    lips = np.min([performance.curve(name) for name in together], axis=0)
    sealed = (jaw > OPEN) & (lips >= SHUT * (1.0 if relative else jaw))
    edges = np.flatnonzero(np.diff(np.pad(sealed, 1).astype(np.int8)))
    pinned = nothing
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if end - begin <= SHORT:
            pinned[begin:end] = True
        else:
            pinned[[begin, begin + 1, end - 2, end - 1]] = True
    return pinned, (jaw_name, *together)
