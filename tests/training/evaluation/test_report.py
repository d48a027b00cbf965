import json
import math

from rigtalk.core.judge.table import FIGURES
from rigtalk.training.evaluation.report import Report, score

COUNTED_BY_ANOTHER = {
    "bite_mm",
    "silence_p95_mm",
    "fast_share",
    "region_distance",
    "captured_gap_error_mm",
    "lve_mm",
}
"""Figures of a kind of which the score takes one."""


def test_table_has_a_line_for_each_figure_that_was_measured() -> None:
    report = Report(
        {
            "actor": {"closure_recall": 0.9, "silence_mm": 0.25},
            "loudness": {"closure_recall": 0.125, "silence_mm": math.nan},
        },
        {"head": "ict", "sentences": 3},
    )
    lines = report.table().splitlines()
    assert lines[0].split() == ["actor", "loudness"]
    assert lines[1].split()[-2:] == ["0.900", "0.125"]
    assert lines[2].split()[-2:] == ["0.250", "nan"]
    assert lines[-1] == "(head ict, sentences 3)"
    assert len(lines) == 4


def test_json_has_null_for_what_was_not_measured() -> None:
    report = Report({"actor": {"silence_mm": math.nan, "openness_r": 0.5}}, {"takes": "none"})
    assert json.loads(report.json()) == {
        "conditions": {"takes": "none"},
        "rows": {"actor": {"silence_mm": None, "openness_r": 0.5}},
    }


def test_score_agrees_with_what_is_better() -> None:
    middle = dict.fromkeys(FIGURES, 0.5)
    for name, figure in FIGURES.items():
        more = score(middle | {name: 0.6}) - score(middle)
        if name in COUNTED_BY_ANOTHER:
            continue
        assert (more > 0) - (more < 0) == figure.better, name


def test_score_bears_what_was_not_measured() -> None:
    assert score({}) == 0.0
    assert math.isfinite(score(dict.fromkeys(FIGURES, math.nan)))
