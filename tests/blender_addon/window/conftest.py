"""A window of a real Blender, with the built extension."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .launching import find_window, why_no_window

ARCHIVE_VARIABLE = "RIGTALK_EXTENSION"
RunScript = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def archive(root: Path) -> Path:
    """The extension as users get it; one that is built already may be named."""
    if ARCHIVE_VARIABLE in os.environ:
        return Path(os.environ[ARCHIVE_VARIABLE])
    command = [sys.executable, root / "build.py", "extension"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return Path(answer.stdout.strip().splitlines()[-1])


@pytest.fixture
def run_script(request: pytest.FixtureRequest, tmp_path: Path) -> RunScript:
    """Runs a script beside this file in a window; its report comes back."""
    reason = why_no_window()
    if reason:
        pytest.skip(reason)
    archive: Path = request.getfixturevalue("archive")

    def run(name: str, *arguments: str | Path, simulate: bool = False) -> dict[str, Any]:
        script = Path(__file__).with_name(name)
        return find_window().run(script, tmp_path, archive, *arguments, simulate=simulate)

    return run
