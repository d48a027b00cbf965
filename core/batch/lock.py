"""One batch at a time in a folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ..errors import RigtalkError

__all__ = ["LOCK_NAME", "locked"]

LOCK_NAME = ".rigtalk-batch.lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The folder is ours while the block runs.

    The system holds the lock for the process, so that of one that died is gone; the file itself
    stays and means nothing.

    Raises
    ------
    RigtalkError
        If another process has it.
    """
    path = folder / LOCK_NAME
    try:
        file = path.open("a+b")
    except OSError as error:
        raise RigtalkError(f"{folder}: cannot be written to ({error.strerror})") from None
    with file:
        try:
            _lock(file)
        except OSError:
            file.seek(0)
            holder = file.read(32).decode("ascii", "replace").strip()
            who = f" (process {holder})" if holder.isdigit() else ""
            raise RigtalkError(
                f"{folder}: another batch{who} is at work there; wait for it, or give another "
                "folder with --out"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode())
        file.flush()
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(file: BinaryIO) -> None:
        file.seek(1 << 30)  # bytes that are locked cannot be read, and the holder's number shall be
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
