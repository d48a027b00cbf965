"""A performance taken apart into layers that can be muted, scaled or made again one by one."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from rigtalk.rigs import control_set, mapping

from .face import Face, Heard

__all__ = ["LAYERS", "in_layers", "layer_controls"]

LAYERS = ("lips", "emotion", "blinks", "gaze", "head")
"""In the order in which they lie on one another: lips are a face by themselves, each of the others
is what it adds."""
REGION_LAYERS = {
    "mouth": "lips",
    "jaw": "lips",
    "tongue": "lips",
    "brows": "emotion",
    "cheeks": "emotion",
    "nose": "emotion",
    "eyes": "emotion",
    "ears": "emotion",
    "head": "head",
    "neck": "head",
}
NAME_LAYERS = {
    "blinks": ("blink",),
    "gaze": ("look", "eyeyaw", "eyepitch", "eyeroll", "_eye.x", "_eye.y", "eyesaim"),
}
"""Controls of the eyes that are not the lids', by a part of their names in small letters."""
NOTHING = 1e-6
"""Differences below this are rounding."""


@lru_cache(maxsize=32)
def layer_controls(name: str) -> dict[str, tuple[str, ...]]:
    """Which layer each control belongs to, first of all.

    An emotion moves lips and a gaze moves lids as well; this tells where a control that is keyed
    once, for all layers together, is to be looked for.

    Parameters
    ----------
    name : str
        Of a control set.

    Returns
    -------
    dict of str to tuple of str
        For each of `LAYERS` names of controls; every control of the set is in exactly one.

    Raises
    ------
    RigtalkError
        If there is no such control set.
    """
    layers: dict[str, list[str]] = {layer: [] for layer in LAYERS}
    for control in control_set(name).controls:
        named = (
            layer
            for layer, parts in NAME_LAYERS.items()
            if control.region == "eyes" and any(part in control.name.lower() for part in parts)
        )
        layers[next(named, REGION_LAYERS[control.region])].append(control.name)
    return {layer: tuple(names) for layer, names in layers.items()}


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
    _settle(layers, whole, target.clip(sum(layers.values(), np.float32(0.0))))
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
