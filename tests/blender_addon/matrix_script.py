"""Uses the extension as a user does; run by the Python of one Blender, by test_matrix.py.

    python matrix_script.py EXTENSION_ZIP RECORDING FOLDER

Everything is asserted here but the errors of curves and what draws heads of Gaussians, which go to
FOLDER/report.json.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import bpy
import numpy as np

# What is left to import from is Blender itself, its numpy and the wheels of the extension.
BLENDERS = f"{os.sep}scripts{os.sep}"
sys.path[:] = [path for path in sys.path if "site-packages" not in path or BLENDERS in path]
sys.meta_path[:] = [f for f in sys.meta_path if "editable" not in getattr(f, "__module__", "")]

MODULE = "bl_ext.user_default.rigtalk"
FPS = 30
START_FRAME = 11
ARKIT_SHAPES = 52


def main(archive: Path, recording: Path, folder: Path) -> None:
    before = registered()
    install(archive)
    report: dict[str, Any] = {"blender": bpy.app.version_string}
    report["renderer"] = renderer()
    report["curves"] = generate_undo_and_generate_again(recording)
    report["saved"] = save_and_reload(folder / "saved.blend")
    report["fbx"] = export_and_import(folder / "line.fbx")
    refuse_bad_input(recording, folder)
    play_a_scene(recording, folder)
    head_of_gaussians(folder)
    run_commands(recording, folder)
    disable_and_enable(before)
    (folder / "report.json").write_text(json.dumps(report))


def addon(name: str) -> Any:
    """A module of the installed extension."""
    return importlib.import_module(f"{MODULE}.{name}")


def install(archive: Path) -> None:
    done = bpy.ops.extensions.package_install_files(
        filepath=str(archive), repo="user_default", enable_on_install=True
    )
    assert done == {"FINISHED"}, done
    assert MODULE in bpy.context.preferences.addons
    for name in ("rigtalk.core", "onnxruntime", "soundfile", "soxr"):
        place = importlib.import_module(name).__file__ or ""
        assert "extensions" in place, f"{name} comes from {place}"


def renderer() -> str:
    """What draws heads of Gaussians."""
    from rigtalk.core.splat.renderer import open_renderer

    opened = open_renderer()
    opened.close()
    return f"{opened.backend}, {opened.description}, {opened.reason}"


def new_scene() -> bpy.types.Object:
    """An empty scene with the embedded head, active."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = FPS, 1.0
    head = addon("head.scene").create_head(scene)
    bpy.context.view_layer.objects.active = head
    scene.rigtalk.dense = True
    assert bpy.ops.rigtalk.add_line() == {"FINISHED"}
    assert settings().character == head
    return head


def settings() -> Any:
    """The line that the panel shows."""
    return bpy.context.scene.rigtalk.lines[0]


def predicted() -> Any:
    """What the actor says for the settings of the panel, without the extension's own code."""
    from rigtalk.core.actor import Actor

    direction = addon("dialogue.properties").direction_of(settings())
    path = bpy.path.abspath(settings().audio_path)
    return Actor.load().perform(path, direction, fps=FPS, rig="arkit")


def curve_error(expected: Any) -> float:
    """Largest difference between the keys of the head and what was predicted."""
    targets, keys = addon("characters.targets"), addon("animation.keys")
    target = targets.find_target(bpy.data.objects["Head"])
    read = keys.read_performance(
        target.channels,
        target.controls,
        scene=bpy.context.scene,
        start_frame=START_FRAME,
        frames=len(expected),
    )
    return float(np.abs(read.values - expected.values)[:, :ARKIT_SHAPES].max())


def key_count() -> int:
    keys = bpy.data.objects["Head"].data.shape_keys
    holder = addon("compat").curves_to_read(keys)
    return sum(len(curve.keyframe_points) for curve in holder.fcurves) if holder else 0


