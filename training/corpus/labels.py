"""Phone labels that people or other aligners made, where they are fit to train on."""

from __future__ import annotations

from pathlib import Path

from rigtalk.core.speech import labels
from rigtalk.rigs.errors import RigtalkError

from .utterance import Phone

__all__ = ["read_labels"]


def read_labels(path: Path) -> tuple[Phone, ...] | None:
    """Phones of a label file, or None if it has a phone that is not known, or none.

    Parameters
    ----------
    path : Path
        As `rigtalk.core.speech.labels.read_labels` takes it.
    """
    try:
        read = labels.read_labels(path)
    except RigtalkError:
        return None
    return None if read.unknown else read.phones
