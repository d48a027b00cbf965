"""Rigs: what characters can do, by name, and how one rig's controls become another's."""

from .bones import BoneChannel, BoneMatch, RestBone, bone_channels, closest_bones, match_bones
from .controls import Control, ControlSet
from .errors import RigtalkError
from .listing import BoneRigRow, RigRow, known_bone_rigs, known_rigs
from .loading import control_set, control_set_names
from .mapping import Mapping, mapping
from .matching import Match, all_matches, closest_match, describe_match, match_controls
from .response import Response, Term

__all__ = [
    "BoneChannel",
    "BoneMatch",
    "BoneRigRow",
    "Control",
    "ControlSet",
    "Mapping",
    "Match",
    "Response",
    "RestBone",
    "RigRow",
    "RigtalkError",
    "Term",
    "all_matches",
    "bone_channels",
    "closest_bones",
    "closest_match",
    "control_set",
    "control_set_names",
    "describe_match",
    "known_bone_rigs",
    "known_rigs",
    "mapping",
    "match_bones",
    "match_controls",
]
