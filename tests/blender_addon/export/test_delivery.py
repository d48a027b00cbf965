"""Every preset says again what it was told: values, times, names, scale and axes."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np
import pytest

from rigtalk import rigs
from rigtalk.blender_addon.animation.keys import scene_fps
from rigtalk.blender_addon.characters import targets
from rigtalk.blender_addon.export import delivery, glb, writers
from rigtalk.blender_addon.export.delivery import belongings, export_takes
from rigtalk.blender_addon.export.presets import find_preset, presets
from rigtalk.blender_addon.export.takes import Take
from rigtalk.core.errors import RigtalkError
from rigtalk.core.files import read_performance

NAMES = rigs.control_set("arkit").names[:52]
RATES = {23.976: (24, 1.001), 29.97: (30, 1.001), 30.0: (30, 1.0), 60.0: (60, 1.0)}
FBX = [p.name for p in presets() if p.format == "fbx" and p.content == "character"]
GLB = [p.name for p in presets() if p.format == "glb"]
VALUE = 2e-6  # shapes are float32, FBX multiplies them by 100
TIME = 1e-6  # seconds; glTF keeps float32


def export(hero, preset: str, takes, folder: Path, per: str = "character", **more) -> list[Path]:
    target = targets.find_target(hero.face, rig="arkit")
    return list(
        export_takes(
            target,
            preset=find_preset(preset),
            takes=takes,
            folder=folder,
            scene=hero.scene,
            per=per,
            **more,
        )
    )


def run_at(scene: bpy.types.Scene, rate: float) -> None:
    scene.render.fps, scene.render.fps_base = RATES[rate]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("preset", FBX)
def test_fbx_holds_every_shape_of_every_take(hero, takes, played, read_fbx, tmp_path, preset, rate):
    run_at(hero.scene, rate)
    expected = {take.name: played(hero.face, hero.scene, take.frames) for take in takes}
    (path,) = export(hero, preset, takes, tmp_path)
    written = read_fbx(path)
    assert list(written.takes) == [take.name for take in takes]
    for take in takes:
        for column, name in enumerate(NAMES):
            times, values = written.takes[take.name][name, "DeformPercent"]
            # Blender makes no strip of one frame: such a take holds it for another one.
            count = max(2, len(take))
            np.testing.assert_allclose(times, np.arange(count) / scene_fps(hero.scene), atol=TIME)
            np.testing.assert_allclose(
                values[: len(take)] / 100, expected[take.name][:, column], atol=VALUE
            )


@pytest.mark.parametrize("preset", FBX)
def test_fbx_moves_bones_and_objects_in_every_take(hero, takes, read_fbx, tmp_path, preset):
    (path,) = export(hero, preset, takes, tmp_path)
    written = read_fbx(path)
    # In centimetres if the objects are not scaled, in metres below a scaled one.
    for take in takes:
        curves = written.takes[take.name]
        _, walked = curves["Rig", "Lcl Translation X"]
        _, nodded = curves["head", "Lcl Translation X"]
        metre = 1.0 if find_preset(preset).options["apply_scale_options"].endswith("ALL") else 100.0
        for row, frame in enumerate(take.frames):
            hero.scene.frame_set(int(frame))
            assert walked[row] / metre == pytest.approx(hero.rig.location[0], abs=1e-5)
            assert nodded[row] == pytest.approx(hero.rig.pose.bones["head"].location[0], abs=1e-5)


@pytest.mark.parametrize("preset", FBX)
def test_fbx_has_the_size_and_the_axes_of_the_scene(hero, takes, read_fbx, tmp_path, preset):
    (path,) = export(hero, preset, takes[:1], tmp_path)
    settings = read_fbx(path).settings
    assert (settings["UpAxis"], settings["FrontAxis"]) == (1, 2)
    whole = find_preset(preset).options["apply_scale_options"].endswith("ALL")
    assert settings["UnitScaleFactor"] == pytest.approx(100.0 if whole else 1.0)
    hero.scene.frame_set(-9)
    corner = hero.face.matrix_world @ hero.face.data.vertices[1].co
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.fbx(filepath=str(path), anim_offset=0.0)
    assert {"Face", "Rig"} <= {thing.name for thing in bpy.data.objects}
    face, rig = bpy.data.objects["Face"], bpy.data.objects["Rig"]
    assert face.parent == rig
    assert [bone.name for bone in rig.data.bones] == ["root", "head"]
    bpy.context.scene.frame_set(0)
    np.testing.assert_allclose(face.matrix_world @ face.data.vertices[1].co, corner, atol=1e-5)


@pytest.mark.parametrize("preset", FBX)
def test_blender_reads_an_fbx_as_it_was(hero, played, tmp_path, preset):
    take = Take("hello", -9, 30)
    expected = played(hero.face, hero.scene, take.frames)
    (path,) = export(hero, preset, [take], tmp_path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 60, 1.0
    bpy.ops.import_scene.fbx(filepath=str(path), anim_offset=0.0)
    shown = played(bpy.data.objects["Face"], scene, np.arange(len(take)) * 1.0)
    np.testing.assert_allclose(shown, expected, atol=VALUE)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("preset", GLB)
def test_glb_holds_every_shape_of_every_take(hero, takes, played, tmp_path, preset, rate):
    run_at(hero.scene, rate)
    expected = {take.name: played(hero.face, hero.scene, take.frames) for take in takes}
    (path,) = export(hero, preset, takes, tmp_path)
    document, numbers = glb.read_glb(path)
    (mesh,) = document["meshes"]
    assert mesh["extras"]["targetNames"] == list(NAMES)
    assert [animation["name"] for animation in document["animations"]] == list(expected)
    for animation, take in zip(document["animations"], takes, strict=True):
        channels = {channel["target"]["path"]: channel for channel in animation["channels"]}
        assert channels.keys() == {"weights", "translation", "rotation", "scale"}
        sampler = animation["samplers"][channels["weights"]["sampler"]]
        times = values_of(document, numbers, sampler["input"])
        weights = values_of(document, numbers, sampler["output"]).reshape(len(take), -1)
        np.testing.assert_allclose(times, np.arange(len(take)) / scene_fps(hero.scene), atol=TIME)
        np.testing.assert_allclose(weights, expected[take.name], atol=VALUE)


def values_of(document, numbers: bytes, index: int) -> np.ndarray:
    accessor = document["accessors"][index]
    view = document["bufferViews"][accessor["bufferView"]]
    width = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}[accessor["type"]]
    start = view["byteOffset"] + accessor.get("byteOffset", 0)
    return np.frombuffer(numbers, "<f4", accessor["count"] * width, start)


@pytest.mark.parametrize("preset", GLB)
def test_blender_reads_a_glb_as_it_was(hero, played, tmp_path, preset):
    take = Take("hello", -9, 30)
    expected = played(hero.face, hero.scene, take.frames)
    hero.scene.frame_set(12)
    corner = hero.face.matrix_world @ hero.face.data.vertices[1].co
    nod = hero.rig.pose.bones["head"].matrix.copy()
    (path,) = export(hero, preset, [take, Take("other", 1, 5)], tmp_path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 60, 1.0
    bpy.ops.import_scene.gltf(filepath=str(path), bone_heuristic="BLENDER")
    # The importer calls a skinned mesh with moving shapes after its data.
    face, rig = bpy.data.objects["FaceMesh"], bpy.data.objects["Rig"]
    np.testing.assert_allclose(
        played(face, scene, np.arange(len(take)) * 1.0), expected, atol=VALUE
    )
    scene.frame_set(12 - take.first)
    np.testing.assert_allclose(face.matrix_world @ face.data.vertices[1].co, corner, atol=1e-5)
    np.testing.assert_allclose(
        rig.pose.bones["head"].matrix.to_translation(), nod.to_translation(), atol=1e-5
    )


@pytest.mark.parametrize("rate", RATES)
def test_usd_keeps_the_frames_of_the_scene(hero, takes, played, tmp_path, rate):
    run_at(hero.scene, rate)
    expected = {take.name: played(hero.face, hero.scene, take.frames) for take in takes[:2]}
    corners = {}
    for take in takes[:2]:
        hero.scene.frame_set(take.last)
        corners[take.name] = hero.face.matrix_world @ hero.face.data.vertices[1].co
    paths = export(hero, "usd", takes[:2], tmp_path, per="line")
    assert [path.name for path in paths] == ["Face_hello.usd", "Face_well then.usd"]
    for path, take in zip(paths, takes, strict=False):
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        bpy.ops.wm.usd_import(filepath=str(path))
        # Blender writes no frame before 0.
        first = max(0, take.first)
        assert (scene.frame_start, scene.frame_end) == (first, first + len(take) - 1)
        (face,) = (thing for thing in bpy.data.objects if thing.type == "MESH")
        np.testing.assert_allclose(
            played(face, scene, first + np.arange(len(take))), expected[take.name], atol=VALUE
        )
        corner = face.matrix_world @ face.data.vertices[1].co
        np.testing.assert_allclose(corner, corners[take.name], atol=1e-5)


@pytest.mark.parametrize("rate", RATES)
def test_usd_has_the_rate_axes_and_units_of_the_scene(hero, takes, tmp_path, monkeypatch, rate):
    """In its text form, since Blender's importer does not say."""
    run_at(hero.scene, rate)
    monkeypatch.setitem(writers.WRITERS, "usda", writers.WRITERS["usd"])
    monkeypatch.setattr(writers, "check_usd", lambda part: None)
    text_form = replace(find_preset("usd"), format="usda")
    target = targets.find_target(hero.face, rig="arkit")
    (path,) = export_takes(
        target, preset=text_form, takes=takes[:1], folder=tmp_path, scene=hero.scene
    )
    text = path.read_text()
    facts = dict(re.findall(r"^ +(\w+) = (\S+)$", text, re.MULTILINE))
    assert float(facts["timeCodesPerSecond"]) == pytest.approx(scene_fps(hero.scene), rel=1e-6)
    assert (facts["upAxis"], facts["metersPerUnit"]) == ('"Z"', "1")
    shapes = re.search(r"token\[\] blendShapes = \[(.*?)\]", text)[1]
    assert sorted(re.findall(r'"(\w+)"', shapes)) == sorted(NAMES)


