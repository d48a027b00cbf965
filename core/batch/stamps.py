"""Whether a file is still the one it was: by size and time, and where these differ by content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

__all__ = ["Stamps", "unchanged"]

Stamp = list[Any]
"""Size, time of the last change in ns, digest of the content."""
CHUNK = 1 << 20


class Stamps:
    """Stamps of files, each read only once while it does not change."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int], str] = {}

    def of(self, path: Path) -> Stamp | None:
        """The stamp of a file; None if it is not there or cannot be read."""
        try:
            facts = path.stat()
            key = (str(path), facts.st_size, facts.st_mtime_ns)
            if key not in self._known:
                self._known[key] = _digest(path)
            return [facts.st_size, facts.st_mtime_ns, self._known[key]]
        except OSError:
            return None


def unchanged(path: Path, stamp: Any) -> bool:
    """Whether a file has the content that it had when it was stamped."""
    try:
        size, changed, digest = stamp
        facts = path.stat()
        if facts.st_size != size:
            return False
        return facts.st_mtime_ns == changed or _digest(path) == digest
    except (OSError, TypeError, ValueError):
        return False


def _digest(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
