"""How a face moves when it speaks and feels: the ground truth that the actor learns from."""

from .model import FRAME_RATE, Targets, TimedPhone, articulate, frame_count
from .style import Style

__all__ = ["FRAME_RATE", "Style", "Targets", "TimedPhone", "articulate", "frame_count"]