@pytest.mark.parametrize("rate", RATES)
def test_json_is_a_performance_at_the_rate_of_the_scene(hero, takes, played, tmp_path, rate):
    run_at(hero.scene, rate)
    expected = [played(hero.face, hero.scene, take.frames) for take in takes]
    for path, values in zip(export(hero, "json", takes, tmp_path, "line"), expected, strict=True):
        read = read_performance(path)
        assert read.controls.name == "arkit"
        assert (read.start, read.fps) == (0.0, pytest.approx(scene_fps(hero.scene)))
        np.testing.assert_allclose(read.values[:, :52], values, atol=VALUE)


@pytest.mark.parametrize("rate", RATES)
def test_live_link_csv_has_60_rows_a_second_of_the_very_curves(hero, takes, played, tmp_path, rate):
    run_at(hero.scene, rate)
    take = takes[1]
    step = scene_fps(hero.scene) / 60
    rows = int((len(take) - 1) / step + 1e-6) + 1
    expected = played(hero.face, hero.scene, take.first + step * np.arange(rows))
    (path,) = export(hero, "live-link-face", [take], tmp_path, "line")
    read = read_performance(path)
    assert read.fps == 60
    np.testing.assert_allclose(read.values[:, :52], expected, atol=VALUE)


@pytest.mark.parametrize("rate", RATES)
def test_metahuman_curves_are_morphs_on_a_bone_called_root(
    hero, takes, played, read_fbx, tmp_path, rate
):
    run_at(hero.scene, rate)
    (path,) = export(hero, "unreal-metahuman", takes, tmp_path)
    files = export(hero, "json", takes, tmp_path, per="line")
    written = read_fbx(path)
    controls = rigs.control_set("metahuman")
    assert list(written.takes) == [take.name for take in takes]
    for take, file in zip(takes, files, strict=True):
        expected = read_performance(file).to("metahuman")
        curves = written.takes[take.name]
        morphs = [name for name, what in curves if what == "DeformPercent"]
        assert sorted(morphs) == sorted(controls.names)
        for name in controls.names:
            times, values = curves[name, "DeformPercent"]
            assert len(times) == max(2, len(take))
            np.testing.assert_allclose(times[-1], (len(times) - 1) / scene_fps(hero.scene))
            np.testing.assert_allclose(values[: len(take)] / 100, expected.curve(name), atol=VALUE)
        # Nothing turns, scales or moves the root of the skeleton it is imported for.
        for what, still in (("Translation", 0.0), ("Rotation", 0.0), ("Scaling", 1.0)):
            for axis in "XYZ":
                for bone in ("root", "Armature"):
                    _, values = curves[bone, f"Lcl {what} {axis}"]
                    np.testing.assert_allclose(values, still, atol=1e-6)
    assert written.settings["UnitScaleFactor"] == pytest.approx(1.0)
    assert written.settings["UpAxis"] == 2
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.import_scene.fbx(filepath=str(path))
    assert [b.name for b in bpy.data.objects["Armature"].data.bones] == ["root"]


