"""Takes the pictures of a bake: one at a time, and the scene is as it was between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.fitting.capture import CaptureFolder
from rigtalk.core.splat.fitting.plan import QUALITIES, Shot, plan_shots
from rigtalk.core.splat.head_mesh import HeadMesh

from .. import compat
from ..changing import Change, changed
from ..characters.targets import find_target
from .depths import mesh_depth
from .engines import engine_name, engine_settings, hides_by_camera
from .extraction import Parts, head_mesh_of, parts_named
from .posing import Poser, held
from .shooting import camera_object, frame_settings, picture

__all__ = ["Capture", "film"]

_KINDS = {"MESH", "CURVE", "CURVES", "SURFACE", "META", "FONT", "POINTCLOUD", "VOLUME"}
"""Objects that show in pictures."""
_DRAWN = {"GPENCIL", "GREASEPENCIL"}
"""Objects that show in pictures and throw no shadow."""
_SEEN = 2.0 / 255.0
"""A head darker than this everywhere has no light."""

_CLEANER = 4
"""Times the samples, for pictures to judge by: noise in them would count against the head."""


class Capture:
    """A bake's pictures in the making.

    Attributes
    ----------
    folder : CaptureFolder
    """

    def __init__(
        self,
        character: bpy.types.Object,
        context: bpy.types.Context,
        path: Path,
        *,
        quality: str,
        engine: str | None = None,
        size: int = 0,
    ) -> None:
        """Begin or go on with a folder.

        Raises
        ------
        RigtalkError
            If the character or the engine cannot be used, or the folder cannot be written.
        """
        if quality not in QUALITIES:
            raise RigtalkError(
                f"there is no quality {quality!r}: use one of {', '.join(QUALITIES)}"
            )
        self._name, self._uid = character.name, character.session_uid
        self._scene = context.scene.session_uid
        self._engine = engine_name(engine, context.scene)
        self._samples = QUALITIES[quality].samples
        head = head_mesh_of(character, context)
        shots = plan_shots(head, QUALITIES[quality], size=size)
        self.folder = CaptureFolder.create(path, head, shots, self._facts(head, quality))
        self._waiting = self.folder.missing()
        self._looked = False

    @property
    def done(self) -> bool:
        """Whether every picture is there."""
        return not self._waiting

    @property
    def fraction(self) -> float:
        """Share of the pictures that is there, 0-1."""
        return self.taken / max(1, len(self.folder.shots))

    @property
    def taken(self) -> int:
        """Pictures that are there."""
        return len(self.folder.shots) - len(self._waiting)

    def is_at(self, context: bpy.types.Context) -> bool:
        """Whether the scene of the bake is the one that is open."""
        return bool(context.scene.session_uid == self._scene)

    def step(self, context: bpy.types.Context) -> None:
        """Take the next picture.

        Raises
        ------
        RigtalkError
            If the character is gone or has changed, or nothing can be rendered.
        """
        if self.done:
            return
        index = self._waiting[0]
        found = (o for o in context.scene.objects if o.session_uid == self._uid)
        character = next(found, None)
        if character is None or not self.is_at(context):
            raise RigtalkError(
                f"{self._name} is not in the scene {context.scene.name}: open its scene and bake "
                "again; the pictures so far are kept"
            )
        self._take(index, character, context)
        self._waiting.pop(0)

    def _facts(self, head: HeadMesh, quality: str) -> dict[str, str | int | float]:
        centre, radius = head.sphere
        x, y, z = (float(value) for value in centre)
        return {
            "object": self._name,
            "quality": quality,
            "engine": self._engine.removeprefix("BLENDER_").removesuffix("_NEXT").lower(),
            "samples": self._samples,
            "centre x": x,
            "centre y": y,
            "centre z": z,
            "radius": radius,
        }

    def _take(self, index: int, character: bpy.types.Object, context: bpy.types.Context) -> None:
        shot, head = self.folder.shots[index], self.folder.head
        poser, parts = Poser(find_target(character)), parts_named(head.objects)
        with held(poser), self._set_up(shot, parts, context):
            poser.set(shot.weights)
            depsgraph = context.evaluated_depsgraph_get()
            if parts.signature(depsgraph) != head.signature:
                raise RigtalkError(
                    f"the mesh of {self._name} was edited while it was baked: vertices or "
                    "faces are others; bake again"
                )
            vertices = parts.vertices(depsgraph)
            pixels = picture(context.scene, self.folder.path / "picture.png")
        if not self._looked:
            _check_light(pixels, self._name)
            self._looked = True
        depth = mesh_depth(vertices, head.mesh.triangles, shot.camera)
        self.folder.add(index, pixels, vertices, depth)

    @contextmanager
    def _set_up(self, shot: Shot, parts: Parts, context: bpy.types.Context) -> Iterator[None]:
        scene, layer = context.scene, context.view_layer
        space = parts.space.evaluated_get(context.evaluated_depsgraph_get()).matrix_world.copy()
        rest = self.folder.head.mesh.vertices
        samples = self._samples * (1 if shot.split == "train" else _CLEANER)
        far = 2.0 * float(np.linalg.norm(rest - shot.camera.centre, axis=1).max())
        with ExitStack() as stack:
            camera = stack.enter_context(camera_object(shot.camera, space, scene, far=far))
            try:
                stack.enter_context(changed([(scene.render, "engine", self._engine)]))
            except TypeError:
                raise RigtalkError(
                    f"there is no render engine {self._engine} here: enable its add-on, or bake "
                    "with another engine"
                ) from None
            wanted = [
                *film(scene, layer, camera),
                *frame_settings(shot.camera, scene),
                *engine_settings(self._engine, scene, samples=samples),
                *_levels(scene, parts),
                *_others(parts, layer, by_camera=hides_by_camera(self._engine)),
            ]
            stack.enter_context(changed(wanted))
            yield


def film(
    scene: bpy.types.Scene, layer: bpy.types.ViewLayer, camera: bpy.types.Object
) -> list[Change]:
    """One plain picture of one view layer, with nothing behind and nothing after."""
    render = scene.render
    off = (
        "use_compositing",
        "use_sequencer",
        "use_border",
        "use_motion_blur",
        "use_multiview",
        "use_stamp",
        "use_freestyle",
        "use_single_layer",
    )
    return [
        (scene, "camera", camera),
        # A marker with a camera would take its place.
        *((marker, "camera", None) for marker in scene.timeline_markers if marker.camera),
        *((other, "use", other == layer) for other in scene.view_layers),
        (render, "film_transparent", True),
        (render, "dither_intensity", 0.0),
        (render, "filepath", render.filepath),
        (render, "use_file_extension", True),
        (render, "use_overwrite", True),
        (render, "use_placeholder", False),
        *((render, name, False) for name in off if hasattr(render, name)),
        *compat.picture_settings(render.image_settings),
        (render.image_settings, "color_depth", "16"),
        (render.image_settings, "compression", 0),
        (render.image_settings, "color_management", "FOLLOW_SCENE"),
    ]


def _levels(scene: bpy.types.Scene, parts: Parts) -> list[Change]:
    """Rendered surfaces as smooth as those of the viewport, which Gaussians are bound to."""
    render = scene.render
    wanted: list[Change] = [
        (render, "simplify_subdivision_render", render.simplify_subdivision),
    ]
    for thing in parts.objects:
        wanted.append((thing, "display_type", "TEXTURED"))  # Workbench renders no bounds
        for modifier in thing.modifiers:
            wanted.append((modifier, "show_render", modifier.show_viewport))
            if hasattr(modifier, "render_levels"):
                wanted.append((modifier, "render_levels", modifier.levels))
    return wanted


def _others(parts: Parts, layer: bpy.types.ViewLayer, *, by_camera: bool) -> list[Change]:
    """What is no part of the head is not seen, but where it can it still casts its shadow."""
    own = {*parts.objects}
    for thing in parts.objects:
        # Hair that is no mesh goes with the mesh that it grows on.
        own |= {child for child in thing.children if child.type not in {"MESH", "ARMATURE"}}
    others = [thing for thing in layer.objects if thing not in own]
    wanted: list[Change] = []
    for thing in others:
        if by_camera and thing.type in {*_KINDS, "LIGHT", "EMPTY"}:
            wanted.append((thing, "visible_camera", False))
        elif thing.type in {*_KINDS, *_DRAWN, "EMPTY"}:
            wanted.append((thing, "hide_render", True))
    return [each for each in wanted if getattr(each[0], each[1]) != each[2]]


def _check_light(pixels: np.ndarray, name: str) -> None:
    seen = pixels[pixels[..., 3] > 0.5]
    if not len(seen):
        raise RigtalkError(f"{name} does not show in the render: is it hidden or transparent?")
    if seen[:, :3].max() < _SEEN:
        raise RigtalkError(f"{name} is black in the render: add lights, or bake with Workbench")
