"""Blender's conventions: what people see is said, found, grey for a reason, and gone in the end."""

from __future__ import annotations

import ast
import gc
import sys
import threading
from pathlib import Path
from typing import Any

import bpy
import pytest

import rigtalk.blender_addon
from rigtalk.blender_addon.characters import finding, glances
from rigtalk.blender_addon.dialogue import line_operators, status
from rigtalk.blender_addon.dialogue.line import new_line
from rigtalk.blender_addon.preview import overlay

from .translations.texts import our_classes, our_operators, our_properties, tooltip

FOLDER = Path(rigtalk.blender_addon.__file__).parent
FOR_SCRIPTS = {
    "animate",
    "cancel",
    "cancel_gaussian_bake",
    "gaussian_work",
    "gaussian_work_cancel",
}
"""Operators that F3 does not offer: one that scripts call, others that only a running job needs."""
READS = {
    *("export", "export_fbx", "mapping_save", "preview_play", "generate", "try_out"),
    *("bind_gaussian_scan", "style_gaussian_head", "export_gaussian_frames"),
    *("gaussian_preview", "gaussian_frames"),
}
"""Without a redo panel: they write files, play, or work on while the window is used."""
ICON_WORDS = {"icon"}
HANDLERS = {"load_pre", "load_post", "depsgraph_update_post", "undo_post", "redo_post"}
"""Where the extension listens while nothing of it is in use."""
MANY = 2000


def handlers() -> dict[str, list[Any]]:
    """Functions of ours that Blender calls, by when."""
    found = {}
    for name in dir(bpy.app.handlers):
        every = getattr(bpy.app.handlers, name)
        if isinstance(every, list):
            ours = [each for each in every if _of_rigtalk(each)]
            if ours:
                found[name] = ours
    return found


def _of_rigtalk(function: Any) -> bool:
    return (getattr(function, "__module__", "") or "").startswith("rigtalk.")


def menu_entries() -> list[Any]:
    """Functions of ours that Blender's own menus and headers draw."""
    found = []
    for kind in (bpy.types.Menu, bpy.types.Header, bpy.types.Panel):
        for cls in kind.__subclasses__():
            functions = getattr(getattr(cls, "draw", None), "_draw_funcs", ())
            found += [each for each in functions if _of_rigtalk(each)]
    return found


def timers() -> list[Any]:
    functions = [each for each in gc.get_objects() if callable(each) and _is_function(each)]
    return [each for each in functions if bpy.app.timers.is_registered(each)]


def _is_function(thing: Any) -> bool:
    return type(thing).__name__ == "function" and _of_rigtalk(thing)


def refusal(name: str) -> str | None:
    """What an operator says when it is called now; None if its poll lets it."""
    operator = getattr(bpy.ops.rigtalk, name)
    if operator.poll():
        return None
    with pytest.raises(RuntimeError) as caught:
        operator()
    return str(caught.value)


# -- what is shown ----------------------------------------------------------------------------


def test_every_operator_has_a_label_and_a_tooltip(extension):
    operators = our_operators()
    assert len(operators) > 20
    for name, rna in operators.items():
        assert rna.name[:1].isupper(), name
        assert len(rna.description.split()) >= 3, name
        assert rna.description[0].isupper(), name


def test_every_property_says_what_it_is_for(extension):
    properties = dict(_named(our_properties()))
    assert len(properties) > 60
    silent = [where for where, each in properties.items() if not each.description]
    assert silent == []
    for where, each in properties.items():
        assert not each.description.endswith("."), where


def _named(properties: Any) -> Any:
    return ((f"{owner}.{each.identifier}", each) for owner, each in properties)


def test_every_icon_is_one_of_blenders():
    icons = bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items
    used = {
        (path.name, word.value.value)
        for path in FOLDER.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        for word in call.keywords
        if word.arg in ICON_WORDS and isinstance(word.value, ast.Constant)
    }
    assert len(used) > 20
    assert sorted(each for each in used if each[1] not in icons) == []


def test_panels_are_in_our_tab_in_an_order(extension):
    panels = [cls for cls in our_classes() if issubclass(cls, bpy.types.Panel)]
    assert {cls.bl_category for cls in panels} == {"RigTalk"}
    (main,) = [cls for cls in panels if not getattr(cls, "bl_parent_id", "")]
    assert main.bl_rna.identifier == "RIGTALK_PT_main"
    for parent in {getattr(cls, "bl_parent_id", "") for cls in panels}:
        orders = [
            getattr(cls, "bl_order", 0)
            for cls in panels
            if getattr(cls, "bl_parent_id", "") == parent
        ]
        assert len(orders) == len(set(orders)), f"two panels in {parent} have the same place"


def test_menus_have_tooltips_without_a_stop(extension):
    menus = [cls for cls in our_classes() if issubclass(cls, bpy.types.Menu)]
    assert menus
    for cls in menus:
        assert tooltip(cls), cls
        assert not tooltip(cls).endswith("."), cls


# -- how operators behave ---------------------------------------------------------------------


def test_operators_can_be_searched_redone_and_undone(extension):
    for name in our_operators():
        options = getattr(getattr(bpy.types, f"RIGTALK_OT_{name}"), "bl_options", set())
        assert ("INTERNAL" in options) == (name in FOR_SCRIPTS), name
        assert options or name in READS, f"{name} can neither be redone nor undone"
        assert "UNDO" not in options or options & {"REGISTER", "INTERNAL"} or name in READS, name


