"""The CUDA back end under the sanitizers of addresses and of undefined behaviour.

Every access of every emulated thread is watched, and so is a host that looks into the card's memory
or a graph whose memory was freed.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rigtalk.core.splat.native import compiling

from . import emulator

HERE = Path(__file__).parent
CHOSEN = "order or serves or captured_once or little_memory or (every_call and cudaMalloc)"


@pytest.mark.skipif(bool(emulator.why_not()), reason=emulator.why_not() or "it can be built")
def test_good_bad_and_failing_calls(tmp_path):
    compiler = compiling.find_compiler()
    runtimes = [
        subprocess.run(
            [compiler, f"-print-file-name={name}"], capture_output=True, text=True, check=True
        ).stdout.strip()
        for name in ("libasan.so", "libstdc++.so")
    ]
    if not all(Path(each).is_absolute() for each in runtimes):
        pytest.skip("needs libasan.so and libstdc++.so of the compiler")
    built = emulator.build(
        tmp_path, "-O0", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"
    )
    environment = {
        **os.environ,
        "RIGTALK_EMULATED": str(built),
        "LD_PRELOAD": " ".join(runtimes),
        "ASAN_OPTIONS": "detect_leaks=0",
        "OPENBLAS_NUM_THREADS": "1",
    }
    tests = [HERE / "test_cuda.py", HERE / "test_cuda_faults.py"]
    for words in (
        [HERE / "exercise.py", built],
        ["-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", CHOSEN],
    ):
        answer = subprocess.run(
            [sys.executable, *words], env=environment, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    assert "failed" not in answer.stdout
    assert "passed" in answer.stdout
