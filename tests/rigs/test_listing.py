"""The rows of known rigs."""

from rigtalk.rigs import control_set_names, known_rigs, match_controls


def test_rows_say_how_much_there_is_and_how_much_is_needed():
    rows = {
        row.name: (row.version, row.controls, row.looked_for, row.needed) for row in known_rigs()
    }
    assert rows["arkit"] == (1, 61, 52, 21)
    assert rows["metahuman-board"] == (1, 185, 178, 54)
    assert rows["oculus"] == (1, 15, 14, 9)
    assert list(rows) == list(control_set_names())
    assert all(row.title and match_controls([row.example]) is None for row in known_rigs())
