"""Which heads are shown, and what Blender tells about it."""

from __future__ import annotations

import bpy
import pytest

from rigtalk.blender_addon.gaussian import viewport

pytestmark = pytest.mark.usefixtures("extension")


def ours(name: str) -> list[object]:
    handlers = getattr(bpy.app.handlers, name)
    return [f for f in handlers if getattr(f, "__module__", "") == viewport.__name__]


def switch(thing: bpy.types.Object) -> set[str]:
    bpy.context.view_layer.objects.active = thing
    return bpy.ops.rigtalk.gaussian_preview()


def test_off_it_costs_nothing(with_head) -> None:
    assert not viewport.is_shown(with_head)
    assert viewport.figures_of(with_head) is None
    assert not ours("depsgraph_update_post")
    assert not ours("frame_change_post")


def test_the_operator_switches_it(with_head) -> None:
    assert switch(with_head) == {"FINISHED"}
    assert with_head.rigtalk_gaussian.show
    assert viewport.is_shown(with_head)
    assert len(ours("depsgraph_update_post")) == len(ours("frame_change_post")) == 1
    assert viewport.figures_of(with_head).pictures == 0
    assert switch(with_head) == {"FINISHED"}
    assert not viewport.is_shown(with_head)
    assert not ours("depsgraph_update_post")


def test_the_property_switches_it_too(with_head) -> None:
    with_head.rigtalk_gaussian.show = True
    assert viewport.is_shown(with_head)
    with_head.rigtalk_gaussian.filepath = ""
    assert not viewport.is_shown(with_head)


def test_a_file_that_is_not_there_is_not_shown(with_head, tmp_path) -> None:
    with_head.rigtalk_gaussian.filepath = str(tmp_path / "none.splathead")
    with pytest.raises(RuntimeError, match=r"none\.splathead: no such file"):
        switch(with_head)
    assert not with_head.rigtalk_gaussian.show


def test_without_a_head_the_button_says_why(ball) -> None:
    bpy.context.view_layer.objects.active = ball
    assert not bpy.ops.rigtalk.gaussian_preview.poll()
    with pytest.raises(RuntimeError, match="Bake a head"):
        bpy.ops.rigtalk.gaussian_preview()


def test_it_comes_back_with_the_file(with_head, tmp_path) -> None:
    switch(with_head)
    path = str(tmp_path / "shown.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert not ours("depsgraph_update_post")
    bpy.ops.wm.open_mainfile(filepath=path)
    assert viewport.is_shown(bpy.data.objects["Ball"])
    assert len(ours("depsgraph_update_post")) == 1


def test_undo_switches_it(with_head) -> None:
    bpy.ops.ed.undo_push(message="off")
    switch(with_head)
    bpy.ops.ed.undo_push(message="on")
    bpy.ops.ed.undo()
    assert not viewport.is_shown(bpy.data.objects["Ball"])
    bpy.ops.ed.redo()
    assert viewport.is_shown(bpy.data.objects["Ball"])


def test_a_deleted_character_is_forgotten(with_head) -> None:
    switch(with_head)
    bpy.data.objects.remove(with_head)
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.view_layer.update()
    assert not ours("depsgraph_update_post")


def test_disabling_leaves_nothing_behind(with_head) -> None:
    switch(with_head)
    viewport.unregister()
    lists = [name for name in dir(bpy.app.handlers) if name.endswith(("_pre", "_post"))]
    assert [name for name in lists if ours(name)] == []
    viewport.register()
