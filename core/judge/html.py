"""A judged take as one HTML file that needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from .report import reads_as
from .signals import FAST_HZ, motion_spectrum
from .svg import chart, chart_frame, text
from .table import FIGURES
from .take import FPS, JudgedTake
from .tracks import draw_tracks

__all__ = ["STYLE", "as_html", "curve_chart", "page"]

STYLE = """
:root{--ink:#1c2330;--soft:#677084;--paper:#f6f7f9;--card:#fff;--edge:#dfe3ea;--grid:#e8ebf0;
--curve:#2459c4;--captured:#8a6d1f;--wave:#9aa6ba;--good:#1d8a55;--bad:#c6303e;--odd:#d9780a;
--quiet:#eef0f4;--contact:#8b5bd0}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9f0;--soft:#97a1b5;--paper:#12151b;--card:#1a1f28;
--edge:#2c3340;--grid:#29303c;--curve:#7fa8ff;--captured:#d9bd6b;--wave:#5c687d;--good:#4cc78a;
--bad:#ff6b78;--odd:#ffae4d;--quiet:#20262f;--contact:#b796ee}}
*{box-sizing:border-box}
body{margin:0;padding:28px clamp(12px,4vw,48px);background:var(--paper);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:1240px;margin:auto}
h1{font-size:22px;margin:0 0 2px;overflow-wrap:anywhere}h2{font-size:16px;margin:0 0 10px}
.soft{color:var(--soft);fill:var(--soft)}
.card{background:var(--card);border:1px solid var(--edge);border-radius:10px;padding:16px 18px;
margin-top:16px}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(420px,100%),1fr));gap:16px}
.notes{margin:0;padding-left:18px}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:4px 10px 4px 0;text-align:left;border-bottom:1px solid var(--grid)}
th{font-weight:600;color:var(--soft)}td.n,th.n{text-align:right}
.good{color:var(--good)}.bad{color:var(--bad)}
.tracks{display:flex}.axis{flex:none}.scroll{overflow-x:auto;flex:1;min-width:0}
svg text{font-size:11px;fill:var(--ink)}svg text.soft{fill:var(--soft)}
svg text.end{text-anchor:end;fill:var(--soft)}svg text.mid{text-anchor:middle}
svg text.name{font-size:12px}svg text.symbol{font-size:10px}
svg .grid{stroke:var(--grid);fill:none}svg .floor{fill:none}
svg polyline{fill:none;stroke-linejoin:round}
.curve{stroke:var(--curve);stroke-width:1.6}
.captured{stroke:var(--captured);stroke-dasharray:5 3}
.other0{stroke:var(--captured)}.other1{stroke:var(--odd)}.other2{stroke:var(--good)}
.other3{stroke:var(--contact)}
.wave{stroke:var(--wave);stroke-width:1}
.silence{fill:var(--quiet)}.phone{fill:var(--quiet);stroke:var(--card)}
.phone.hit,.hit{fill:var(--good);fill-opacity:.28}.phone.miss,.miss{fill:var(--bad);fill-opacity:.34}
.false{fill:var(--odd);fill-opacity:.55}.contact{fill:var(--contact);fill-opacity:.25}
.limit{stroke:var(--good);stroke-dasharray:2 4;fill:none}.mark{stroke:var(--bad);fill:none;
stroke-dasharray:3 3}.dot{fill:var(--bad)}.spot{fill:var(--curve)}
.key{display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 10px;color:var(--soft);font-size:13px}
.key i{display:inline-block;width:14px;height:10px;border-radius:2px;margin-right:5px}
.bar{height:9px;border-radius:5px;background:var(--curve);min-width:1px}
.chart svg{width:100%;height:auto}.half{max-width:640px}td:first-child{white-space:nowrap}
"""
_MOST_NAMED = 24
_KEY = (
    ("good", ".28", "p b m, shut"),
    ("bad", ".34", "p b m, not shut"),
    ("odd", ".55", "false closure"),
    ("contact", ".25", "f v"),
    ("quiet", "1", "silence"),
)


def as_html(take: JudgedTake, sources: Mapping[str, str]) -> str:
    """The report as a page.

    Parameters
    ----------
    take : JudgedTake
    sources : mapping of str to str
        Names of the files that were judged.
    """
    lines = "".join(
        f"<div><b>{escape(name)}</b> {escape(path)}</div>" for name, path in sources.items()
    )
    notes = "".join(f"<li>{escape(note)}</li>" for note in take.notes)
    key = "".join(
        f'<span><i style="background:var(--{colour});opacity:{strength}"></i>{label}</span>'
        for colour, strength, label in _KEY
    )
    captured = (
        '<span><i style="background:var(--captured);height:2px"></i>captured</span>'
        if take.captured
        else ""
    )
    body = [
        f"<h1>How the take holds up</h1><div class='soft'>{lines}"
        f"<div>measured on the head <b>{escape(take.head)}</b> at {FPS:g} fps</div></div>",
        f"<section class='card'><ul class='notes'>{notes}</ul></section>" if notes else "",
        "<div class='pair'>",
        f"<section class='card'><h2>Figures</h2>{_table(take.figures)}</section>",
        f"<div><section class='card'><h2>Emotion</h2><p>The face {escape(reads_as(take))}.</p>"
        f"{_bars(take.emotion)}{_where(take)}</section>{_seal_chart(take)}</div></div>",
        f"<section class='card'><h2>Over time</h2><div class='key'>{key}{captured}</div>"
        f"{draw_tracks(take)}</section>",
        _spectrum(take),
    ]
    return page("rigtalk judge", "".join(body))


def page(title: str, body: str) -> str:
    """A whole page in the style of the reports."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><main>{body}</main></body></html>\n"
    )


