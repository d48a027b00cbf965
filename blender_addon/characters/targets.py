"""The one door to the characters of a scene."""

from .finding import Target, find_target, found_target, list_targets, mapping_owner
from .glances import Glance, glance, owners_of_glance

__all__ = [
    "Glance",
    "Target",
    "find_target",
    "found_target",
    "glance",
    "list_targets",
    "mapping_owner",
    "owners_of_glance",
]
