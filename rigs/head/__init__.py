"""The embedded head: a human head with the 52 ARKit shapes, made by code."""

from .build import build_head
from .measure import MouthMeasures, measure_mouth
from .model import Head

__all__ = ["Head", "MouthMeasures", "build_head", "measure_mouth"]
