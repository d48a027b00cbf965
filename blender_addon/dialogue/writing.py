"""From a performance to keys: what is done before, beside and after the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import bpy

from rigtalk.core.performance import Performance

from ..animation.keys import Channel, Written
from ..animation.layers import plan_layers, snapshot_layers, write_layer_plans
from ..animation.options import KeyOptions
from ..animation.plan import Plan, plan_keys
from ..animation.snapshot import Snapshot, snapshot
from ..animation.write import write_plan

__all__ = ["LayerWriting", "PlainWriting", "Writing"]

Parts = Mapping[str, Performance]
"""Layers of a performance."""


class Writing(Protocol):
    """How keys come to a character."""

    layered: bool
    """Whether it asks for the layers of a performance."""

    def look(self, channels: Sequence[Channel], scene: bpy.types.Scene) -> Any:
        """What is on the character now; on the main thread."""

    def plan(self, given: Any, before: Any, cancelled: Callable[[], bool] = lambda: False) -> Any:
        """The keys to write; on any thread."""

    def write(self, plan: Any, channels: Sequence[Channel]) -> Written:
        """Write them, all or none; on the main thread."""


@dataclass(frozen=True)
class PlainWriting:
    """Keys of all layers together in the active action.

    Attributes
    ----------
    options : KeyOptions
    start_frame : float
        Frame at which the recording starts.
    take : str or None
        What the keys are marked with.
    """

    options: KeyOptions
    start_frame: float
    take: str | None
    layered = False

    def look(self, channels: Sequence[Channel], scene: bpy.types.Scene) -> Snapshot:
        return snapshot(channels, scene=scene, options=self.options)

    def plan(
        self,
        given: Performance,
        before: Snapshot,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Plan:
        return plan_keys(
            given,
            before,
            start_frame=self.start_frame,
            options=self.options,
            take=self.take,
            cancelled=cancelled,
        )

    def write(self, plan: Plan, channels: Sequence[Channel]) -> Written:
        return write_plan(plan, channels)


@dataclass(frozen=True)
class LayerWriting:
    """Keys of each layer in an NLA strip of its own.

    Attributes
    ----------
    options : KeyOptions
    start_frame : float
        Frame at which the recording starts.
    take : str or None
        What the keys are marked with.
    only : str or None
        The one layer to write; None for all.
    """

    options: KeyOptions
    start_frame: float
    take: str | None
    only: str | None
    layered = True

    def look(self, channels: Sequence[Channel], scene: bpy.types.Scene) -> dict[str, Snapshot]:
        return snapshot_layers(channels, scene=scene, options=self.options, only=self.only)

    def plan(
        self,
        given: Parts,
        before: dict[str, Snapshot],
        cancelled: Callable[[], bool] = lambda: False,
    ) -> dict[str, Plan]:
        return plan_layers(
            given,
            before,
            start_frame=self.start_frame,
            options=self.options,
            take=self.take,
            only=self.only,
            cancelled=cancelled,
        )

    def write(self, plan: dict[str, Plan], channels: Sequence[Channel]) -> Written:
        return write_layer_plans(plan, channels, take=self.take)
