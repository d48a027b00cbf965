"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ..errors import RigtalkError

__all__ = ["replacing"]


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes its final name when the block ends well.

    Parameters
    ----------
    path : Path
        Where it shall be. An existing file is replaced, at the end only.

    Raises
    ------
    RigtalkError
        If it cannot be written, for lack of space or of permission. Nothing is left behind.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.is_dir():
            raise RigtalkError(f"{path}: is a folder; name a file to write")
        if path.exists() and not os.access(path, os.W_OK):  # renaming would not mind
            raise RigtalkError(f"{path}: is write-protected")
        with beside.open("wb") as file:
            yield file
        beside.replace(path)
    except OSError as error:
        raise RigtalkError(f"{path}: cannot be written ({error.strerror or error})") from None
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
