import json
import math

from rigtalk.core.judge.table import FIGURES
from rigtalk.training.evaluation.page import as_html
from rigtalk.training.evaluation.report import Report, Section, score, short

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


FULL = Report(
    {"actor": {"closure_recall": 0.9, "false_seals_per_s": 0.05}, "loudness": {}},
    {"head": "ict"},
    (
        Section(
            "By voice",
            "Who is <who>.",
            ("closure_recall", "rounding_mm"),
            {"women": {"closure_recall": 0.875, "rounding_mm": 4.25}, "men": {}},
        ),
    ),
    {"actor": [(0.1, 0.7, "0.9"), (0.2, 0.8, "0.5 (shipped)")]},
)


def test_sections_and_curves_in_every_form() -> None:
    text = FULL.table()
    assert "By voice. Who is <who>." in text
    assert "0.875" in text
    assert "0.5 (shipped)" in text
    data = json.loads(FULL.json())
    assert data["sections"]["By voice"]["women"]["rounding_mm"] == 4.25
    assert data["closure_curves"]["actor"][1]["threshold"] == "0.5 (shipped)"
    lines = FULL.markdown().splitlines()
    assert lines[:3] == [
        "| | actor | loudness |",
        "|---|---|---|",
        "| p b m with lips shut | .900 |  |",
    ]
    assert "| women | .875 | 4.25 |" in lines
    assert "| recall | .700 | .800 |" in lines
    assert all(line.count("|") == lines[0].count("|") for line in lines[:4])
    page = as_html(FULL, "actor.onnx")
    assert "Who is &lt;who&gt;." in page
    assert "0.5 (shipped)" in page
    assert "http" not in page
    assert "nan" not in page


def test_short_figures() -> None:
    given = (0.1234, -0.1234, 1.234, 12.34, -0.0001, 0.9996, math.nan)
    assert [short(x) for x in given] == [".123", "–.123", "1.23", "12.3", ".000", "1.000", ""]


def test_json_has_null_for_what_was_not_measured() -> None:
    report = Report({"actor": {"silence_mm": math.nan, "openness_r": 0.5}}, {"takes": "none"})
    assert json.loads(report.json()) == {
        "conditions": {"takes": "none"},
        "rows": {"actor": {"silence_mm": None, "openness_r": 0.5}},
        "sections": {},
        "closure_curves": {},
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
