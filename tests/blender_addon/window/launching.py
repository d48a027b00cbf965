"""Starts a real Blender on a virtual screen, on this system or in a chroot that has one.

The chroot is for systems whose own Blender is missing; Debian's is made in a minute by

    mmdebstrap --variant=minbase \\
        --include=blender,python3-numpy,xvfb,xauth,libgl1-mesa-dri,libegl1,fonts-dejavu-core \\
        trixie FOLDER

and named in the environment variable RIGTALK_BLENDER_ROOT. Nothing stays mounted or running.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["ROOT_VARIABLE", "Window", "find_window", "why_no_window"]

ROOT_VARIABLE = "RIGTALK_BLENDER_ROOT"
SCREEN = (1600, 900)
SECONDS = 180
INTO_ROOT = """
mount --make-rprivate / &&
mount -t proc proc "$0/proc" &&
mount --rbind /dev "$0/dev" &&
for folder in $1; do mkdir -p "$0$folder" && mount --rbind "$folder" "$0$folder" || exit; done
root=$0; shift
chroot "$root" "$@"
exit $?
"""
"""Shell in a namespace of its own: $0 is the chroot, $1 folders to show in it, the rest runs.
The shell stays, for Xvfb does not tell process 1 that it is ready."""


@dataclass(frozen=True)
class Window:
    """How to get a Blender with a window.

    Attributes
    ----------
    root : Path or None
        The chroot it is in; None for this system.
    """

    root: Path | None

    def run(
        self, script: Path, folder: Path, *arguments: str | Path, simulate: bool = False
    ) -> dict[str, Any]:
        """Run the steps of a script in a new window with factory settings.

        Parameters
        ----------
        script : Path
            Has ``steps(window)``: see driver.py.
        folder : Path
            Gets report.json and the pictures.
        arguments : str or Path
            For the script; the folders of absolute paths are visible to it.
        simulate : bool
            Whether the script clicks and presses keys. Blender's main loop then never sleeps,
            so that times are those of a machine with one core less.

        Returns
        -------
        dict
            The report.

        Raises
        ------
        AssertionError
            With what Blender printed, if a step failed or Blender did.
        """
        driver = Path(__file__).with_name("driver.py")
        width, height = SCREEN
        screen = f"-screen 0 {width}x{height}x24 +extension GLX -fbdir {folder}"
        resources = folder / "resources"
        resources.mkdir(exist_ok=True)
        command: list[str | Path] = [
            "env", f"BLENDER_USER_RESOURCES={resources}", "LIBGL_ALWAYS_SOFTWARE=1",
            "xvfb-run", "-a", "-s", screen,
            "blender", "--factory-startup", *(["--enable-event-simulate"] if simulate else []),
            "--no-window-focus", "--window-geometry", "0", "0", str(width), str(height),
            "--python-exit-code", "3",
            "--python", driver, "--", script, folder, *arguments,
        ]  # fmt: skip
        if self.root is not None:
            shown = [folder, Path(__file__).parent, *(Path(a).parent for a in arguments)]
            command = [*_into(self.root, shown), *command]
        answer = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=SECONDS
        )
        said = f"{answer.stdout[-3000:]}\n{answer.stderr[-3000:]}"
        path = folder / "report.json"
        assert path.is_file(), f"Blender ended with {answer.returncode}, no report:\n{said}"
        report: dict[str, Any] = json.loads(path.read_text())
        assert "fault" not in report, f"{report['fault']}\n{said}"
        return report | {"said": said}


def why_no_window() -> str:
    """Why there is no window here; empty if there can be one."""
    named = os.environ.get(ROOT_VARIABLE)
    if not named:
        missing = [tool for tool in ("blender", "xvfb-run") if shutil.which(tool) is None]
        hint = f"install blender and xvfb, or name a chroot that has them in {ROOT_VARIABLE}"
        return f"no {' and no '.join(missing)} on the PATH: {hint}" if missing else ""
    if not (Path(named) / "usr/bin/blender").exists():
        return f"{ROOT_VARIABLE} is {named}, but there is no usr/bin/blender in it"
    tried = subprocess.run(
        [*_into(Path(named), []), "true"], capture_output=True, text=True, check=False
    )
    return f"cannot enter {named}: {tried.stderr.strip()}" if tried.returncode else ""


def find_window() -> Window:
    """The Blender to use, where `why_no_window` has no objection."""
    named = os.environ.get(ROOT_VARIABLE)
    return Window(Path(named) if named else None)


def _into(root: Path, folders: list[Path]) -> list[str | Path]:
    shown = " ".join(str(folder) for folder in dict.fromkeys(folders) if folder.is_absolute())
    isolated = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    return [*isolated, "--", "sh", "-c", INTO_ROOT, root, shown, "env", "-i",
            "HOME=/root", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"]  # fmt: skip