def test_a_board_is_bones_whose_translation_is_the_value(hero, takes, read_fbx, tmp_path):
    (path,) = export(hero, "metahuman-board", takes, tmp_path)
    files = export(hero, "json", takes, tmp_path, per="line")
    written = read_fbx(path)
    for take, file in zip(takes, files, strict=True):
        expected = read_performance(file).to("metahuman-board")
        assert expected.curve("CTRL_C_jaw.Y").any() or take.name == "blink"
        for control in expected.controls.controls:
            if control.setting:
                continue
            bone, _, axis = control.name.partition(".")
            _, values = written.takes[take.name][bone, f"Lcl Translation {axis or 'Y'}"]
            np.testing.assert_allclose(
                values[: len(take)], expected.curve(control.name), atol=VALUE
            )


def test_nothing_of_the_users_changes(hero, takes, tmp_path):
    clash = bpy.data.objects.new("Armature", None)
    hero.scene.collection.objects.link(clash)
    hero.scene.frame_set(5)
    hero.face.hide_set(True)
    hero.rig.hide_viewport = True

    def census():
        kinds = ("objects", "meshes", "armatures", "actions", "scenes", "shape_keys", "materials")
        return {kind: sorted(item.name for item in getattr(bpy.data, kind)) for kind in kinds}

    before = census()
    shown = hero.face.data.shape_keys.key_blocks["jawOpen"].value
    for preset in presets():
        export(hero, preset.name, takes, tmp_path, per="line")
    assert census() == before
    assert hero.face.data.shape_keys.key_blocks["jawOpen"].value == shown
    assert (bpy.context.scene, hero.scene.frame_current) == (hero.scene, 5)
    assert hero.face.hide_get()
    assert hero.rig.hide_viewport
    assert hero.face.animation_data is None or not hero.face.animation_data.nla_tracks


