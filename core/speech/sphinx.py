"""The recogniser that some things need and nobody has to have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import RigtalkError

__all__ = ["needing_pocketsphinx"]


@contextmanager
def needing_pocketsphinx(what: str, instead: str) -> Iterator[None]:
    """Around imports of what needs pocketsphinx.

    Parameters
    ----------
    what : str
        That cannot be done without it.
    instead : str
        What the user may do without it.

    Raises
    ------
    RigtalkError
        If it is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "pocketsphinx":
            raise
        raise RigtalkError(
            f"{what} needs pocketsphinx: pip install pocketsphinx, or {instead}"
        ) from None
