"""`rigtalk batch` over a thousand lines, beside a loop that calls `rigtalk animate` for each."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from recordings import LINE

LINES = 1000
SINGLE_LINES = 20
SCENES = 16
SINGLE_SCENES = 4
SECONDS = (2.0, 6.0)
PROCESSES = (1, 2)
HEAD = ("what", "lines a minute", "CPU s a line", "parent, MiB", "worker, MiB")
# The peak of the batch's own process, as it sees it: KiB on Linux, bytes on macOS.
PROBE = """
import resource, sys
from rigtalk.__main__ import main
status = main(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak / (2**20 if sys.platform == "darwin" else 2**10))
sys.exit(status)
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        spoken = write_clips(folder)
        print(f"## Batch: {LINES} lines, {spoken / 60:.0f} min of speech\n")
        print(f"| {' | '.join(HEAD)} |\n{'|---' * len(HEAD)}|", flush=True)
        figures = single(folder, SINGLE_LINES, "csv")
        row(f"a loop of `rigtalk animate` to CSV ({SINGLE_LINES} lines)", *figures)
        for count in PROCESSES:
            out = folder / f"curves{count}"
            row(
                f"`rigtalk batch` to CSV, {processes(count)}",
                *batch(folder, out, count, LINES, "csv"),
            )
        begin, busy = time.perf_counter(), cpu_seconds()
        run(["-m", "rigtalk", "batch", folder / "jobs.csv", "--out", out])
        again, busy = time.perf_counter() - begin, cpu_seconds() - busy
        if importlib.util.find_spec("bpy"):
            figures = single(folder, SINGLE_SCENES, "blend")
            row(f"a loop of `rigtalk animate` to .blend ({SINGLE_SCENES} lines)", *figures)
            for count in PROCESSES:
                out = folder / f"scenes{count}"
                figures = batch(folder, out, count, SCENES, "blend")
                row(f"`rigtalk batch` to {SCENES} .blend, {processes(count)}", *figures)
        print(f"\nThe same batch over again, with nothing to do: {again:.1f} s ({busy:.1f} s CPU).")


def processes(count: int) -> str:
    return f"{count} process" + "es" * (count > 1)


def row(name: str, rate: float, cpu: float, *memory: float) -> None:
    cells = [f"{rate:.0f}", f"{cpu:.3f}", *(f"{mib:.0f}" for mib in memory or (0, 0))]
    print(f"| {name} | {' | '.join(cells)} |".replace("| 0 ", "| "), flush=True)


def cpu_seconds() -> float:
    """Of all processes that have ended; what a busy machine does not blur."""
    times = os.times()
    return times.children_user + times.children_system


def write_clips(folder: Path) -> float:
    """Cuts of the embedded line, each another one; returns the seconds of all."""
    line, rate = soundfile.read(LINE, dtype="int16")
    rng = np.random.default_rng(0)
    total = 0.0
    for i in range(LINES):
        seconds = rng.uniform(*SECONDS)
        begin = rng.uniform(0, len(line) / rate - seconds)
        cut = line[int(begin * rate) : int((begin + seconds) * rate)]
        soundfile.write(folder / f"{i:04}.wav", cut, rate)
        total += seconds
    return total


def batch(folder: Path, out: Path, count: int, lines: int, suffix: str) -> tuple[float, ...]:
    """Lines a minute, CPU seconds a line, and peaks of the parent and of its workers in MiB."""
    jobs, report = folder / "jobs.csv", folder / "report.json"
    rows = "".join(f"{i:04}.wav,{i:04}.{suffix}\n" for i in range(lines))
    jobs.write_text(f"audio,outputs\n{rows}")
    words = ["batch", jobs, "--out", out, "--processes", str(count), "--json", report]
    begin, busy = time.perf_counter(), cpu_seconds()
    parent = float(run(["-c", PROBE, *words]).split()[-1])
    seconds, busy = time.perf_counter() - begin, cpu_seconds() - busy
    told = json.loads(report.read_text())
    assert told["counts"] == {"done": lines}, told["counts"]
    return 60 * lines / seconds, busy / lines, parent, told["worker_peak_mib"]


def single(folder: Path, lines: int, suffix: str) -> tuple[float, float]:
    """Lines a minute of one process after another, and CPU seconds a line."""
    begin, busy = time.perf_counter(), cpu_seconds()
    for i in range(lines):
        out = folder / f"single{i}.{suffix}"
        run(["-m", "rigtalk", "animate", folder / f"{i:04}.wav", "-o", out])
    return 60 * lines / (time.perf_counter() - begin), (cpu_seconds() - busy) / lines


def run(words: list) -> str:
    return subprocess.run(
        [sys.executable, *words], check=True, capture_output=True, text=True
    ).stdout


if __name__ == "__main__":
    main()