def generate_undo_and_generate_again(recording: Path) -> float:
    new_scene()
    settings().audio_path, settings().start_frame = str(recording), START_FRAME
    settings().emotion, settings().intensity = "joy", 0.8
    first = predicted()
    assert first.values.any(), "the actor does not move"
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.rigtalk.generate("EXEC_DEFAULT", True) == {"FINISHED"}
    error = curve_error(first)
    bpy.ops.ed.undo()
    assert key_count() == 0, "one undo does not take the line back"

    settings().emotion, settings().seed = "anger", 5
    second = predicted()
    assert np.abs(second.values - first.values).max() > 0.01, "the direction changes nothing"
    assert bpy.ops.rigtalk.generate("EXEC_DEFAULT", True) == {"FINISHED"}
    assert key_count() == ARKIT_SHAPES * len(second)
    return max(error, curve_error(second))


def save_and_reload(path: Path) -> float:
    expected = predicted()
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert settings().emotion == "anger", "settings are not saved with the file"
    return curve_error(expected)


def export_and_import(path: Path) -> float:
    expected = predicted()
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = START_FRAME, START_FRAME + len(expected) - 1
    bpy.context.view_layer.objects.active = bpy.data.objects["Head"]
    assert bpy.ops.rigtalk.export_fbx(filepath=str(path)) == {"FINISHED"}
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.import_scene.fbx(filepath=str(path), anim_offset=0.0)
    (mesh,) = (item for item in bpy.data.objects if item.type == "MESH")
    blocks = mesh.data.shape_keys.key_blocks
    worst = 0.0
    for i in range(0, len(expected), 7):
        bpy.context.scene.frame_set(START_FRAME + i)
        shown = [blocks[name].value for name in expected.controls.names[:ARKIT_SHAPES]]
        worst = max(worst, float(np.abs(shown - expected.values[i, :ARKIT_SHAPES]).max()))
    return worst


def refuse_bad_input(recording: Path, folder: Path) -> None:
    new_scene()
    empty, text = folder / "empty.wav", folder / "text.wav"
    empty.write_bytes(b"")
    text.write_text("this is no recording")
    for path in (folder / "missing.wav", empty, text, folder):
        settings().audio_path = str(path)
        refused(bpy.ops.rigtalk.generate, path.name)
        assert key_count() == 0
    settings().audio_source, settings().audio_strip = "STRIP", "Nowhere"
    refused(bpy.ops.rigtalk.generate, "Nowhere")
    refused(bpy.ops.rigtalk.animate, "Nobody", object_name="Nobody", audio_path=str(recording))
    bpy.context.view_layer.objects.active = None
    assert not bpy.ops.rigtalk.export_fbx.poll()
    settings().character = None
    assert not bpy.ops.rigtalk.generate.poll()
    # And then all is put right.
    settings().character = bpy.data.objects["Head"]
    settings().audio_source, settings().audio_path = "FILE", str(recording)
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}
    assert key_count() > 0


def refused(operator: Any, mention: str, **properties: Any) -> None:
    """The operator complains in one line that names the thing."""
    try:
        operator(**properties)
    except RuntimeError as fault:
        lines = str(fault).strip().splitlines()
        assert len(lines) == 1, lines
        assert mention in lines[0], lines[0]
    else:
        raise AssertionError(f"{mention} was not refused")


