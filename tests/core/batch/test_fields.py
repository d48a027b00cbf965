"""What can be said of a line."""

from pathlib import Path

import pytest

from rigtalk.core.batch.fields import parse_line
from rigtalk.core.batch.product import SCENE_NAME
from rigtalk.core.errors import RigtalkError

BASE, OUT = Path("/jobs"), Path("/out")


def parsed(**values):
    return parse_line("row 1", {"audio": "a/b/hello.wav", **values}, base=BASE, out=OUT)


def test_what_is_not_said():
    line = parsed()
    assert (line.name, line.audio) == ("hello", BASE / "a/b/hello.wav")
    assert line.outputs == (OUT / "hello.csv",)
    assert (line.start, line.gap, line.seed, line.fps, line.rig) == (None, 0.5, 0, None, None)


def test_words_of_a_cell_and_values_of_toml_are_the_same():
    cell = parsed(
        emotion="0:joy=1; 2:joy=0.5", strength="head=0", start="-5", fps="29.97", seed="3", gap="1"
    )
    toml = parsed(
        emotion=["0:joy=1", "2:joy=0.5"], strength={"head": 0}, start=-5, fps=29.97, seed=3, gap=1.0
    )
    assert cell.emotion == toml.emotion == ("0:joy=1", "2:joy=0.5")
    assert cell.fps == toml.fps == 30000 / 1001
    assert (cell.start, cell.seed, cell.gap) == (toml.start, toml.seed, toml.gap) == (-5, 3, 1.0)
    assert (cell.strength, toml.strength) == (("head=0",), ("head=0.0",))


def test_outputs():
    line = parsed(name="Take: 1", character="A/B", outputs="{character}/{name}.csv; x.npz")
    assert line.outputs == (OUT / "A_B" / "Take_ 1.csv", OUT / "x.npz")
    assert parsed(outputs=["{folder}/{name}.csv"]).outputs == (OUT / "a/b/hello.csv",)
    line = parse_line(
        "r", {"audio": "../x/a.wav", "outputs": "{folder}/{name}.csv"}, base=BASE, out=OUT
    )
    assert line.outputs == (OUT / "x/a.csv",), "a path upwards does not lead out"


def test_a_character_is_an_object_of_the_scene():
    assert parsed(character="Anna").object is None
    line = parsed(character="Anna", scene="s/room.blend", outputs="{scene}-{character}.fbx")
    assert (line.object, line.scene) == ("Anna", BASE / "s/room.blend")
    assert line.outputs == (OUT / "room-Anna.fbx",)
    line = parsed(scene="room.blend", outputs="{scene}.fbx", **{SCENE_NAME: "close-up"})
    assert line.outputs == (OUT / "close-up.fbx",)
    assert parsed(character="Anna", object="Head.001", scene="r.blend").object == "Head.001"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"emotoin": "joy"}, "unknown key 'emotoin': did you mean 'emotion'?"),
        ({"colour": "red"}, "unknown key 'colour': known are audio, name"),
        ({"audio": ""}, "audio is empty"),
        ({"audio": 3.5, "seed": True}, "seed is True: give a number"),
        ({"seed": 1.5}, "seed is 1.5: give a whole number"),
        ({"seed": -1}, "seed is -1: it must be from 0"),
        ({"seed": "nan"}, "seed is 'nan': give a number"),
        ({"start": 2e9}, "start is 2000000000: Blender's frames go to 1000000"),
        ({"gap": -1}, "gap is -1: give seconds, 0 or more".replace("gap is -1", "gap seconds")),
        ({"fps": 0}, "fps is 0: it must be above 0"),
        ({"rig": "gorilla"}, "rig is 'gorilla': choose from arkit"),
        ({"timeout": 0}, "timeout is 0: give more than 0 seconds"),
        ({"name": ["a"]}, "name is ['a']: give a text"),
        ({"emotion": "rage=1"}, "unknown emotion 'rage'"),
        ({"strength": {"head": "big"}}, "strength is 'big': give a number"),
        ({"outputs": "{name.csv"}, "a brace is left open"),
        ({"outputs": "{character}.csv"}, "this line has no character"),
        ({"outputs": "{__class__}.csv"}, "unknown {__class__}"),
    ],
)
def test_bad_values(values, message):
    with pytest.raises(RigtalkError) as error:
        parsed(**values)
    if "gap" not in values:
        assert message in str(error.value)
    else:
        assert str(error.value) == "gap is -1: give seconds, 0 or more"


def test_no_audio():
    with pytest.raises(RigtalkError, match="has no audio"):
        parse_line("r", {"name": "x"}, base=BASE, out=OUT)
