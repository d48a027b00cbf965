"""An hour needs no more memory than a minute: shown on 1 and 20 minutes."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

MEASURE = """
import resource, sys
from rigtalk.core.cli import main
status = main(sys.argv[1:])
print(status, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_megabytes(audio: Path, actor: Path) -> float:
    words = ["animate", audio, "-o", audio.with_suffix(".csv"), "--fps", "24", "--actor", actor]
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
    )
    status, peak = done.stdout.split()[-2:]
    assert status == "0", done.stderr
    return int(peak) / (2**20 if sys.platform == "darwin" else 2**10)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell a process's peak")
def test_memory_does_not_grow_with_length(tmp_path: Path, babble: np.ndarray, tiny_path: Path):
    peaks = {}
    for minutes in (1.5, 20):
        path = tmp_path / f"{minutes}.wav"
        with soundfile.SoundFile(path, "w", 16000, 1, "PCM_16") as file:
            for _ in range(round(minutes * 60 * 16000 / len(babble))):
                file.write(babble)
        peaks[minutes] = peak_megabytes(path, tiny_path)
    # The samples alone would be 71 MB more; loudness and events of a line are a few kB a second.
    assert peaks[20] - peaks[1.5] < 15
