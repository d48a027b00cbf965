"""Meshes go out of sight, and nothing that is kept says so."""

from __future__ import annotations

import bpy
import pytest

from rigtalk.blender_addon.gaussian.hiding import hide, reveal


@pytest.fixture
def cube(scene: bpy.types.Scene) -> bpy.types.Object:
    bpy.ops.mesh.primitive_cube_add()
    return bpy.context.object


def shown(thing: bpy.types.Object) -> str:
    return thing.evaluated_get(bpy.context.view_layer.depsgraph).display_type


def test_only_the_evaluated_copy_is_told(cube) -> None:
    depsgraph = bpy.context.evaluated_depsgraph_get()
    hide([cube], depsgraph)
    assert shown(cube) == "BOUNDS"
    assert cube.display_type == "TEXTURED"
    reveal([cube], [depsgraph])
    assert shown(cube) == "TEXTURED"


def test_hidden_meshes_are_evaluated_as_ever(cube) -> None:
    cube.modifiers.new("Subdivision", "SUBSURF").levels = 1
    depsgraph = bpy.context.evaluated_depsgraph_get()
    hide([cube], depsgraph)
    cube.location.x = 4.0
    depsgraph = bpy.context.evaluated_depsgraph_get()
    copy = cube.evaluated_get(depsgraph)
    assert copy.matrix_world.translation.x == 4.0
    assert len(copy.data.vertices) == 26


def test_files_have_the_mesh_as_the_artist_set_it(cube, tmp_path) -> None:
    hide([cube], bpy.context.evaluated_depsgraph_get())
    name, path = cube.name, str(tmp_path / "hidden.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert bpy.data.objects[name].display_type == "TEXTURED"
    bpy.context.view_layer.update()
    assert shown(bpy.data.objects[name]) == "TEXTURED"


def test_what_shows_no_surface_stays(cube) -> None:
    cube.display_type = "WIRE"
    depsgraph = bpy.context.evaluated_depsgraph_get()
    hide([cube], depsgraph)
    assert shown(cube) == "WIRE"


def test_an_object_outside_of_the_scene_is_not_touched(cube) -> None:
    other = bpy.data.objects.new("Elsewhere", cube.data)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    hide([other], depsgraph)
    assert other.display_type == "TEXTURED"
