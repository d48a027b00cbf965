"""Peak memory of `rigtalk animate` for a minute, ten minutes and an hour of audio."""

import subprocess
import sys
import tempfile
from pathlib import Path

from recordings import write_recording

MINUTES = (1, 10, 60)
# The peak of a child process, as that process sees it: KiB on Linux, bytes on macOS.
PROBE = """
import resource, sys
from rigtalk.core.cli import main
status = main(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak / (2**20 if sys.platform == "darwin" else 2**10))
sys.exit(status)
"""
# What holding everything at once would take at least: 16 kHz float32 samples, 64 mel bands at
# 100 Hz and 61 curves at 60 fps.
BYTES_PER_SECOND_HELD = 4 * (16000 + 64 * 100 + 61 * 60)


def main() -> None:
    print("## Peak memory of `rigtalk animate` to a CSV\n")
    print("| audio | peak, MiB | bound: all of it held at once, MiB |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for minutes in MINUTES:
            audio = write_recording(Path(folder) / "line.wav", 60.0 * minutes)
            words = ["animate", audio, "-o", Path(folder) / "line.csv"]
            answer = subprocess.run(
                [sys.executable, "-c", PROBE, *words], capture_output=True, text=True, check=True
            )
            peak = float(answer.stdout.split()[-1])
            held = BYTES_PER_SECOND_HELD * minutes * 60 / 2**20
            print(f"| {minutes} min | {peak:.0f} | {held:.0f} + the program |", flush=True)


if __name__ == "__main__":
    main()
