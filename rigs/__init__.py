"""Rigs: what characters can do, by name, and how one rig's controls become another's."""

from .controls import Control, ControlSet
from .errors import RigtalkError
from .loading import control_set, control_set_names
from .mapping import Mapping, mapping

__all__ = [
    "Control",
    "ControlSet",
    "Mapping",
    "RigtalkError",
    "control_set",
    "control_set_names",
    "mapping",
]
