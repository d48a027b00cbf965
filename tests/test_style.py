"""Format, lint and types: what a reviewer need not look at."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOMS = ("core", "rigs", "training", "blender_addon")


def _run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_ruff_would_format_nothing_differently(root):
    result = _run("ruff", "format", "--check", "--quiet", "--diff", ".", cwd=root)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr


def test_ruff_finds_nothing(root):
    result = _run("ruff", "check", "--quiet", "--output-format=concise", ".", cwd=root)
    assert result.returncode == 0, result.stdout + result.stderr


def test_types_hold(root, tmp_path):
    result = _mypy(root, tmp_path)
    assert result.returncode == 0, _at_home(result.stdout) + result.stderr


def test_the_type_check_sees_through_the_rooms(root, tmp_path):
    """A wrong call from one room into another, and a function without types, are both found."""
    mistake = tmp_path / "rigtalk" / "core" / "mistake.py"
    mistake.parent.mkdir(parents=True)
    mistake.write_text(
        "from rigtalk.rigs import control_set\n\n\n"
        "def wrong(name):\n    return name\n\n\n"
        "index: str = control_set(3).index('jawOpen')\n"
    )
    found = _at_home(_mypy(root, tmp_path, "rigtalk.core.mistake").stdout)
    assert "core/mistake.py:4: error: Function is missing a type annotation" in found
    assert 'core/mistake.py:8: error: Argument 1 to "control_set"' in found
    assert "core/mistake.py:8: error: Incompatible types in assignment" in found


def _mypy(root: Path, folder: Path, *modules: str) -> subprocess.CompletedProcess[str]:
    """Types over a copy in which the rooms lie where packaging puts them."""
    package = folder / "rigtalk"
    shutil.copytree(root / "rigtalk", package, dirs_exist_ok=True)
    for room in ROOMS:
        shutil.copytree(
            root / room,
            package / room,
            dirs_exist_ok=True,
            ignore=lambda at, names: {
                name for name in names if Path(at, name).is_file() and not name.endswith(".py")
            },
        )
    chosen = [option for module in modules for option in ("-m", module)] or ["-p", "rigtalk"]
    config = root / "pyproject.toml"
    return _run("mypy", "--config-file", str(config), "--no-error-summary", *chosen, cwd=folder)


def _at_home(report: str) -> str:
    """Paths as they are in the repository: rooms lie at its top."""
    for room in ROOMS:
        report = report.replace(f"rigtalk/{room}/", f"{room}/")
    return report
