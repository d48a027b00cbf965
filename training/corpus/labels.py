"""Phone labels that people or other aligners made: Praat TextGrids and HTS full-context labels."""

from __future__ import annotations

import re
from pathlib import Path

from ..phones import from_arpabet
from .utterance import Phone

__all__ = ["read_labels"]

_HTS_UNITS = 1e-7
_INTERVAL = re.compile(
    r'xmin\s*=\s*([\d.]+)\s*\n\s*xmax\s*=\s*([\d.]+)\s*\n\s*text\s*=\s*"([^"]*)"'
)
_TIER = re.compile(r'class\s*=\s*"IntervalTier"\s*\n\s*name\s*=\s*"([^"]*)"')


def read_labels(path: Path) -> tuple[Phone, ...] | None:
    """Phones of a label file, or None if it holds no tier of ARPAbet phones.

    Parameters
    ----------
    path : Path
        ``.TextGrid`` in the long text format with a tier whose name contains ``phone``, or ``.lab``
        of HTS.
    """
    text = path.read_text("utf-8-sig")
    entries = _hts(text) if path.suffix == ".lab" else _textgrid(text)
    try:
        phones = [Phone(start, end, *from_arpabet(name)) for start, end, name in entries]
    except KeyError:
        return None
    return tuple(phones) or None


def _hts(text: str) -> list[tuple[float, float, str]]:
    entries = []
    for line in text.splitlines():
        start, end, context = line.split(maxsplit=2)
        found = re.search(r"-([^+]+)\+", context)
        name = found.group(1) if found else context
        entries.append((int(start) * _HTS_UNITS, int(end) * _HTS_UNITS, name))
    return entries


def _textgrid(text: str) -> list[tuple[float, float, str]]:
    # Praat breaks lines with a blank at their end.
    parts = _TIER.split(text)
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        if "phone" in name.lower():
            return [(float(a), float(b), symbol) for a, b, symbol in _INTERVAL.findall(body)]
    return []
