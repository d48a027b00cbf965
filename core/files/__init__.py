"""Curves in files: Live Link Face CSV, JSON and NPZ."""

from .formats import CURVE_SUFFIXES, read_performance, write_performance
from .livelink import LiveLinkTake, read_livelink, write_livelink

__all__ = [
    "CURVE_SUFFIXES",
    "LiveLinkTake",
    "read_livelink",
    "read_performance",
    "write_livelink",
    "write_performance",
]
