"""`rigtalk head` from end to end: a recording to a video, to pictures, to files of Gaussians."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from bench_splat import covered, head_mesh

from rigtalk.core.splat.files.head_file import write_head
from rigtalk.rigs.head.build import build_head

LINE = Path(__file__).resolve().parents[2] / "core" / "data" / "line.flac"
COUNT = 50_000
FPS = 30


def main() -> None:
    frames = int(np.ceil(soundfile.info(str(LINE)).duration * FPS)) + 1
    drawn = build_head()
    head = covered(head_mesh(), COUNT)
    head = replace(
        head, shape_names=drawn.shape_names, shape_deltas=drawn.shape_deltas.astype(np.float16)
    )
    # One core for numpy and onnxruntime, but all for what draws and encodes.
    print(
        f"## `rigtalk head` on {COUNT // 1000} k Gaussians, {frames} frames of the embedded line; "
        f"load of the machine {os.getloadavg()[0]:.1f}\n\n"
        "| what, the whole command | seconds | CPU seconds | frames a second | MB |\n"
        "|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        hero, curves = folder / "hero.splathead", folder / "line.csv"
        write_head(hero, head)
        rigtalk("animate", LINE, "-o", curves, "--fps", FPS)
        for what, count, words in (
            ("recording to MP4, 720 x 720", frames, ("render", LINE, "line.mp4")),
            ("recording to MP4, 512 x 512", frames, ("render", LINE, "s.mp4", "--size", "512x512")),
            (
                "curves to PNGs with alpha, 720 x 720",
                48,
                ("render", curves, "p", "--frames", ":48"),
            ),
            ("curves to PLY", 24, ("export", curves, "ply", "--frames", ":24")),
            ("curves to SPZ", 24, ("export", curves, "spz", "--frames", ":24", "--format", "spz")),
        ):
            verb, line, name, *more = words
            out = folder / str(name)
            wall, busy = rigtalk("head", verb, hero, line, "-o", out, *more)
            size = sum(p.stat().st_size for p in ([out] if out.is_file() else out.iterdir()))
            cells = [what, f"{wall:.1f}", f"{busy:.1f}", f"{count / wall:.0f}", f"{size / 1e6:.1f}"]
            print(f"| {' | '.join(cells)} |", flush=True)


def rigtalk(*words: object) -> tuple[float, float]:
    """Seconds of a command, start included: on the clock, and of all processors."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "rigtalk", *(str(word) for word in words)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begin
    spent = [after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime]
    return wall, sum(spent)


if __name__ == "__main__":
    main()
