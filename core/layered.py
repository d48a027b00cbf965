"""Layers of a performance: what can be muted, scaled or made again by itself."""

from __future__ import annotations

from functools import lru_cache

from rigtalk.rigs import control_set

__all__ = ["LAYERS", "layer_controls"]

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
    "blinks": ("blink", "eyeclosed"),
    "gaze": ("look", "eyeyaw", "eyepitch", "eyeroll", "_eye.x", "_eye.y", "eyesaim"),
}
"""Controls of the eyes that are not the lids', by a part of their names in small letters."""


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
