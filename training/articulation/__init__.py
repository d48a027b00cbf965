"""How a face moves when it speaks and feels: the ground truth that the actor learns from."""

from .facegood import CAPTURED, facegood_seal, facegood_to_arkit, facegood_to_metahuman
from .model import FRAME_RATE, Targets, TimedPhone, articulate, frame_count
from .style import Style

__all__ = [
    "CAPTURED",
    "FRAME_RATE",
    "Style",
    "Targets",
    "TimedPhone",
    "articulate",
    "facegood_seal",
    "facegood_to_arkit",
    "facegood_to_metahuman",
    "frame_count",
]
