"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rigtalk.core.errors import RigtalkError

__all__ = ["check_writable", "staged"]


def check_writable(paths: Sequence[Path]) -> None:
    """Raise RigtalkError if one of the files could not be written."""
    for path in paths:
        if path.is_dir():
            raise RigtalkError(f"cannot write {path}: it is a folder; give the name of a file")
        if not path.parent.is_dir():
            raise RigtalkError(f"cannot write {path}: there is no folder {path.parent}; make it")
        if path.exists() and not os.access(path, os.W_OK):  # renaming would not mind
            raise RigtalkError(f"cannot write {path}: it is write-protected")
        if not os.access(path.parent, os.W_OK):
            raise RigtalkError(f"cannot write {path}: the folder {path.parent} is read-only")


@contextmanager
def staged(paths: Sequence[Path]) -> Iterator[dict[Path, Path]]:
    """Files beside the final ones to write to; they take their place together at the end.

    Yields
    ------
    dict of Path to Path
        For each final path, the one to write to.

    Raises
    ------
    RigtalkError
        If one was not written. What existed before is then as it was.
    """
    check_writable(paths)
    beside = {
        path: path.absolute().with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
        for path in paths
    }
    try:
        yield beside
        for path, part in beside.items():
            if not part.is_file() or part.stat().st_size == 0:
                raise RigtalkError(f"cannot write {path}: nothing arrived; is the disk full?")
        for path, part in beside.items():
            part.replace(path)
    except OSError as fault:
        where = ", ".join(str(path) for path in paths)
        raise RigtalkError(f"cannot write {where}: {fault.strerror or fault}") from None
    finally:
        for part in beside.values():
            part.unlink(missing_ok=True)
