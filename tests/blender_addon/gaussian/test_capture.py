"""Pictures show what their vertices say, and a bake leaves a scene as it found it."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from rigtalk.blender_addon import compat
from rigtalk.blender_addon.gaussian import capture as module
from rigtalk.blender_addon.gaussian.capture import Capture
from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.fitting.capture import CaptureFolder

pytestmark = pytest.mark.usefixtures("needs_drawing", "tiny")


def begin(character, path, **words: Any) -> Capture:
    words = {"quality": "draft", "engine": "workbench"} | words
    return Capture(character, bpy.context, path, **words)


def take_all(capture: Capture) -> CaptureFolder:
    while not capture.done:
        capture.step(bpy.context)
    return capture.folder


def settings_of(owner: Any) -> dict[str, Any]:
    """All plain settings of something, by name."""
    found = {}
    for prop in owner.bl_rna.properties:
        if prop.type in ("POINTER", "COLLECTION"):
            continue
        value = getattr(owner, prop.identifier)
        array = getattr(prop, "is_array", False)
        found[prop.identifier] = np.array(value).tolist() if array else value
    return found


def everything() -> dict[str, Any]:
    """What a bake might forget to put back."""
    scene = bpy.context.scene
    found = {
        "scene": settings_of(scene),
        "camera": scene.camera,
        "render": settings_of(scene.render),
        "image": settings_of(scene.render.image_settings),
        "cycles": settings_of(scene.cycles),
        "eevee": settings_of(scene.eevee),
        "shading": settings_of(scene.display.shading),
        "display": settings_of(scene.display),
        "view": settings_of(scene.view_settings),
        "markers": [marker.camera for marker in scene.timeline_markers],
        "layers": [settings_of(layer) for layer in scene.view_layers],
        "handlers": [
            list(getattr(bpy.app.handlers, n)) for n in ("frame_change_post", "render_post")
        ],
        "data": {n: sorted(getattr(bpy.data, n).keys()) for n in ("objects", "cameras")},
        "images": sorted(set(bpy.data.images.keys()) - {"Render Result"}),
    }
    for thing in bpy.data.objects:
        found[thing.name] = settings_of(thing)
        found[thing.name, "hidden"] = thing.hide_get()
        found[thing.name, "modifiers"] = [settings_of(each) for each in thing.modifiers]
        keys = thing.data.shape_keys if thing.type == "MESH" else None
        if keys:
            found[thing.name, "values"] = [block.value for block in keys.key_blocks]
            holder = compat.curves_to_read(keys)
            curves = holder.fcurves if holder else ()
            found[thing.name, "keys"] = [
                (curve.data_path, curve.mute, [tuple(k.co) for k in curve.keyframe_points])
                for curve in curves
            ]
    # Set by Blender whenever it renders or evaluates.
    for part in found.values():
        if isinstance(part, dict):
            for name in ("is_evaluated", "dimensions", "bound_box"):
                part.pop(name, None)
    return found


@pytest.fixture
def busy_scene(ball, scene):
    """A scene with all that could be in the way of a bake."""
    ball.matrix_world = Matrix.Translation((2, 1, 0)) @ Matrix.Rotation(0.7, 4, "Z")
    smooth = ball.modifiers.new("Smooth", "SUBSURF")
    smooth.levels, smooth.render_levels = 1, 2
    block = ball.data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((1, 0.0), (20, 1.0)):
        block.value = value
        block.keyframe_insert("value", frame=frame)
    bpy.ops.mesh.primitive_cube_add(location=(2, 0.6, 0), size=0.3)
    bpy.context.object.name = "Wall"
    bpy.ops.object.camera_add(location=(0, -5, 0))
    scene.camera = bpy.context.object
    scene.timeline_markers.new("Cut", frame=5).camera = scene.camera
    scene.view_layers.new("Other")
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_percentage = 123, 45
    compat.set_movie_format(scene.render.image_settings)
    scene.frame_set(10)
    block.value = 0.123  # not keyed yet
    bpy.context.view_layer.objects.active = ball
    bpy.context.view_layer.update()
    return ball


def test_vertices_and_pixels_agree(busy_scene, tmp_path) -> None:
    folder = take_all(begin(busy_scene, tmp_path / "bake", size=96))
    assert not folder.missing()
    expressions = outlined = 0
    for index, shot in enumerate(folder.shots):
        photo = folder.photo(index)
        assert photo.rgba.shape == (96, 96, 4)
        assert photo.depth is not None
        # The wall in front of the ball does not show, and the silhouettes are the same but for
        # pixels that the outline runs through.
        solid, nothing = photo.rgba[..., 3] >= 253, photo.rgba[..., 3] == 0
        hit = np.isfinite(photo.depth)
        assert solid.sum() > 500
        outlined += bool(nothing.sum() > 500)
        assert not (solid & ~hit).any()
        assert not (nothing & hit).any()
        moved = np.abs(photo.vertices - folder.head.mesh.vertices).max()
        linear = folder.head.mesh.vertices + sum(
            weight * folder.head.control_deltas[folder.head.control_names.index(name)]
            for name, weight in shot.weights.items()
        )
        assert np.abs(photo.vertices - linear).max() < 1e-3
        expressions += bool(shot.weights) and moved > 0.001
    assert expressions >= 2
    assert outlined >= 2


def test_the_scene_is_as_it_was_between_pictures_and_after(busy_scene, tmp_path) -> None:
    before = everything()
    capture = begin(busy_scene, tmp_path / "bake")
    assert everything() == before
    capture.step(bpy.context)
    assert everything() == before
    take_all(capture)
    assert everything() == before


def test_after_a_fault_the_scene_is_as_it_was_and_the_next_bake_goes_on(
    busy_scene, tmp_path, monkeypatch
) -> None:
    before = everything()
    capture = begin(busy_scene, tmp_path / "bake")
    capture.step(bpy.context)
    kept = capture.folder.missing()

    def full(*_: object) -> None:
        raise RigtalkError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(module, "picture", full)
        with pytest.raises(RigtalkError, match="disk is full"):
            capture.step(bpy.context)
    assert everything() == before
    again = begin(busy_scene, tmp_path / "bake")
    assert again.folder.missing() == kept
    assert again.fraction > 0
    take_all(again)
    assert begin(busy_scene, tmp_path / "bake").done


def test_another_quality_begins_anew(ball, tmp_path) -> None:
    capture = begin(ball, tmp_path / "bake")
    capture.step(bpy.context)
    assert begin(ball, tmp_path / "bake", size=64).fraction == 0.0


def test_workbench_lights_do_not_follow_the_camera(ball, tmp_path, monkeypatch) -> None:
    seen = []

    def look(scene, path):
        shading = scene.display.shading
        seen.append((scene.render.engine, shading.light, shading.use_world_space_lighting))
        return np.ones((48, 48, 4), np.float32)

    monkeypatch.setattr(module, "picture", look)
    bpy.context.scene.display.shading.light = "MATCAP"
    begin(ball, tmp_path / "bake").step(bpy.context)
    assert seen == [("BLENDER_WORKBENCH", "STUDIO", True)]
    assert bpy.context.scene.display.shading.light == "MATCAP"


def test_what_does_not_show_or_has_no_light_is_refused(ball, tmp_path) -> None:
    with pytest.raises(RigtalkError, match="Ball is black in the render: add lights"):
        begin(ball, tmp_path / "dark", engine="cycles").step(bpy.context)
    ball.visible_camera = False
    with pytest.raises(RigtalkError, match="Ball does not show"):
        begin(ball, tmp_path / "unseen", engine="cycles").step(bpy.context)


def test_a_mesh_that_is_edited_meanwhile(ball, tmp_path) -> None:
    capture = begin(ball, tmp_path / "bake")
    capture.step(bpy.context)
    ball.modifiers.new("Smooth", "SUBSURF")
    with pytest.raises(RigtalkError, match="was edited while it was baked"):
        capture.step(bpy.context)
    ball.modifiers.clear()
    capture.step(bpy.context)
    bpy.data.objects.remove(ball)
    with pytest.raises(RigtalkError, match="Ball is not in the scene"):
        capture.step(bpy.context)


def test_engines_and_qualities_that_there_are_not(ball, tmp_path) -> None:
    with pytest.raises(RigtalkError, match="cycles, eevee, workbench"):
        begin(ball, tmp_path / "bake", engine="povray")
    with pytest.raises(RigtalkError, match="no quality 'best'"):
        begin(ball, tmp_path / "bake", quality="best")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("all of it")
    with pytest.raises(RigtalkError, match="other things than a bake"):
        begin(ball, tmp_path / "other")
    assert (tmp_path / "other" / "thesis.txt").read_text() == "all of it"
