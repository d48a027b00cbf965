"""Characters in a real Blender."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="needs the bpy wheel: python build.py test installs it")

import rigtalk.blender_addon  # noqa: E402 - bpy comes first, or there is nothing to test
from rigtalk import rigs  # noqa: E402
from rigtalk.blender_addon.dialogue import generation  # noqa: E402
from rigtalk.core.actor import Cancelled  # noqa: E402
from rigtalk.core.audio import read_clip  # noqa: E402
from rigtalk.core.errors import RigtalkError  # noqa: E402
from rigtalk.core.layered import layer_controls  # noqa: E402
from rigtalk.core.performance import Performance, frame_count  # noqa: E402

if TYPE_CHECKING:
    import bpy

MakeMesh = Callable[..., "bpy.types.Object"]


@pytest.fixture
def scene() -> bpy.types.Scene:
    """An empty scene at 60 fps."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 60, 1.0
    return scene


@pytest.fixture
def make_mesh(scene: bpy.types.Scene) -> MakeMesh:
    """Makes a triangle with shape keys of given names, each moving its first corner."""

    def make(name: str, keys: Sequence[str]) -> bpy.types.Object:
        mesh = bpy.data.meshes.new(f"{name}Mesh")
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        thing = bpy.data.objects.new(name, mesh)
        scene.collection.objects.link(thing)
        thing.shape_key_add(name="Basis")
        for i, key in enumerate(keys):
            thing.shape_key_add(name=key).data[0].co = (0.1 * (i + 1), 0.0, 0.01 * i)
        bpy.context.view_layer.objects.active = thing
        return thing

    return make


@pytest.fixture
def face(make_mesh: MakeMesh) -> bpy.types.Object:
    """A character with the 52 ARKit shape keys."""
    return make_mesh("Face", rigs.control_set("arkit").names[:52])


@pytest.fixture
def board(scene: bpy.types.Scene) -> bpy.types.Object:
    """A MetaHuman face board: an armature with a bone for each control."""
    names = {name.split(".")[0] for name in rigs.control_set("metahuman-board").names}
    armature = bpy.data.armatures.new("BoardData")
    thing = bpy.data.objects.new("Board", armature)
    scene.collection.objects.link(thing)
    bpy.context.view_layer.objects.active = thing
    bpy.ops.object.mode_set(mode="EDIT")
    for i, name in enumerate(sorted(names)):
        bone = armature.edit_bones.new(name)
        bone.head, bone.tail = (i, 0, 0), (i, 0.5, 0)
    bpy.ops.object.mode_set(mode="OBJECT")
    return thing


class LoudnessActor:
    """Stands in for the network where only what is done with its curves matters.

    The jaw follows the sound; every other control holds a value of its own.
    """

    patience = 0
    """Times that `cancelled` is asked before the work goes on."""

    @classmethod
    def load(cls, path=None, *, threads: int = 1) -> LoudnessActor:
        return cls()

    def perform(self, audio, direction, *, fps, rig, progress, cancelled, span=None, note=None):
        for _ in range(self.patience):
            if cancelled():
                raise Cancelled
        progress(0.5)
        clip = read_clip(audio)
        controls = rigs.control_set(rig)
        frames = frame_count(clip.duration, fps)
        own = np.linspace(controls.lows, controls.highs, 7)[3] * 0.5
        values = np.tile(own.astype(np.float32), (frames, 1))
        at = np.minimum(np.arange(frames) / fps * 16000, len(clip.samples) - 1).astype(int)
        jaw = next(i for i, name in enumerate(controls.names) if "jawOpen" in name or i == 1)
        values[:, jaw] = np.clip(np.abs(clip.samples[at]), 0, 1)
        progress(1.0)
        whole = Performance(values, fps, controls)
        part = whole if span is None else whole.between(*span)
        if not len(part):
            raise RigtalkError(f"there is nothing of {audio.name} from {span[0]:g} s on")
        return part

    def perform_layers(self, audio, direction, **words):
        whole = self.perform(audio, direction, **words)
        layers = {}
        for layer, names in layer_controls(words["rig"]).items():
            values = np.zeros_like(whole.values)
            columns = whole.controls.indices(*names)
            values[:, columns] = whole.values[:, columns]
            layers[layer] = Performance(values, whole.fps, whole.controls, whole.start)
        return layers


@pytest.fixture
def actor(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[LoudnessActor]]:
    """Replaces the network in the extension."""
    monkeypatch.setattr(generation, "Actor", LoudnessActor)
    generation._actor.cache_clear()
    monkeypatch.setattr(LoudnessActor, "patience", 0)
    yield LoudnessActor
    generation._actor.cache_clear()


@pytest.fixture
def line(root: Path) -> Path:
    """The embedded line of speech."""
    return root / "core" / "data" / "line.flac"


@pytest.fixture
def extension(scene: bpy.types.Scene) -> Iterator[None]:
    """The add-on, enabled."""
    rigtalk.blender_addon.register()
    yield
    rigtalk.blender_addon.unregister()
