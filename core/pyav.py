"""PyAV, which is there only where somebody wants videos."""

from __future__ import annotations

from typing import Any

from .errors import RigtalkError

__all__ = ["pyav"]


def pyav(purpose: str, instead: str = "") -> Any:
    """The module ``av``.

    Parameters
    ----------
    purpose : str
        What needs it, for the complaint: "a video".
    instead : str
        What can be done without it.

    Raises
    ------
    RigtalkError
        If it is not installed.
    """
    try:
        import av
        import av.audio.resampler
        import av.logging
    except ImportError:
        advice = f"; {instead}" if instead else ""
        raise RigtalkError(f'{purpose} needs PyAV: pip install "rigtalk[video]"{advice}') from None
    return av
