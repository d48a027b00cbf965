"""Seeded layers: what a face does by itself, whatever it says."""

from .layers import Layers

__all__ = ["Layers"]
