"""Speed and memory, each beside a peer or a bound measured in the same run.

python build.py bench             every benchmark
python build.py bench speed keys  some of them
"""

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = ("speed", "memory", "keys", "batch", "panel", "splat", "gpu", "head")
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def main() -> int:
    parser = argparse.ArgumentParser(prog="build.py bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"any of {', '.join(NAMES)}")
    names = parser.parse_args().names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"unknown benchmark {sorted(unknown)[0]!r}: choose from {', '.join(NAMES)}")
    print(f"Machine: {machine()}\n")
    status = 0
    for name in names:
        # A fresh process each, so that one benchmark's memory and threads do not touch another's.
        status |= subprocess.run(
            [sys.executable, HERE / f"bench_{name}.py"], env={**os.environ, **ONE_CORE}, check=False
        ).returncode
        print()
    return status


def machine() -> str:
    """Processor, cores, memory and system, as figures quote it."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        lines = cpuinfo.read_text("utf-8").splitlines()
        model = next((x.partition(":")[2].strip() for x in lines if "model name" in x), model)
    python = platform.python_version()
    system = f"{platform.system()} {platform.machine()}"
    return f"{model}, {os.cpu_count()} cores, {system}, Python {python}"


if __name__ == "__main__":
    sys.exit(main())