def test_what_is_not_in_the_view_layer_is_written_all_the_same(hero, takes, played, tmp_path):
    expected = played(hero.face, hero.scene, takes[0].frames)
    away = bpy.data.collections.new("Away")
    hero.scene.collection.children.link(away)
    for thing in (hero.face, hero.rig):
        hero.scene.collection.objects.unlink(thing)
        away.objects.link(thing)
    bpy.context.view_layer.layer_collection.children["Away"].exclude = True
    (path,) = export(hero, "json", takes[:1], tmp_path)
    np.testing.assert_allclose(read_performance(path).values[:, :52], expected, atol=VALUE)


def test_a_muted_shape_is_written_as_it_looks(hero, takes, tmp_path, read_fbx):
    hero.face.data.shape_keys.key_blocks["jawOpen"].mute = True
    (path,) = export(hero, "unity", takes[:1], tmp_path)
    _, values = read_fbx(path).takes["hello"]["jawOpen", "DeformPercent"]
    assert not values.any()


def test_names_of_a_convention_become_those_of_the_controls(scene, make_mesh, tmp_path, read_fbx):
    spelt = [name[0].upper() + name[1:] for name in NAMES]
    face = make_mesh("Face", spelt)
    face.data.shape_keys.key_blocks["JawOpen"].value = 0.5
    target = targets.find_target(face)
    for preset, name in (("unreal-arkit", "jawOpen"), ("unity", "JawOpen")):
        (path,) = export_takes(
            target,
            preset=find_preset(preset),
            takes=[Take("a", 1, 3)],
            folder=tmp_path,
            scene=scene,
        )
        _, values = read_fbx(path).takes["a"][name, "DeformPercent"]
        np.testing.assert_allclose(values, 50.0, atol=1e-4)
    assert "JawOpen" in face.data.shape_keys.key_blocks


