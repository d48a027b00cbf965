"""What Blender prints stays out of the way, and only meanwhile."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import os, sys
from rigtalk.blender_addon.quiet import quiet
print("before")
try:
    with quiet():
        print("python")
        os.write(1, b"as C writes\\n")
        raise KeyError
except KeyError:
    print("after", flush=True)
"""


def test_nothing_is_printed_inside_and_all_outside():
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["before", "after"]
