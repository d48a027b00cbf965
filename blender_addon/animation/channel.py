"""Where the values of controls go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import bpy
import numpy as np

from rigtalk.core.performance import Performance
from rigtalk.rigs.response import Response

__all__ = ["Channel", "channel_values", "owner_name", "owners_of", "scene_fps"]


@dataclass(frozen=True)
class Channel:
    """Where the values of one control go, or those of several together.

    Valid only until the next undo or file load: Blender moves its data-blocks then.

    Attributes
    ----------
    control : str
        Name in the control set; of several, the one that it is known by.
    owner : bpy.types.ID
        The ``Key`` of a mesh, or an object.
    path : str
        Data path from the owner.
    index : int
        Axis, for a vector.
    group : str
        Name of the channel group in the editors; empty for none.
    response : Response, optional
        How the channel follows controls; None for the control as it is.
    """

    control: str
    owner: bpy.types.ID
    path: str
    index: int = 0
    group: str = ""
    response: Response | None = None

    @property
    def controls(self) -> tuple[str, ...]:
        """Every control that moves the channel."""
        return (self.control,) if self.response is None else self.response.controls

    def values(self, performance: Performance) -> np.ndarray:
        """The channel over the frames of a performance, shape (frames,), float32.

        Raises
        ------
        RigtalkError
            If the performance has no such control.
        """
        return channel_values(self.control, self.response, performance)


def channel_values(control: str, response: Response | None, performance: Performance) -> np.ndarray:
    """What a channel does in a performance, shape (frames,), float32."""
    if response is None:
        return performance.curve(control)
    return response.apply(performance.controls, performance.values)


def scene_fps(scene: bpy.types.Scene) -> float:
    """Frames in a second of a scene; 29.97 is 30 / 1.001 in Blender."""
    return scene.render.fps / scene.render.fps_base


def owner_name(owner: bpy.types.ID) -> str:
    """Name to show for a data-block; shape keys are known by their mesh."""
    return owner.user.name if owner.id_type == "KEY" and owner.user else owner.name


def owners_of(channels: Iterable[Channel]) -> list[bpy.types.ID]:
    """The data-blocks of some channels, each once, in the order of the channels."""
    owners: list[bpy.types.ID] = []
    for channel in channels:
        if channel.owner not in owners:
            owners.append(channel.owner)
    return owners
