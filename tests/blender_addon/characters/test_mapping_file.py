"""Files of mappings hold everything, and a wrong file gives one clear line."""

from __future__ import annotations

import json

import pytest

from rigtalk.blender_addon.characters.mapping_file import (
    FORMAT,
    StoredMapping,
    read_mapping,
    write_mapping,
)
from rigtalk.blender_addon.characters.rows import RowData
from rigtalk.core.errors import RigtalkError

ROWS = (
    (
        RowData("jawOpen", "SHAPE_KEY", "jaw 顎", gain=0.5, limited=True, low=-0.25, high=0.75),
        "Face",
    ),
    (RowData("jawOpen", "BONE", "jaw", channel="ROTATION_X", invert=True, enabled=False), "Rig"),
    (RowData("", "PROPERTY", "look", bone="eye", offset=1.5), ""),
)


def content(**changes):
    row = {"object": "Face", "control": "jawOpen", "kind": "SHAPE_KEY", "target": "jawOpen"}
    whole = {"format": FORMAT, "version": 1, "controls": "arkit", "rows": [row]}
    in_row = {name: value for name, value in changes.items() if name not in whole}
    whole |= {name: value for name, value in changes.items() if name in whole}
    if in_row:
        whole["rows"] = [{**row, **in_row}]
    return whole


def test_a_file_gives_back_what_was_written(tmp_path):
    path = tmp_path / "hero.json"
    write_mapping(path, StoredMapping("arkit", ROWS))
    assert read_mapping(path) == StoredMapping("arkit", ROWS)
    assert json.loads(path.read_text("utf-8"))["version"] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["hero.json"]


def test_settings_that_are_not_given_are_those_of_a_new_row(tmp_path):
    path = tmp_path / "short.json"
    path.write_text(json.dumps(content()), "utf-8")
    [(row, name)] = read_mapping(path).rows
    assert (row, name) == (RowData("jawOpen", "SHAPE_KEY", "jawOpen"), "Face")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\xff\xfe\x00", "not JSON text"),
        (b"", "not JSON text"),
        (b"{", "not JSON text"),
        (b"[" * 100_000, "not JSON text"),
        (b"[1, 2]", "is not a mapping: save one"),
        (b'{"format": "something"}', "is not a mapping: save one"),
    ],
)
def test_other_files_are_refused(tmp_path, text, message):
    path = tmp_path / "other.json"
    path.write_bytes(text)
    with pytest.raises(RigtalkError, match=message):
        read_mapping(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, "newer version"),
        ({"version": "1"}, "no proper version"),
        ({"version": True}, "no proper version"),
        ({"controls": "muppet"}, "for the rig 'muppet'"),
        ({"controls": ["arkit"]}, "for the rig"),
        ({"rows": {}}, "no list of rows"),
        ({"rows": [3]}, "row 1: a row is a group"),
        ({"rows": [{"control": "jawOpen", "kind": "BONE"}]}, "row 1: target is missing"),
        ({"object": 3}, "object must be a name"),
        ({"gian": 1.0}, "'gian' is not known"),
        ({"gain": "much"}, "gain must be a plain number"),
        ({"gain": float("nan")}, "gain must be a plain number"),
        ({"gain": float("inf")}, "gain must be a plain number"),
        ({"gain": 10**400}, "gain must be a plain number"),
        ({"gain": True}, "gain must be a plain number"),
        ({"invert": 1}, "invert must be true or false"),
        ({"target": None}, "target must be a text"),
        ({"kind": "MUSCLE"}, "kind 'MUSCLE' is none of"),
        ({"channel": "LOCATION_W"}, "channel 'LOCATION_W' is none of"),
        ({"control": "jawTwist"}, "row 1: the rig arkit has no control 'jawTwist'"),
    ],
)
def test_wrong_content_is_named_with_its_row(tmp_path, changes, message):
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(content(**changes)), "utf-8")
    with pytest.raises(RigtalkError, match=message) as caught:
        read_mapping(path)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(RigtalkError, match="cannot read"):
        read_mapping(tmp_path / "missing.json")
    with pytest.raises(RigtalkError, match="cannot read"):
        read_mapping(tmp_path)
    with pytest.raises(RigtalkError, match="there is no folder"):
        write_mapping(tmp_path / "no" / "a.json", StoredMapping("arkit", ROWS))
