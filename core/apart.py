"""A face taken apart into its layers, which add up to it again."""

from __future__ import annotations

import numpy as np

from rigtalk.rigs import control_set, mapping

from .face import Face, Heard
from .layered import LAYERS, layer_controls

__all__ = ["in_layers"]

NOTHING = 1e-6
"""Differences below this are rounding."""


def in_layers(face: Face, heard: Heard, times: np.ndarray, rig: str) -> dict[str, np.ndarray]:
    """A face at some times, by layer.

    Parameters
    ----------
    face : Face
    heard : Heard
        With how the words are said without a feeling.
    times : ndarray, shape (n,)
        Seconds, rising.
    rig : str
        Name of the control set wanted.

    Returns
    -------
    dict of str to ndarray, shape (n, controls), float32
        In the order of `LAYERS`. ``"lips"`` is a face that only speaks; the others are differences,
        which may be negative. Their sum, brought into range, is the whole face.
    """
    target, convert = control_set(rig), mapping(face.played, rig).apply
    felt = face.felt(heard, times)
    whole = target.clip(convert(face.dressed(felt, times)))
    spoken = target.clip(convert(face.spoken(heard, times)))
    lips = np.tile(target.rests, (len(times), 1))
    mouth = target.indices(*layer_controls(rig)["lips"])
    lips[:, mouth] = spoken[:, mouth]

    rest = convert(np.zeros((1, len(face.controls)), dtype=np.float32))
    parts = {
        name: convert(face.mapped(part)) - rest for name, part in face.layers.apart(times).items()
    }
    parts["emotion"] += target.clip(convert(felt)) - lips
    layers = {"lips": lips, **{name: parts[name] for name in LAYERS[1:]}}
    _settle(layers, whole, target.clip(sum(layers.values(), np.zeros_like(whole))))
    return layers


def _settle(layers: dict[str, np.ndarray], whole: np.ndarray, together: np.ndarray) -> None:
    """Take what clipping on the way took from the whole from the layer that moves most there."""
    rows, columns = np.nonzero(np.abs(whole - together) > NOTHING)
    if len(rows) == 0:
        return
    here = np.stack([values[rows, columns] for values in layers.values()])  # (layers, cells)
    most = 1 + np.argmax(np.abs(here[1:]), axis=0)
    missing = whole[rows, columns] - here.sum(axis=0)
    for place, values in enumerate(layers.values()):
        mine = most == place
        values[rows[mine], columns[mine]] += missing[mine]
