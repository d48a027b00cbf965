"""Control rigs whose bones slide between two ends, each end a weight at 1."""

from __future__ import annotations

from typing import Any

from .controls import ControlSet
from .response import Response, Term
from .rest import BoneChannel, RestBone

__all__ = ["slider_channels", "slider_controls"]

_AXES = ("x", "y", "z")


def slider_channels(
    table: dict[str, Any], bones: dict[str, RestBone], controls: ControlSet
) -> tuple[BoneChannel, ...]:
    """Channels of the bones that have ends; without a limit there is no telling how far to go."""
    channels = []
    for bone, rest in bones.items():
        for axis, ends in table["sliders"][bone].items():
            index = _AXES.index(axis)
            terms = tuple(
                Term(control, float(limits[index]) / len(ends[end]))
                for end, limits in (("high", rest.high), ("low", rest.low))
                if limits is not None
                for control in ends.get(end, ())
                if limits[index]
            )
            if terms:
                channels.append(BoneChannel(bone, "location", index, Response(terms)))
    return tuple(channels)


def slider_controls(table: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Bone to the weights at its ends, each with its share of the way."""
    return {
        bone: {
            control: 1.0 / len(controls)
            for ends in axes.values()
            for controls in ends.values()
            for control in controls
        }
        for bone, axes in table["sliders"].items()
    }
