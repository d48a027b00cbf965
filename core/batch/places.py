"""Whether files can be read and written, and when two names mean one file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..errors import RigtalkError

__all__ = ["check_input", "check_output", "identity", "remove_parts"]

_PART = re.compile(r"\.(?P<name>.+)\.(?P<pid>\d+)\.part(?P<suffix>\.\w+)?@?")
"""Files being written, by `files.replacing` and by whoever saves scenes."""


def identity(path: Path) -> str:
    """The same text for two paths that lead to one file, existing or not."""
    # Some file systems take Hero.csv and hero.csv for one.
    return os.path.realpath(path).casefold()


def check_input(path: Path) -> None:
    """Raise RigtalkError unless there is a file that can be read."""
    try:
        if path.is_dir():
            raise RigtalkError(f"{path}: is a folder; name a file")
        path.stat()
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise RigtalkError(f"{path}: no such file") from None
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: a loop of links
        raise RigtalkError(f"{path}: cannot be read ({_why(error)})") from None


def check_output(path: Path) -> None:
    """Raise RigtalkError unless a file can be written there; folders are made when it is."""
    try:
        if path.is_dir():
            raise RigtalkError(f"{path}: is a folder; name a file to write")
        if path.exists() and not os.access(path, os.W_OK):
            raise RigtalkError(f"{path}: is write-protected")
        folder = Path(os.path.normpath(path.absolute().parent))
        while not os.path.lexists(folder):
            folder = folder.parent
        folder.stat()  # a loop of links says so
        if not folder.is_dir():
            raise RigtalkError(f"{path}: {folder} is no folder; name another output")
        if not os.access(folder, os.W_OK):
            raise RigtalkError(f"{path}: no permission to write into {folder}")
    except (OSError, ValueError, RuntimeError) as error:
        raise RigtalkError(f"{path}: cannot be written ({_why(error)})") from None


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def remove_parts(outputs: Iterable[Path], *, pid: int | None = None) -> None:
    """Remove what a worker that died had begun to write.

    Parameters
    ----------
    outputs : iterable of Path
        Files that were to be written.
    pid : int, optional
        The worker; every process that is no longer there, if absent.
    """
    names: dict[Path, set[str]] = {}
    for path in outputs:
        names.setdefault(path.absolute().parent, set()).update((path.name, path.stem))
    for folder, wanted in names.items():
        with suppress(OSError):
            for entry in list(os.scandir(folder)):
                match = _PART.fullmatch(entry.name)
                if not match or match["name"] not in wanted:
                    continue
                writer = int(match["pid"])
                if writer == pid or (pid is None and not _alive(writer)):
                    with suppress(OSError):
                        Path(entry.path).unlink()


def _alive(pid: int) -> bool:
    if os.name == "nt":  # there, asking ends the process
        return True
    with suppress(OSError):  # one that nobody has waited for is dead, too
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True
