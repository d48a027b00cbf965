"""rigtalk: recorded dialogue becomes facial animation on a Blender rig."""

__version__ = "0.2.0"