def test_every_operator_is_in_a_menu_or_a_panel(extension):
    code = "\n".join(path.read_text("utf-8") for path in FOLDER.rglob("*.py"))
    for name in set(our_operators()) - FOR_SCRIPTS:
        assert code.count(f'"rigtalk.{name}"') > 1, f"nothing draws {name}"


def test_what_is_grey_says_why(extension):
    """In an empty scene hardly anything can be done, and each button says what is missing."""
    refused = {name: refusal(name) for name in our_operators()}
    said = {name: text for name, text in refused.items() if text is not None}
    assert {"generate", "export", "find_controls", "key_mood", "remove_line"} <= set(said)
    silent = {name for name, text in said.items() if "context is incorrect" in text}
    assert silent == set()
    assert "Add a line first" in said["generate"]


def test_what_is_grey_says_why_with_a_prop_and_a_line_of_nobody(extension, make_mesh):
    make_mesh("Prop", ["bend"])
    new_line(bpy.context.scene, "Line")
    for name in our_operators():
        text = refusal(name)
        assert text is None or "context is incorrect" not in text, name


# -- what is left behind ----------------------------------------------------------------------


def test_nothing_is_left_after_disabling(scene):
    before = set(bpy.types.WindowManager.bl_rna.properties.keys())
    for _ in range(2):
        rigtalk.blender_addon.register()
        bpy.context.window_manager.rigtalk_strip = True
        assert handlers()
        rigtalk.blender_addon.unregister()
        assert handlers() == {}
        assert menu_entries() == []
        assert timers() == []
        assert not overlay.is_on()
        assert [t.name for t in threading.enumerate() if "rigtalk" in t.name.casefold()] == []
        assert set(bpy.types.WindowManager.bl_rna.properties.keys()) == before


def test_disabling_with_another_file_and_after_undo(extension, tmp_path, face):
    path = tmp_path / "said.blend"
    new_line(bpy.context.scene, "Said").character = face
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert not len(bpy.context.scene.rigtalk.lines)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert [line.name for line in bpy.context.scene.rigtalk.lines] == ["Said"]
    assert set(handlers()) == HANDLERS, "handlers do not outlive another file"
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.rigtalk.remove_line("EXEC_DEFAULT", True) == {"FINISHED"}
    bpy.ops.ed.undo()
    assert [line.name for line in bpy.context.scene.rigtalk.lines] == ["Said"]


def test_a_file_survives_without_the_extension(scene, tmp_path, face):
    path = tmp_path / "said.blend"
    rigtalk.blender_addon.register()
    new_line(bpy.context.scene, "Said").character = face
    rigtalk.blender_addon.unregister()
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    rigtalk.blender_addon.register()
    try:
        (line,) = bpy.context.scene.rigtalk.lines
        assert (line.name, line.character.name) == ("Said", "Face")
    finally:
        rigtalk.blender_addon.unregister()


def test_each_scene_has_its_own_lines(extension):
    other = bpy.data.scenes.new("Other")
    new_line(bpy.context.scene, "Here")
    assert len(other.rigtalk.lines) == 0
    with bpy.context.temp_override(scene=other):
        assert bpy.ops.rigtalk.add_line() == {"FINISHED"}
        assert not bpy.ops.rigtalk.cancel.poll()
    assert len(other.rigtalk.lines) == len(bpy.context.scene.rigtalk.lines) == 1


# -- what it costs ----------------------------------------------------------------------------


def test_nothing_is_looked_for_while_idle(extension, monkeypatch):
    """Edits in a full scene without lines run our handlers, which find nothing out."""
    assert set(handlers()) == HANDLERS
    scene = bpy.context.scene
    mesh = bpy.data.meshes.new("Prop")
    for i in range(MANY):
        scene.collection.objects.link(bpy.data.objects.new(f"Prop{i}", mesh))
    looked: list[str] = []
    for module, name in (
        (finding, "find_target"),
        (glances, "find_family"),
        (status, "find_source"),
        (status, "count_edits"),
        (line_operators, "find_source"),
        (overlay, "lines_of"),
    ):
        monkeypatch.setattr(module, name, lambda *_, _name=name, **__: looked.append(_name))
    for i in range(20):
        bpy.data.objects[f"Prop{i}"].location.x = i
        bpy.context.view_layer.update()
        scene.frame_set(i)
    bpy.ops.ed.undo_push(message="one")
    bpy.ops.ed.undo_push(message="two")
    bpy.ops.ed.undo()
    bpy.ops.ed.redo()
    assert looked == []
    assert timers() == []
    assert overlay._State.handle is None


def test_handlers_do_a_handful_of_steps(extension):
    """However many objects there are: a handler neither loops over them nor calls far."""
    depsgraph = bpy.context.evaluated_depsgraph_get()
    for name, functions in handlers().items():
        for function in functions:
            calls = _calls_of(function, bpy.context.scene, depsgraph)
            assert calls <= 20, f"{name} makes {calls} calls"


def _calls_of(function: Any, *arguments: Any) -> int:
    count = 0

    def watch(_frame: Any, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(watch)
    try:
        function(*arguments)
    finally:
        sys.setprofile(None)
    return count