def play_a_scene(recording: Path, folder: Path) -> None:
    """Two lines, a mapping, a mood, layers, a part made again, takes for an engine."""
    head = new_scene()
    scene = bpy.context.scene
    scene.rigtalk.dense = False
    files = [{"name": recording.name}]
    assert bpy.ops.rigtalk.add_lines(directory=str(recording.parent), files=files) == {"FINISHED"}
    settings().audio_path, scene.rigtalk.lines[1].start_frame = str(recording), 300
    assert bpy.ops.rigtalk.find_controls() == {"FINISHED"}
    scene.frame_set(40)
    assert bpy.ops.rigtalk.key_mood(mood="furious") == {"FINISHED"}
    assert bpy.ops.rigtalk.generate(which="ALL") == {"FINISHED"}
    assert [line.made for line in scene.rigtalk.lines] == [True, True]
    few = key_count()
    assert 0 < few < ARKIT_SHAPES * 2 * (scene.rigtalk.lines[0].last - 1) / 5

    brow = (
        addon("compat")
        .curves_to_read(head.data.shape_keys)
        .fcurves.find('key_blocks["browDownLeft"].value')
    )
    assert brow.evaluate(100) > brow.evaluate(10) + 0.1, "the mood is not in the face"

    scene.rigtalk.use_range, scene.rigtalk.range_first, scene.rigtalk.range_last = True, 50, 90
    scene.rigtalk.layer, settings().seed = "blinks", 11
    scene.rigtalk.active = 0
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}
    scene.rigtalk.use_range, scene.rigtalk.layer = False, "ALL"

    out = folder / "takes"
    out.mkdir()
    assert bpy.ops.rigtalk.export(directory=str(out), preset="unity") == {"FINISHED"}
    assert len(list(out.glob("*.fbx"))) == 2

    scene.rigtalk.result = "LAYERS"
    assert bpy.ops.rigtalk.generate(which="ALL") == {"FINISHED"}
    tracks = head.data.shape_keys.animation_data.nla_tracks
    assert len(tracks) >= 4, [track.name for track in tracks]
    assert bpy.ops.rigtalk.bake_layers() == {"FINISHED"}
    assert key_count() > 0


def head_of_gaussians(folder: Path) -> None:
    """A captured head is bound, takes the colours of a picture, is drawn and exported."""
    from rigtalk.core.splat.files.formats import read_splats, write_splats
    from rigtalk.core.splat.gaussians import Gaussians

    head = new_scene()
    places = np.array([vertex.co for vertex in head.data.vertices], np.float32)[::20]
    count = len(places)
    turns, opaque = np.tile([1.0, 0, 0, 0], (count, 1)), np.full(count, 4.0)
    colours = np.random.default_rng(0).normal(size=(count, 1, 3))
    splats = Gaussians(places, np.full((count, 3), -6.0), turns, opaque, colours)
    write_splats(folder / "capture.ply", splats)
    before = bpy.data.images.new("Red", 8, 8)
    before.generated_color = (0.8, 0.2, 0.1, 1.0)
    before.filepath_raw, before.file_format = str(folder / "red.png"), "PNG"
    before.save()

    bpy.ops.ed.undo_push(message="before")
    refused(bpy.ops.rigtalk.bind_gaussian_scan, "nothing.ply", filepath=str(folder / "nothing.ply"))
    words = {"filepath": str(folder / "capture.ply"), "align": False}
    assert bpy.ops.rigtalk.bind_gaussian_scan(**words) == {"FINISHED"}
    assert bpy.data.objects["Head"].rigtalk_gaussian.filepath
    bpy.ops.ed.undo()
    assert not bpy.data.objects["Head"].rigtalk_gaussian.filepath, "undo does not take it back"
    assert bpy.ops.rigtalk.bind_gaussian_scan(**words) == {"FINISHED"}
    picture = str(folder / "red.png")
    assert bpy.ops.rigtalk.style_gaussian_head(filepath=picture) == {"FINISHED"}

    head = bpy.data.objects["Head"]
    label = addon("gaussian.labels").label_of(head)
    assert (label.fault, label.head.gaussians) == ("", count)
    depsgraph = bpy.context.view_layer.depsgraph
    assert addon("gaussian.labels").parts_fault(label, depsgraph) == ""
    head.location.x = 2.0
    head.data.shape_keys.key_blocks["jawOpen"].value = 1.0
    written = folder / "frame.spz"
    export = bpy.ops.rigtalk.export_gaussian_frames
    assert export(filepath=str(written), format=".spz") == {"FINISHED"}
    moved = read_splats(written)[0].positions - places
    assert abs(float(np.median(moved[:, 0])) - 2.0) < 1e-3, "it does not follow the object"
    assert moved[:, 2].min() < -0.005, "it does not follow the jaw"
    look_at_a_head(head, folder / "frames", count)
    head.modifiers.new("Thick", "SOLIDIFY")
    refused(export, "another mesh", filepath=str(written))


