"""The words of a line: how they reach the actor, when they make a line stale, how they fail."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

import rigtalk.blender_addon
from rigtalk.blender_addon import compat
from rigtalk.blender_addon.dialogue import jobs, status
from rigtalk.blender_addon.dialogue.line import RigTalkLine, new_line
from rigtalk.blender_addon.dialogue.operators import wanted_lines
from rigtalk.blender_addon.dialogue.script import script_file, script_of, script_stamp
from rigtalk.blender_addon.dialogue.sources import Source, find_source, fingerprint
from rigtalk.blender_addon.dialogue.status import Status, status_of
from rigtalk.blender_addon.preview.source import active_preview
from rigtalk.blender_addon.preview.trying import try_queue
from rigtalk.core.direction import Direction
from rigtalk.core.script import LONGEST_TEXT, Script

WORDS = "Maybe my poor puppy"
GRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 1
tiers? <exists>
size = 1
item []:
    item [1]:
        class = "IntervalTier"
        name = "phones"
        xmin = 0
        xmax = 1
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 0.25
            text = "M"
        intervals [2]:
            xmin = 0.25
            xmax = 1
            text = "AA1"
"""


@pytest.fixture
def told(actor, monkeypatch) -> list[Direction]:
    """Directions that the actor was given, in turn."""
    directions: list[Direction] = []
    for name in ("perform", "perform_layers"):
        plain = getattr(actor, name)

        def perform(self, audio, direction, *, _plain=plain, **words):
            directions.append(direction)
            return _plain(self, audio, direction, **words)

        monkeypatch.setattr(actor, name, perform)
    return directions


def script_given(spoken, scene) -> Script | None:
    job = jobs.prepare_line(scene, spoken, jobs.options_of(scene.rigtalk))
    return job.generation._request.direction.script


def test_words_reach_the_actor(told, spoken):
    spoken.script = WORDS
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}
    assert [direction.script for direction in told] == [Script(WORDS)]


def test_without_words_the_sound_alone_decides(told, spoken):
    for nothing in ("", "  \n"):
        spoken.script = nothing
        bpy.ops.rigtalk.generate()
    assert [direction.script for direction in told] == [None, None]


def test_layers_follow_the_words_as_well(told, spoken, scene):
    scene.rigtalk.result, spoken.script = "LAYERS", WORDS
    bpy.ops.rigtalk.generate()
    assert told
    assert all(direction.script == Script(WORDS) for direction in told)


def test_trying_some_seconds_follows_all_the_words(told, spoken, scene):
    spoken.script = WORDS
    queue = try_queue(scene, active_preview(scene), (10, 60))
    while not queue.done:
        queue.step(threaded=False)
    assert [direction.script for direction in told] == [Script(WORDS)]


def test_scripts_give_words_by_the_call(told, extension, face, line):
    bpy.ops.rigtalk.animate(object_name="Face", audio_path=str(line), script=WORDS, add_sound=False)
    bpy.ops.rigtalk.animate(object_name="Face", audio_path=str(line), add_sound=False)
    assert [direction.script for direction in told] == [Script(WORDS), None]


def test_what_a_character_is_told_leaves_the_words(told, spoken, face):
    face.rigtalk_direction.joy, face.rigtalk_direction.strength_jaw = 0.5, 1.5
    spoken.script = WORDS
    bpy.ops.rigtalk.generate()
    (direction,) = told
    assert direction.emotions == {"joy": 0.5}
    assert direction.script == Script(WORDS)


@pytest.mark.parametrize(
    "words",
    [
        'He said: "Bob\'s pump, \\n maybe" \u2013 {0} %s',
        "Two lines\nof a poem\r\n",
        "p b m " * (LONGEST_TEXT // 6),
        "Open the file readme.txt, please",
        "tests",  # a folder of that name is no script
    ],
)
def test_any_text_is_taken_as_it_is(spoken, scene, words):
    spoken.script = words
    assert script_given(spoken, scene) == Script(words)


def test_words_that_are_too_many_are_refused_on_the_line(actor, spoken, scene):
    spoken.script = "p" * (LONGEST_TEXT + 1)
    with pytest.raises(RuntimeError, match="100001 characters"):
        bpy.ops.rigtalk.generate()
    assert status_of(scene, spoken) is Status.FAILED
    assert spoken.fault.startswith("the script has 100001 characters")
    spoken.script = WORDS
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}
    assert status_of(scene, spoken) is Status.GENERATED


