"""The rows of known rigs."""

from rigtalk.rigs import known_rigs, match_controls


def test_rows_say_how_much_there_is_and_how_much_is_needed():
    rows = {
        row.name: (row.version, row.controls, row.looked_for, row.needed) for row in known_rigs()
    }
    assert rows == {
        "arkit": (1, 61, 52, 21),
        "metahuman": (1, 251, 251, 76),
        "metahuman-board": (1, 185, 178, 54),
    }
    assert all(row.title and match_controls([row.example]) is None for row in known_rigs())
