"""The strip: off it costs nothing, on it forgets what is no longer so."""

from __future__ import annotations

import bpy
import pytest

from rigtalk.blender_addon import compat
from rigtalk.blender_addon.dialogue.line import new_line
from rigtalk.blender_addon.preview import overlay
from rigtalk.blender_addon.preview.line import PreviewLine

NAMES = ("depsgraph_update_post", "undo_post", "redo_post", "load_post")


def own_handlers() -> list[str]:
    return [
        name
        for name in NAMES
        for handler in getattr(bpy.app.handlers, name)
        if handler.__module__ == overlay.__name__
    ]


@pytest.fixture
def on(extension):
    overlay.turn(True)
    yield
    overlay.turn(False)


def test_off_there_is_no_handler_and_nothing_is_kept(extension):
    manager = bpy.context.window_manager
    assert not manager.rigtalk_strip
    assert own_handlers() == []
    manager.rigtalk_strip = True
    assert manager.rigtalk_strip
    assert set(own_handlers()) == set(NAMES)
    manager.rigtalk_strip = True
    assert len(own_handlers()) == len(NAMES)
    manager.rigtalk_strip = False
    assert own_handlers() == []
    assert not overlay._State.lines
    assert not bpy.app.timers.is_registered(overlay._look_again)


def test_disabling_the_extension_takes_the_strip_away(scene):
    import rigtalk.blender_addon

    rigtalk.blender_addon.register()
    overlay.turn(True)
    rigtalk.blender_addon.unregister()
    assert not overlay.is_on()
    assert own_handlers() == []


def test_lines_are_found_again_when_the_list_changes(on, scene, line):
    assert overlay._lines(scene) == ()
    made = new_line(scene, "A")
    made.audio_path = str(line)
    (found,) = overlay._lines(scene)
    assert found.active
    assert overlay._lines(scene)[0] is found
    made.start_frame = 77
    assert overlay._lines(scene)[0].first == 77
    scene.render.fps = 24
    assert overlay._lines(scene)[0] is not found


@pytest.mark.skipif(
    not bpy.app.build_options.audaspace, reason="this Blender was built without sound"
)
def test_strips_that_move_take_their_line_along(on, scene, line):
    strip = compat.add_sound(scene, audio=line, frame=10, name="spoken")
    made = new_line(scene, "A")
    made.audio_source, made.audio_strip = "STRIP", "spoken"
    bpy.context.view_layer.update()
    assert overlay._lines(scene)[0].first == 10
    setattr(strip, "content_start" if hasattr(strip, "content_start") else "frame_start", 50)
    bpy.context.view_layer.update()
    assert overlay._lines(scene)[0].first == 50


def test_curves_are_read_again_when_keys_change(on, scene, face, line):
    block = face.data.shape_keys.key_blocks["jawOpen"]
    block.value = 0.5
    block.keyframe_insert("value", frame=1)
    made = new_line(scene, "A")
    made.audio_path, made.character = str(line), face
    (found,) = (item.lasting(1.0, 60.0) for item in overlay._lines(scene))
    _, mouth = overlay._mouth(found, float("inf"))
    assert mouth.jaw[0] == pytest.approx(0.5)
    assert overlay._mouth(found, float("inf"))[1] is mouth
    bpy.context.view_layer.update()
    block.value = 0.25
    block.keyframe_insert("value", frame=1)
    bpy.context.view_layer.update()
    assert overlay._mouth(found, float("inf"))[1].jaw[0] == pytest.approx(0.25)


def test_the_line_at_the_current_frame_is_shown_the_active_one_first(line):
    def preview(name: str, first: float, last: float, active: bool = False) -> PreviewLine:
        return PreviewLine(name, line, first, first, last, active=active)

    lines = [preview("a", 1, 50), preview("b", 40, 90, active=True), preview("c", 100, 120)]
    shown = [overlay._current(lines, frame).name for frame in (10, 45, 95, 110)]
    assert shown == ["a", "b", "b", "c"]
    assert overlay._current([], 1.0) is None
