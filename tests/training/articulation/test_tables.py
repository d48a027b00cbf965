"""The tables say something about every phone, unit and emotion, and nothing about strangers."""

import numpy as np
import pytest

from rigtalk.core.direction import EMOTIONS
from rigtalk.core.speech.phones import SYMBOLS
from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.articulation.tables import (
    authored_phone_table,
    emotion_table,
    matrix_rows,
    phone_table,
    primitives,
    read_table,
)


def test_every_phone_has_targets():
    table = phone_table()
    assert set(SYMBOLS) <= set(table.parts)
    for parts in table.parts.values():
        assert sum(share for _, share in parts) == pytest.approx(1.0)
    assert table.targets.min() >= 0.0
    assert table.targets.max() <= 1.0
    assert table.dominances.min() > 0.0
    assert table.targets[table.parts["sil"][0][0]].max() == 0.0


def test_emotions_are_made_of_known_units():
    known = {unit.name for unit in primitives().units}
    rows = emotion_table()
    assert len(rows) == len(EMOTIONS)
    for row in rows:
        assert set(row["units"]) <= known
        assert row["variants"]
        for variant in row["variants"]:
            assert set(variant) <= known


def test_halves_add_up_and_keep_to_their_side():
    parts = primitives()
    for name, matrix in (("arkit", parts.arkit), ("metahuman", parts.metahuman)):
        sides = np.array([c.side for c in control_set(name).controls])
        assert matrix[0][:, sides == "R"].max() == 0.0
        assert matrix[1][:, sides == "L"].max() == 0.0
        np.testing.assert_array_equal(matrix[0][:, sides == "C"], matrix[1][:, sides == "C"])


def test_names_without_a_side_stand_for_all():
    arkit, metahuman = control_set("arkit"), control_set("metahuman")
    row = matrix_rows([{"mouthSmile": 0.5}], arkit)[0]
    assert {arkit.names[i] for i in np.flatnonzero(row)} == {"mouthSmileLeft", "mouthSmileRight"}
    row = matrix_rows([{"mouthFunnel": 1.0}], metahuman)[0]
    assert np.count_nonzero(row) == 4
    row = matrix_rows([{"mouthPressU": 1.0}], metahuman)[0]
    assert np.count_nonzero(row) == 2
    with pytest.raises(RigtalkError, match="'mouthTeleport'"):
        matrix_rows([{"mouthTeleport": 1.0}], arkit)


def test_aperture_knows_only_controls_that_exist():
    millimetres = read_table("aperture")["millimetres"]
    for head in (0, 1):
        row = {name: pair[head] for name, pair in millimetres.items()}
        assert matrix_rows([row], control_set("arkit")).any()
    parts = primitives()
    assert parts.lips.shape == (2, len(parts.units))
    assert (parts.lips[:, parts.at("jaw")] > 20).all()
    assert (parts.lips[:, parts.at("meet")] < -3).all()


def test_calibration_stands_in_place_of_what_was_authored():
    """And names only channels, dynamics and phones that exist; rest stays closed."""
    table, authored, parts = phone_table(), authored_phone_table(), primitives()
    learnt = read_table("calibration")
    assert parts.loudness == learnt.pop("loudness") > 0.0
    assert set(learnt) == {"jaw", "lower", "upper", "funnel", "pucker"}
    for name, row in learnt.items():
        column = parts.at(name)
        for key in ("lead", "lag", "settle", "ahead"):
            assert getattr(parts.dynamics, key)[column] == row[key]
        for symbol, value in row["targets"].items():
            assert table.targets[table.parts[symbol][0][0], column] == value
        assert table.targets[table.parts["sil"][0][0], column] == 0.0
    tuck = parts.at("tuck")
    np.testing.assert_array_equal(table.targets[:, tuck], authored.targets[:, tuck])