@pytest.mark.parametrize("quoted", ["{}", ' "{}" '])
def test_a_text_file_is_read(spoken, scene, tmp_path, quoted):
    path = tmp_path / "My Line.TXT"
    path.write_text(WORDS)
    spoken.script = quoted.format(path)
    assert script_given(spoken, scene) == Script(WORDS)


def test_paths_are_relative_to_the_file(spoken, scene, tmp_path):
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "said.txt").write_text(WORDS)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    spoken = bpy.context.scene.rigtalk.lines[0]
    spoken.script = "//words/said.txt"
    assert script_given(spoken, bpy.context.scene) == Script(WORDS)


def test_phones_with_their_times_are_read(spoken, scene, line, tmp_path):
    path = tmp_path / "said.TextGrid"
    path.write_text(GRID)
    spoken.script = str(path)
    phones = script_of(spoken, Source(line, 1.0)).phones
    assert [(phone.symbol, phone.start, phone.end) for phone in phones] == [
        ("m", 0.0, 0.25),
        ("aa", 0.25, 1.0),
    ]
    assert script_given(spoken, scene).phones == phones


@pytest.mark.parametrize(
    ("begin", "end", "span"),
    [(None, None, None), (2.0, None, (2.0, float("inf"))), (None, 3.0, (0.0, 3.0))],
)
def test_words_are_those_of_the_part_that_a_strip_shows(spoken, line, begin, end, span):
    spoken.script = WORDS
    assert script_of(spoken, Source(line, 1.0, begin, end)) == Script(WORDS, span=span)


@pytest.mark.parametrize("name", ["gone.txt", "//gone.lab", "broken.TextGrid", "empty.txt"])
def test_a_file_that_cannot_be_used_is_said_on_the_line(actor, spoken, scene, tmp_path, name):
    (tmp_path / "broken.TextGrid").write_text("nothing of the kind")
    (tmp_path / "empty.txt").write_text(" \n")
    spoken.script = name if name.startswith("//") else str(tmp_path / name)
    with pytest.raises(RuntimeError):
        bpy.ops.rigtalk.generate()
    assert status_of(scene, spoken) is Status.FAILED
    assert spoken.fault
    assert "\n" not in spoken.fault


def test_what_is_a_path():
    assert script_file(" a b.textgrid ") == Path("a b.textgrid").absolute()
    for words in ("", "no", "a.txt said it", "one\ntwo.txt", ".wav"):
        assert script_file(words) is None


def test_other_words_make_a_line_stale(actor, spoken, scene):
    bpy.ops.rigtalk.generate()
    assert status_of(scene, spoken) is Status.GENERATED
    spoken.script = WORDS
    assert status_of(scene, spoken) is Status.WORDS_CHANGED
    assert [line.name for line in wanted_lines(scene, "STALE")] == ["Said"]
    assert bpy.ops.rigtalk.generate(which="STALE") == {"FINISHED"}
    assert status_of(scene, spoken) is Status.GENERATED
    spoken.script = f"  {WORDS}\n"
    assert status_of(scene, spoken) is Status.GENERATED
    spoken.script = ""
    assert status_of(scene, spoken) is Status.WORDS_CHANGED


def test_another_file_of_words_makes_a_line_stale(actor, spoken, scene, tmp_path):
    path = tmp_path / "said.txt"
    path.write_text(WORDS)
    spoken.script = str(path)
    bpy.ops.rigtalk.generate()
    assert status_of(scene, spoken) is Status.GENERATED
    path.write_text(WORDS + " barks")
    status.forget()
    assert status_of(scene, spoken) is Status.WORDS_CHANGED
    path.unlink()
    status.forget()
    assert status_of(scene, spoken) is Status.WORDS_CHANGED


