"""The evaluation of an actor as one HTML file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape

from rigtalk.core.judge.html import curve_chart, page
from rigtalk.core.judge.table import FIGURES

from .report import Report, short

__all__ = ["as_html"]

_KINDS = ("curve", "other0", "other1", "other2")


def as_html(report: Report, title: str) -> str:
    """The report as a page.

    Parameters
    ----------
    report : Report
    title : str
        What was judged.
    """
    keys = [key for key in FIGURES if any(key in row for row in report.rows.values())]
    columns = {name: dict(row) for name, row in report.rows.items()}
    head = "".join(f"<th class='n'>{escape(name)}</th>" for name in columns)
    rows = "".join(
        f"<tr><td>{escape(FIGURES[key].title)}</td>"
        + "".join(_cell(key, row.get(key, math.nan)) for row in columns.values())
        + f"<td class='n soft'>{escape(FIGURES[key].wanted())}</td></tr>"
        for key in keys
    )
    body = [
        f"<h1>{escape(title)}</h1><div class='soft'>{escape(report.about())}</div>",
        "<section class='card'><h2>Beside its opponents</h2>"
        f"<div class='scroll'><table><tr><th></th>{head}<th class='n'>wanted</th></tr>{rows}"
        "</table></div></section>",
        _curves(report),
        *(_section(s.title, s.about, s.columns, s.rows) for s in report.sections),
    ]
    return page(title, "".join(body))


def _cell(key: str, value: float) -> str:
    kind = {True: "good", False: "bad", None: ""}[FIGURES[key].reached(value)]
    return f"<td class='n {kind}'>{short(value)}</td>"


def _section(
    title: str,
    about: str,
    columns: tuple[str, ...],
    rows: Mapping[str, Mapping[str, float]],
) -> str:
    head = "".join(f"<th class='n'>{escape(FIGURES[key].title)}</th>" for key in columns)
    lines = "".join(
        f"<tr><td>{escape(name)}</td>"
        + "".join(_cell(key, row.get(key, math.nan)) for key in columns)
        + "</tr>"
        for name, row in rows.items()
    )
    return (
        f"<section class='card'><h2>{escape(title)}</h2><p class='soft'>{escape(about)}</p>"
        f"<div class='scroll'><table><tr><th></th>{head}</tr>{lines}</table></div></section>"
    )


def _curves(report: Report) -> str:
    if not report.curves:
        return ""
    curves = [
        (points, kind, name)
        for (name, points), kind in zip(report.curves.items(), _KINDS, strict=False)
    ]
    dots = [name for points, _, _ in curves for _, _, name in points if "shipped" in name]
    return (
        "<section class='card chart half'><h2>Closures against false ones, over "
        f"the threshold</h2>{curve_chart(curves, dots=dots)}"
        "<div class='soft'>The dashed line is the rate to stay left of.</div></section>"
    )