def look_at_a_head(head: bpy.types.Object, folder: Path, count: int) -> None:
    """A head of Gaussians is previewed, drawn into a file, and handed to Blender where it can."""
    scene, viewport = bpy.context.scene, addon("gaussian.viewport")
    assert bpy.ops.rigtalk.gaussian_preview() == {"FINISHED"}
    assert viewport.is_shown(head)
    scene.camera = bpy.data.objects.new("Lens", bpy.data.cameras.new("Lens"))
    scene.collection.objects.link(scene.camera)
    scene.camera.location, scene.camera.rotation_euler = (2.0, -1.5, 0.0), (np.pi / 2, 0.0, 0.0)
    scene.render.resolution_x, scene.render.resolution_y = 96, 64
    folder.mkdir()
    words = {"directory": str(folder), "which": "CURRENT"}
    assert bpy.ops.rigtalk.gaussian_frames(**words) == {"FINISHED"}
    image = bpy.data.images.load(str(next(folder.iterdir())))
    alpha = np.array(image.pixels[:]).reshape(64, 96, 4)[..., 3]
    assert alpha[32, 48] > 0.5 > alpha[:, 0].max(), "the head is not in the middle of the picture"
    assert bpy.ops.rigtalk.gaussian_preview() == {"FINISHED"}
    assert not viewport.is_shown(head)
    if bpy.app.version >= (5, 2, 0):  # the types are there; they are drawn from 5.3 on
        cloud = addon("gaussian.native_clouds").cloud_object(head, bpy.context)
        assert len(cloud.data.points) == count
        assert cloud.matrix_world.translation.x == 2.0
    if bpy.app.version < (5, 3, 0):
        refused(bpy.ops.rigtalk.gaussian_cloud, "5.3")


def run_commands(recording: Path, folder: Path) -> None:
    """What ``blender --command rigtalk`` calls."""
    command = addon("registration")._command
    blend, fbx = folder / "command.blend", folder / "command.fbx"
    assert command(["animate", str(recording), "-o", str(blend), "--export", str(fbx)]) == 0
    assert blend.stat().st_size > 0
    assert fbx.stat().st_size > 0
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    assert key_count() > 0
    complaint = io.StringIO()
    unusable = folder / "text.wav"
    with contextlib.redirect_stderr(complaint):
        words = ["animate", str(recording), "--scene", str(unusable), "-o", str(folder / "x.blend")]
        assert command(words) == 2
    assert len(complaint.getvalue().strip().splitlines()) == 1, complaint.getvalue()
    assert not (folder / "x.blend").exists()


def disable_and_enable(before: set[str]) -> None:
    for _ in range(2):
        bpy.ops.preferences.addon_disable(module=MODULE)
        left = registered() - before
        assert not left, left
        bpy.ops.preferences.addon_enable(module=MODULE)
        assert {"operator generate", "scene.rigtalk"} <= registered()
    bpy.ops.preferences.addon_disable(module=MODULE)


def registered() -> set[str]:
    """What an add-on can leave behind."""
    found = {f"type {name}" for name in dir(bpy.types) if "rigtalk" in name.casefold()}
    found |= {f"operator {name}" for name in dir(bpy.ops.rigtalk)}
    found |= {f"scene.{name}" for name in dir(bpy.types.Scene) if "rigtalk" in name}
    found |= {f"thread {thread.name}" for thread in threading.enumerate()}
    for name in dir(bpy.app.handlers):
        handlers = getattr(bpy.app.handlers, name)
        if isinstance(handlers, list):
            found |= {f"handler {name} {h.__module__}" for h in handlers if callable(h)}
    return found


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:4]))
