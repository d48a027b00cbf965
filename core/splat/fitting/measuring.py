"""How good a head is, on pictures that it was not fitted to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..head import SplatHead
from ..renderer import Renderer
from .capture import Photo
from .judging import gmsd, psnr, ssim

__all__ = ["drawn_and_true", "measured"]

_GRAY = 0.5
"""What the pictures are laid over."""


def measured(head: SplatHead, photos: Sequence[Photo], renderer: Renderer) -> dict[str, float]:
    """Means over photos, whole pictures over gray; ``face psnr`` only where the head is.

    Returns
    -------
    dict of str to float
        ``psnr`` and ``face psnr`` in decibels, ``ssim`` 0-1, ``gmsd`` from 0 (alike).
    """
    renderer.show_head(head)
    rows = []
    for photo in photos:
        drawn, true = drawn_and_true(head, photo, renderer)
        where = photo.rgba[..., 3] > 127
        if photo.mask is not None:
            where &= photo.mask
        face = psnr(drawn, true, where)
        rows.append((psnr(drawn, true), face, ssim(drawn, true), gmsd(drawn, true)))
    names = ("psnr", "face psnr", "ssim", "gmsd")
    return dict(zip(names, np.mean(rows, axis=0).tolist(), strict=True)) if rows else {}


def drawn_and_true(
    head: SplatHead, photo: Photo, renderer: Renderer
) -> tuple[np.ndarray, np.ndarray]:
    """What a renderer that shows the head draws, and the photo; (h, w, 3) of 0-1 over gray."""
    if head.correctives:
        names = list(photo.shot.weights)
        weights = head.weights(names, np.array([photo.shot.weights[n] for n in names], np.float32))
        renderer.correct(head.correctives.coefficients(weights))
    drawn = renderer.draw_rgba(photo.shot.camera, vertices=photo.vertices)
    true = photo.rgba.astype(np.float32) / 255
    first, second = (
        np.clip(each[..., :3] + _GRAY * (1 - each[..., 3:]), 0, 1) for each in (drawn, true)
    )
    if photo.mask is not None:
        first, second = (np.where(photo.mask[..., None], each, _GRAY) for each in (first, second))
    return first, second