def test_a_part_made_with_new_words_leaves_the_line_stale(actor, spoken, scene):
    bpy.ops.rigtalk.generate()
    settings, spoken.script = scene.rigtalk, WORDS
    settings.use_range, settings.range_first, settings.range_last = True, 10, 60
    bpy.ops.rigtalk.generate()
    assert status_of(scene, spoken) is Status.WORDS_CHANGED
    settings.use_range, settings.layer = False, "blinks"
    bpy.ops.rigtalk.generate()
    assert status_of(scene, spoken) is Status.WORDS_CHANGED
    settings.layer = "lips"
    bpy.ops.rigtalk.generate()
    assert status_of(scene, spoken) is Status.GENERATED


def test_words_typed_while_the_line_is_made_are_not_in_it(actor, spoken, scene):
    job = jobs.prepare_line(scene, spoken, jobs.options_of(scene.rigtalk))
    spoken.script = WORDS
    job.generation.run()
    jobs.apply(job)
    assert status_of(scene, spoken) is Status.WORDS_CHANGED


def test_a_mood_leaves_the_words(extension, scene):
    new_line(scene, "a").script = WORDS
    bpy.ops.rigtalk.line_mood(mood="furious")
    assert scene.rigtalk.lines[0].script == WORDS


def test_lines_of_files_without_words_are_up_to_date(scene, line, tmp_path, monkeypatch):
    path = str(tmp_path / "old.blend")
    with monkeypatch.context() as older:
        for name in ("script", "said"):
            older.delitem(RigTalkLine.__annotations__, name)
        rigtalk.blender_addon.register()
        old = new_line(scene, "Said")
        old.audio_path, old.made = str(line), True
        old.heard = fingerprint(find_source(scene, old))
        assert not hasattr(old, "script")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        rigtalk.blender_addon.unregister()
    rigtalk.blender_addon.register()
    try:
        bpy.ops.wm.open_mainfile(filepath=path)
        (opened,) = bpy.context.scene.rigtalk.lines
        assert (opened.script, opened.said) == ("", "")
        assert status_of(bpy.context.scene, opened) is Status.GENERATED
    finally:
        rigtalk.blender_addon.unregister()


def test_words_are_saved_with_the_file(actor, spoken, tmp_path):
    spoken.script = 'Bob: "Maybe\nme"'
    bpy.ops.rigtalk.generate()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    (opened,) = bpy.context.scene.rigtalk.lines
    assert opened.script == 'Bob: "Maybe\nme"'
    assert status_of(bpy.context.scene, opened) is Status.GENERATED


def test_stamps_tell_words_apart():
    assert script_stamp("") == script_stamp(" \n") == ""
    assert script_stamp("a b") == script_stamp(" a\n b ")
    assert len({script_stamp("a b"), script_stamp("ab"), script_stamp("gone.txt"), ""}) == 4


def test_the_embedded_actor_follows_the_words(spoken, face, scene, line):
    """Lips hear of them, the rest does not; taken back, or of another line, they leave no trace."""
    names = ("mouthClose", "mouthPressLeft", "eyeBlinkLeft", "browInnerUp")
    heard = values_of(face, names)
    spoken.script = line.with_suffix(".txt").read_text()
    followed = values_of(face, names)
    changed = [name for name in names if not np.array_equal(heard[name], followed[name])]
    assert set(changed) & {"mouthClose", "mouthPressLeft"}
    assert "eyeBlinkLeft" not in changed
    for nothing in ("", "Six thick kicks, six thick kicks, he hit it."):
        spoken.script = nothing
        again = values_of(face, names)
        assert all(np.array_equal(heard[name], again[name]) for name in names)


def values_of(face: bpy.types.Object, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Keys of some shapes, freshly made."""
    assert bpy.ops.rigtalk.generate() == {"FINISHED"}
    curves = compat.curves_to_read(face.data.shape_keys).fcurves
    found = {}
    for name in names:
        points = curves.find(f'key_blocks["{name}"].value').keyframe_points
        found[name] = np.array([point.co[:] for point in points])
    return found


def test_a_script_without_a_word_is_said_on_the_line(spoken, scene):
    spoken.script = "\u2026!"
    with pytest.raises(RuntimeError, match="the script has no words in it"):
        bpy.ops.rigtalk.generate()
    assert status_of(scene, spoken) is Status.FAILED
