"""The rows of known rigs."""

from rigtalk.rigs import control_set_names, known_bone_rigs, known_rigs, match_controls


def test_rows_say_how_much_there_is_and_how_much_is_needed():
    rows = {
        row.name: (row.version, row.controls, row.looked_for, row.needed) for row in known_rigs()
    }
    assert rows["arkit"] == (1, 61, 52, 21)
    assert rows["metahuman-board"] == (1, 185, 178, 54)
    assert rows["oculus"] == (1, 15, 14, 9)
    assert list(rows) == list(control_set_names())
    assert all(row.title and match_controls([row.example]) is None for row in known_rigs())


def test_bone_rigs_say_how_many_bones_they_need():
    rows = {row.name: (row.title, row.looked_for, row.needed) for row in known_bone_rigs()}
    assert rows["rigify"] == ("Rigify face", 31, 16)
    assert list(rows) == ["faceit", "rigify", "rigify-modular"]