def test_the_face_goes_with_its_board(scene, face, board):
    driver = face.data.shape_keys.key_blocks["jawOpen"].driver_add("value").driver
    driver.variables.new().targets[0].id = board
    assert face in belongings(targets.find_target(board), scene)


@pytest.mark.parametrize(
    ("preset", "per", "takes", "message"),
    [
        ("unity", "line", [], "there is nothing to export"),
        ("unity", "line", [Take("a", 5, 4)], "the take a is empty"),
        ("unity", "line", [Take(" ", 1, 4)], "has no name"),
        ("unity", "line", [Take("a", 1, 1_048_574)], "has 1048574 frames, more than the 216000"),
        ("unity", "line", [Take("a/b", 1, 2), Take("a:b", 3, 4)], "'a/b' and 'a:b' would both"),
        ("unity", "line", [Take("A", 1, 2), Take("a", 3, 4)], "'A' and 'a' would both"),
        ("unity", "character", [Take("a", 1, 2), Take("a", 3, 4)], "twice 'a'"),
        ("usd", "character", [Take("a", 1, 2), Take("b", 3, 4)], "USD holds one take, not 2"),
        ("unity", "line", [Take("??", 1, 2)], None),
    ],
)
def test_bad_takes_are_one_line_and_leave_no_file(hero, tmp_path, preset, per, takes, message):
    if message is None:
        assert export(hero, preset, takes, tmp_path, per)[0].name == "Face.fbx"
        return
    with pytest.raises(RigtalkError, match=message):
        export(hero, preset, takes, tmp_path, per)
    assert not list(tmp_path.iterdir())


def test_a_failure_half_way_leaves_no_file(hero, takes, tmp_path, monkeypatch):
    (tmp_path / "Face_hello.fbx").write_bytes(b"before")
    write, seen = delivery.write_stage, []

    def fail_at_the_second(path, **more):
        seen.append(path)
        if len(seen) > 1:
            raise RigtalkError("the disk is full")
        write(path, **more)

    monkeypatch.setattr(delivery, "write_stage", fail_at_the_second)
    with pytest.raises(RigtalkError, match="the disk is full"):
        export(hero, "unity", takes, tmp_path, per="line")
    assert [path.name for path in tmp_path.iterdir()] == ["Face_hello.fbx"]
    assert (tmp_path / "Face_hello.fbx").read_bytes() == b"before"
    assert len(bpy.data.scenes) == 1


def test_a_missing_exporter_is_named(hero, takes, tmp_path):
    import addon_utils

    addon_utils.disable("io_scene_fbx")
    try:
        with pytest.raises(RigtalkError, match="enable Blender's add-on for FBX"):
            export(hero, "unity", takes, tmp_path)
    finally:
        addon_utils.enable("io_scene_fbx")
    assert not list(tmp_path.iterdir())


def test_absolute_shape_keys_are_refused(hero, takes, tmp_path):
    hero.face.data.shape_keys.use_relative = False
    with pytest.raises(RigtalkError, match="absolute"):
        export(hero, "unity", takes, tmp_path)
    assert len(bpy.data.scenes) == 1


def test_progress_rises_to_the_end(hero, takes, tmp_path):
    told: list[float] = []
    export(hero, "json", takes, tmp_path, per="line", progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
