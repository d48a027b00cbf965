"""Speech to performance: audio, features, the actor, curves and their files.

The names below are loaded when first used: whoever needs curves only (an add-on that starts up, a
trainer) does not load the audio library and the network's runtime.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .actor import Actor, Cancelled
    from .audio import AudioSource, Clip, open_audio, read_clip
    from .direction import EMOTIONS, STRENGTH_REGIONS, Direction
    from .errors import RigtalkError
    from .files import read_performance, write_performance
    from .performance import Performance, concatenate
    from .script import Script

__all__ = [
    "EMOTIONS",
    "STRENGTH_REGIONS",
    "Actor",
    "AudioSource",
    "Cancelled",
    "Clip",
    "Direction",
    "Performance",
    "RigtalkError",
    "Script",
    "concatenate",
    "open_audio",
    "read_clip",
    "read_performance",
    "write_performance",
]

_HOMES = {
    "Actor": "actor",
    "AudioSource": "audio",
    "Cancelled": "actor",
    "Clip": "audio",
    "Direction": "direction",
    "EMOTIONS": "direction",
    "Performance": "performance",
    "RigtalkError": "errors",
    "Script": "script",
    "STRENGTH_REGIONS": "direction",
    "concatenate": "performance",
    "open_audio": "audio",
    "read_clip": "audio",
    "read_performance": "files",
    "write_performance": "files",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
