"""Frames in which lips are sealed over an open jaw, where a small error would let light through."""

from __future__ import annotations

import numpy as np

from ..performance import Performance

__all__ = ["are_sealed", "sealed_frames", "sealing_controls"]

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


def sealing_controls(rig: str) -> tuple[str, ...]:
    """The jaw and what brings the lips together; none for rigs without such controls."""
    if rig not in _TOGETHER:
        return ()
    jaw, together, _ = _TOGETHER[rig]
    return (jaw, *together)


def are_sealed(performance: Performance) -> np.ndarray:
    """Where lips are sealed over an open jaw, shape (frames,), bool."""
    if performance.controls.name not in _TOGETHER:
        return np.zeros(len(performance), dtype=bool)
    jaw_name, together, relative = _TOGETHER[performance.controls.name]
    jaw = performance.curve(jaw_name)
    lips = np.min([performance.curve(name) for name in together], axis=0)
    return (jaw > OPEN) & (lips >= SHUT * (1.0 if relative else jaw))


def sealed_frames(performance: Performance) -> tuple[np.ndarray, tuple[str, ...]]:
    """Where lips are sealed, and the controls that must be exact there.

    Returns
    -------
    ndarray, shape (frames,), bool
        Every frame of a short closure, the ends of a long one.
    tuple of str
        Names of controls; none for rigs without such controls.
    """
    sealed = are_sealed(performance)
    pinned = np.zeros(len(performance), dtype=bool)
    edges = np.flatnonzero(np.diff(np.pad(sealed, 1).astype(np.int8)))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        if end - begin <= SHORT:
            pinned[begin:end] = True
        else:
            pinned[[begin, begin + 1, end - 2, end - 1]] = True
    return pinned, sealing_controls(performance.controls.name)