def _table(figures: Mapping[str, float]) -> str:
    rows = []
    for name, value in figures.items():
        figure = FIGURES[name]
        reached = figure.reached(value)
        kind = {True: "good", False: "bad", None: ""}[reached]
        sign = {True: " ✓", False: " ✗", None: ""}[reached]
        shown = f"{value:.3f}" if math.isfinite(value) else "none"
        rows.append(
            f"<tr><td>{escape(figure.title)}</td><td class='n {kind}'>{shown}{sign}</td>"
            f"<td class='n soft'>{escape(figure.wanted())}</td></tr>"
        )
    head = "<tr><th>figure</th><th class='n'>value</th><th class='n'>wanted</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _bars(emotion: Mapping[str, float]) -> str:
    rows = "".join(
        f"<tr><td>{escape(mood)}</td><td style='width:60%'><div class='bar' "
        f"style='width:{100 * chance:.1f}%'></div></td><td class='n'>{chance:.0%}</td></tr>"
        for mood, chance in emotion.items()
    )
    return f"<table>{rows}</table>"


def _where(take: JudgedTake) -> str:
    """Where to look: closures that were missed or made up."""
    if take.seals is None:
        return ""
    missed = [f"{p.symbol} {p.start:.2f} s" for p, hit in take.seals.closures if not hit]
    false = [f"{a:.2f} s" for a, _ in take.seals.false]
    rows = "".join(
        f"<p><b>{label}</b> <span class='soft'>{', '.join(found[:_MOST_NAMED]) or 'none'}"
        f"{f' and {len(found) - _MOST_NAMED} more' if len(found) > _MOST_NAMED else ''}</span></p>"
        for label, found in (("Closures missed:", missed), ("False closures:", false))
    )
    return f"<h2 style='margin-top:22px'>Where to look</h2>{rows}"


def _spectrum(take: JudgedTake) -> str:
    if len(take.track.gap) < 8:
        return ""
    frequency, power = motion_spectrum(take.track.gap, FPS)
    edges = np.linspace(0.0, FPS / 2, 61)
    bins = np.clip(np.digitize(frequency, edges) - 1, 0, 59)
    energy = np.bincount(bins, power, 60) / np.maximum(np.bincount(bins, minlength=60), 1)
    filled = np.bincount(bins, minlength=60) > 0
    middles = ((edges[:-1] + edges[1:]) / 2)[filled]
    decibels = 10.0 * np.log10(energy[filled] / max(float(energy.max()), 1e-12) + 1e-9)
    ranges = (0.0, FPS / 2), (-60.0, 0.0)
    frame = chart_frame(*ranges, (440.0, 260.0))
    x = float(frame.across(FAST_HZ))
    mark = f'<path class="mark" d="M{x:.1f} {frame.y:g}v{frame.height:g}"/>'
    drawn = chart(
        [(middles.tolist(), decibels.tolist(), "curve")],
        x_range=ranges[0],
        y_range=ranges[1],
        titles=("Hz", "energy of the lips' motion, dB; right of the line is jitter"),
        marks=mark,
    )
    return f"<section class='card chart half'><h2>Spectrum of the motion</h2>{drawn}</section>"


def _seal_chart(take: JudgedTake) -> str:
    if not take.seal_curve:
        return ""
    points = [(false, recall, f"{limit:g} mm") for limit, recall, false in take.seal_curve]
    about = "What counts as shut: the point for each opening in mm (0.5 is the rule)."
    drawn = curve_chart([(points, "curve", "")], dots=("0.5 mm",))
    return (
        f"<section class='card chart'><h2>Closures against false ones</h2>{drawn}"
        f"<div class='soft'>{about}</div></section>"
    )


def curve_chart(
    curves: Sequence[tuple[Sequence[tuple[float, float, str]], str, str]],
    *,
    dots: Sequence[str] = (),
) -> str:
    """Closure recall over false closures per second.

    Parameters
    ----------
    curves : sequence of (points, str, str)
        Points are (false closures per second, recall, name); then the class and the label.
    dots : sequence of str
        Names of points to mark and label.
    """
    most = max([0.4, *(min(false, 2.0) for points, _, _ in curves for false, _, _ in points)])
    ranges = (0.0, most * 1.05), (0.0, 1.0)
    frame = chart_frame(*ranges, (440.0, 260.0))
    marks = []
    for points, _, label in curves:
        for false, recall, name in points:
            x, y = float(frame.across(false)), float(frame.up(recall))
            if false > ranges[0][1]:
                continue
            if name in dots:
                marks.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
                marks.append(text(x + 7, y + 12, name))
            else:
                marks.append(
                    f'<circle class="spot" cx="{x:.1f}" cy="{y:.1f}" r="2"><title>{escape(name)}: '
                    f"{recall:.2f} at {false:.2f}/s</title></circle>"
                )
        inside = [point for point in points if point[0] <= ranges[0][1]]
        if label and inside:
            x, y = float(frame.across(inside[-1][0])), float(frame.up(inside[-1][1]))
            marks.append(text(min(x, frame.x + frame.width - 60), y - 6, label))
    shown = [
        ([p[0] for p in points if p[0] <= ranges[0][1]],
         [p[1] for p in points if p[0] <= ranges[0][1]], kind)
        for points, kind, _ in curves
    ]  # fmt: skip
    goal = f'<path class="mark" d="M{frame.across(0.1):.1f} {frame.y:g}v{frame.height:g}"/>'
    return chart(
        shown,
        x_range=ranges[0],
        y_range=ranges[1],
        titles=("false closures per second of speech", "share of p b m with lips shut"),
        marks=goal + "".join(marks),
    )
