"""Settings that are other ones for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

__all__ = ["Change", "changed"]

Change = tuple[Any, str, Any]
"""Owner, attribute, value."""


@contextmanager
def changed(wanted: Sequence[Change]) -> Iterator[None]:
    """Attributes set to other values in turn, and back in the same order.

    What others depend on comes first: the kind of an output before its format.
    """
    before = [(owner, name, _value(owner, name)) for owner, name, _ in wanted]
    done: list[Change] = []
    try:
        for change, (owner, name, value) in zip(before, wanted, strict=True):
            done.append(change)
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in done:
            setattr(owner, name, value)


def _value(owner: Any, name: str) -> Any:
    """An attribute's value now; an array is copied, or it would change with the attribute."""
    value = getattr(owner, name)
    return tuple(value) if hasattr(value, "__len__") and not isinstance(value, str) else value
