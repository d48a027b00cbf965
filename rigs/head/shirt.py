"""The top of a shirt, so that the bust ends in something."""

from __future__ import annotations

import numpy as np

from .part import Part, sheet
from .surface import loft

__all__ = ["shirt"]

# Ring number in front, at the side and at the back, and how far over the skin, mm.
_ROWS = (
    (15.60, 15.40, 15.20, 0.2),
    (15.52, 15.32, 15.12, 2.4),
    (15.50, 15.30, 15.10, 4.2),
    (15.62, 15.40, 15.18, 5.0),
    (15.82, 15.55, 15.30, 4.4),
    (15.95, 15.66, 15.40, 3.0),
    (16.3, 16.0, 15.8, 3.2),
    (16.8, 16.6, 16.5, 3.6),
    (17.4, 17.3, 17.2, 3.8),
    (18.0, 18.0, 18.0, 4.0),
)


def shirt() -> Part:
    """The collar and the shoulders, mm; open below."""
    angle = np.linspace(-180.0, 180.0, 64, endpoint=False)
    turn = np.radians(angle)
    rows = []
    for front, side, back, over in _ROWS:
        end = np.where(np.cos(turn) > 0.0, front, back)
        ring = side + (end - side) * np.cos(turn) ** 2
        point = loft(np.abs(angle), ring) * np.stack(
            [np.where(angle < 0.0, -1.0, 1.0), np.ones_like(angle), np.ones_like(angle)], axis=1
        )
        outward = np.stack([np.sin(turn), -np.cos(turn), np.full_like(turn, 0.55)], axis=1)
        outward[:, 2] += 0.5 * np.sin(turn) ** 2
        rows.append(point + over * outward / np.linalg.norm(outward, axis=1, keepdims=True))
    # The hem hides the cut of the skin.
    rows.append(rows[-1] - [0.0, 0.0, 5.0])
    return sheet(np.array(rows), "shirt", closed=True)
