"""Colour painted on the materials: what light under the skin and shade in hollows do."""

from __future__ import annotations

import numpy as np

from .lids import EYE_CENTRE
from .surface import bump, smoothstep

__all__ = ["painted"]

# On the skin: centre (|x|, z), size, factor on red, green and blue.
_BLUSH = (
    ((40.0, 34.0), (17.0, 13.0), (1.02, 0.84, 0.81)),
    ((0.0, 33.0), (12.0, 9.0), (1.02, 0.86, 0.84)),
    ((13.0, 27.0), (6.0, 6.0), (0.97, 0.84, 0.82)),
    ((33.0, 75.0), (19.0, 6.5), (0.95, 0.80, 0.77)),
    ((32.0, 53.0), (17.0, 5.0), (0.98, 0.89, 0.88)),
    ((17.0, 68.0), (5.0, 7.0), (0.93, 0.82, 0.80)),
    ((0.0, -31.0), (16.0, 9.0), (1.01, 0.91, 0.90)),
    ((0.0, -13.5), (16.0, 3.5), (0.94, 0.87, 0.86)),
    ((27.5, 0.0), (4.0, 5.0), (0.95, 0.86, 0.84)),
    ((0.0, 112.0), (34.0, 22.0), (1.03, 1.02, 1.01)),
)


def _toward(paint: np.ndarray, weight: np.ndarray, factor: tuple[float, float, float]) -> None:
    paint *= 1.0 + weight[:, None] * (np.array(factor) - 1.0)


def painted(
    points: np.ndarray,
    parts: dict[str, np.ndarray],
    shades: np.ndarray,
    *,
    lips: tuple[np.ndarray, np.ndarray],
    pocket: np.ndarray,
    up: np.ndarray,
) -> np.ndarray:
    """Factors on the colours of the materials.

    Parameters
    ----------
    points : ndarray, shape (V, 3)
        At rest, mm.
    parts : dict of str to ndarray
    shades : ndarray
        Of the vertices of the hair.
    lips : pair of ndarray
        x and z of the line where the lips touch, from the right corner to the left.
    pocket : ndarray of int
        Vertices inside the mouth.
    up : ndarray, shape (V,)
        z of the normals: what looks down gets less of the light.

    Returns
    -------
    ndarray, shape (V, 3), float32
    """
    paint = np.ones(points.shape)
    skin = parts["skin"]
    paint[skin] = _skin(points[skin], lips)
    deep = smoothstep(points[pocket, 1], -96.0, -62.0)
    paint[pocket] *= (1.0 - 0.8 * deep)[:, None]
    paint[parts["hair"]] *= shades[:, None]
    for name in ("ear_left", "ear_right"):
        paint[parts[name]] *= (1.0, 0.86, 0.83)
    for name, dark in (("teeth_upper", 0.72), ("teeth_lower", 0.72), ("tongue", 0.4)):
        depth = smoothstep(points[parts[name], 1], -88.0, -46.0)
        paint[parts[name]] *= (1.0 - dark * depth)[:, None]
    for name, sign in (("eye_left", 1.0), ("eye_right", -1.0)):
        paint[parts[name]] = _eye(points[parts[name]] * [sign, 1.0, 1.0])
    eyes = np.concatenate([parts["eye_left"], parts["eye_right"]])
    shade = 0.95 + 0.06 * up - 0.08 * np.clip(-up, 0.0, 1.0) ** 2
    shade[eyes] = 1.0
    return (paint * shade[:, None]).astype(np.float32)


def _skin(points: np.ndarray, lips: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    x, y, z = points.T
    paint = np.ones(points.shape)
    front = smoothstep(y, -20.0, -45.0)
    for centre, size, factor in _BLUSH:
        _toward(paint, bump(np.abs(x), z, centre, size) * front, factor)
    _toward(paint, smoothstep(np.abs(x), 36.0, 66.0), (0.93, 0.87, 0.85))
    _toward(paint, smoothstep(z, -43.0, -54.0) * smoothstep(z, -105.0, -60.0), (0.86, 0.78, 0.76))
    # Lips darken towards the line where they touch.
    line = np.interp(x, *lips)
    near = np.exp(-(((z - line) / 2.2) ** 2)) * (np.abs(x) < 26.0) * (y < -70.0)
    _toward(paint, near, (0.84, 0.74, 0.74))
    seam = np.exp(-(((z - line) / 0.7) ** 2)) * (np.abs(x) < 26.0) * (y < -70.0)
    _toward(paint, seam, (0.5, 0.4, 0.4))
    return paint


def _eye(points: np.ndarray) -> np.ndarray:
    away = points - EYE_CENTRE
    polar = np.degrees(np.arctan2(np.hypot(away[:, 0], away[:, 2]), -away[:, 1]))
    paint = np.ones(points.shape)
    # The iris is lighter round the pupil and dark at its rim; it is brightest opposite the light.
    bright = np.interp(polar, [8.0, 13.0, 18.0, 24.0, 29.0], [1.1, 1.75, 1.3, 0.62, 0.4])
    below = np.clip(-away[:, 2] / 8.0, -1.0, 1.0)
    iris = polar < 29.5
    paint[iris] *= (bright * (1.0 + 0.35 * below))[iris, None]
    # The white is shaded under the upper lid and pink in the corners.
    white = ~iris
    lid = smoothstep(away[:, 2], 2.0, 11.0)
    corner = smoothstep(np.abs(away[:, 0]), 9.0, 16.5)
    _toward(paint, lid * white, (0.66, 0.66, 0.70))
    _toward(paint, corner * white, (0.90, 0.76, 0.74))
    return paint
