"""Conventions agree with the control sets that they name."""

import pytest

from rigtalk.rigs.conventions import conventions, readings
from rigtalk.rigs.loading import read_table, table_names


def test_each_control_set_has_one_convention_that_looks_for_all_but_what_it_skips():
    found = {c.name: (len(c.wanted), c.needed) for c in conventions()}
    assert found == {
        "arkit": (52, 21),
        "cc3": (36, 18),
        "cc4": (62, 38),
        "daz": (17, 11),
        "metahuman": (251, 76),
        "metahuman-board": (178, 54),
        "oculus": (14, 9),
        "preston-blair": (9, 6),
        "rhubarb": (8, 6),
        "sapi": (21, 13),
        "unified": (66, 40),
        "vrm": (17, 5),
    }


@pytest.mark.parametrize("name", table_names("convention"))
def test_tables_name_only_controls_that_exist(name):
    table = read_table(name)
    convention = next(c for c in conventions() if c.name == table["name"])
    known = set(convention.controls.names)
    assert set(table["skipped"]) <= known
    looked_for = known - set(table["skipped"])
    assert table["aliases"].keys() <= looked_for
    assert set(table.get("required", ())) <= looked_for
    for missing, others in table.get("instead", {}).items():
        assert {missing, *others} <= looked_for
        assert missing not in others


@pytest.mark.parametrize("convention", conventions(), ids=lambda c: c.name)
def test_no_two_controls_read_the_same_but_axes_of_one_bone(convention):
    for owners in convention.keys.values():
        assert len({name.removesuffix(".X").removesuffix(".Y") for name, _ in owners}) == 1


def test_readings_start_with_the_whole_name():
    assert list(readings("Head_eyeBlink_L")) == [
        ("", ("headeyeblink", "left")),
        ("head", ("eyeblink", "left")),
        ("headeye", ("blink", "left")),
        ("headeyeblink", ("l", "")),
    ]
    assert next(iter(readings("jawOpen.002"))) == ("", ("jawopen", ""))
    assert list(readings("A25_Jaw_Open"))[2] == ("", ("jawopen", ""))
