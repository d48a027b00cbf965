"""A batch as one page that needs nothing else."""

from __future__ import annotations

from html import escape

from ..judge.html import page
from .progress import duration
from .summary import DONE, FAILED, LEFT, SKIPPED, Result, Summary

__all__ = ["as_html"]

ORDER = (FAILED, LEFT, DONE, SKIPPED)
"""What needs a look comes first."""
COLOURS = {FAILED: "bad", LEFT: "odd", DONE: "good", SKIPPED: "soft"}
STYLE = """<style>.jobs td{vertical-align:top;overflow-wrap:anywhere}.jobs td:first-child{
white-space:normal}.jobs td.n{white-space:nowrap}.count{display:inline-block;margin-right:28px}
.count b{font-size:26px;display:block}.odd{color:var(--odd)}.jobs small{color:var(--soft);
display:block}</style>"""


def as_html(summary: Summary) -> str:
    """The page: how many, how fast, and every line with where it went and what was said."""
    counts = summary.counts
    numbers = "".join(
        f"<span class='count {COLOURS[status]}'><b>{counts[status]}</b>{status}</span>"
        for status in (DONE, SKIPPED, FAILED, LEFT)
        if counts[status] or status == DONE
    )
    rate = 60 * counts[DONE] / summary.seconds if summary.seconds else 0.0
    facts = [duration(summary.seconds)]
    if counts[DONE]:
        facts.append(f"{rate:.0f} lines a minute with {summary.processes} processes")
    if summary.peak_memory:
        facts.append(f"at most {summary.peak_memory:.0f} MiB in a process")
    if summary.interrupted:
        facts.append("stopped before the end: run it again to go on")
    results = sorted(summary.results, key=lambda result: ORDER.index(_status(result)))
    longest = max((result.seconds for result in results), default=0.0) or 1.0
    rows = "".join(_row(result, longest) for result in results)
    head = "<tr><th>line</th><th>status</th><th>files</th><th class='n'>seconds</th><th></th></tr>"
    title = f"rigtalk batch: {summary.jobs.name}"
    return page(
        title,
        f"{STYLE}<h1>{escape(title)}</h1><div class='soft'>{escape(' · '.join(facts))}</div>"
        f"<div class='card'>{numbers}</div>"
        f"<div class='card'><table class='jobs'>{head}{rows}</table></div>",
    )


def _status(result: Result) -> str:
    return result.status if result.over else LEFT


def _row(result: Result, longest: float) -> str:
    status = _status(result)
    said = "".join(f"<div class='bad'>{escape(text)}</div>" for text in result.errors)
    said += "".join(f"<small>{escape(text)}</small>" for text in result.notes)
    files = "<br>".join(escape(str(path)) for path in result.outputs)
    character = f"<small>{escape(result.character)}</small>" if result.character else ""
    seconds = f"{result.seconds:.2f}" if result.seconds else ""
    width = 100 * result.seconds / longest
    bar = f"<div class='bar' style='width:{width:.1f}%'></div>" if result.seconds else ""
    return (
        f"<tr><td>{escape(result.label)}{character}</td>"
        f"<td class='{COLOURS[status]}'>{status}</td><td>{files}{said}</td>"
        f"<td class='n'>{seconds}</td><td style='width:12%'>{bar}</td></tr>"
    )
