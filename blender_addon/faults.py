"""What Blender's operators say when they fail, in one line."""

from __future__ import annotations

__all__ = ["reason_of"]


def reason_of(fault: RuntimeError) -> str:
    """The telling line of an operator's error.

    Operators written in C say it first; those in Python end a traceback with it.
    """
    lines = [line.strip() for line in str(fault).splitlines()]
    lines = [line for line in lines if line and not line.startswith("Location:")]
    if not lines:
        return "Blender does not say why"
    telling = lines[-1] if any("Traceback" in line for line in lines) else lines[0]
    return telling.removeprefix("Error: ").removeprefix("OSError: ").rstrip(".")
