"""Files that may be anything, opened with their size known."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ...errors import RigtalkError

__all__ = ["opened"]


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """A regular file to read, and its size in bytes.

    Raises
    ------
    RigtalkError
        If it is not there, not a file, empty, or cannot be read; or if memory runs out inside.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise RigtalkError(f"{path}: is a folder; name a file of Gaussians")
        if not stat.S_ISREG(mode):  # opening a pipe could wait for ever
            raise RigtalkError(f"{path}: is not a file")
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size == 0:
                raise RigtalkError(f"{path}: is empty (0 bytes)")
            yield file, size
    except FileNotFoundError:
        raise RigtalkError(f"{path}: no such file") from None
    except MemoryError:
        raise RigtalkError(f"{path}: too large for this computer's memory") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        if isinstance(error, ValueError) and "null" not in str(error):
            raise
        reason = getattr(error, "strerror", None) or error
        raise RigtalkError(f"{path}: cannot be read ({reason})") from None
