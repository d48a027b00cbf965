"""Tables multiply lines."""

import pytest

from rigtalk.core.batch.product import SCENE_NAME, check_tables, combine
from rigtalk.core.errors import RigtalkError

TABLES = {
    "character": [{"name": "anna", "rig": "arkit", "seed": 1}, {"name": "ben"}],
    "scene": [{"name": "close", "file": "c.blend", "seed": 2}, {"name": "wide", "file": "w.blend"}],
    "export": [{"name": "unreal", "outputs": "{name}.fbx", "fps": 30}],
}


def test_every_line_with_every_entry():
    rows = combine({"audio": "a"}, check_tables(TABLES))
    assert [which for which, _ in rows] == [
        " × anna × close × unreal",
        " × ben × close × unreal",
        " × anna × wide × unreal",
        " × ben × wide × unreal",
    ]
    values = rows[0][1]
    assert values["scene"] == "c.blend"
    assert values[SCENE_NAME] == "close"
    assert (values["character"], values["export"], values["fps"]) == ("anna", "unreal", 30)
    assert values["seed"] == 1, "a character holds against a scene"
    assert rows[1][1]["seed"] == 2
    assert "name" not in values, "of an entry, not of the line"


def test_a_line_may_choose():
    axes = check_tables(TABLES)
    rows = combine({"audio": "a", "character": "ben", "scene": ["wide"], "seed": 9}, axes)
    assert [(which, values["seed"]) for which, values in rows] == [(" × ben × wide × unreal", 9)]
    ((_, values),) = combine({"character": "ben", "scene": "own.blend"}, axes)
    assert values["scene"] == "own.blend"
    assert SCENE_NAME not in values


def test_without_tables_a_line_is_itself():
    assert combine({"character": "Anna"}, {}) == [("", {"character": "Anna"})]


@pytest.mark.parametrize(
    ("line", "tables", "message"),
    [
        ({"character": "eve"}, TABLES, "character 'eve' is not there: choose from anna, ben"),
        ({"scene": ["x"]}, TABLES, "scene 'x' is not there"),
        ({"export": "unreal"}, {}, "there is no \\[\\[export\\]\\]"),
    ],
)
def test_a_line_cannot_choose_what_is_not_there(line, tables, message):
    with pytest.raises(RigtalkError, match=message):
        combine(line, check_tables(tables))
