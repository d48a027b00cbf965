"""Until rigs has them."""

try:
    from rigtalk.rigs.bones import BoneMatch, RestBone, bone_channels, closest_bones, match_bones
    from rigtalk.rigs.matching import all_matches
except ImportError:
    from rigtalk.rigs.matching import match_controls

    BoneMatch = RestBone = bone_channels = None

    def closest_bones(names):
        return None

    def match_bones(names):
        return None

    def all_matches(names):
        m = match_controls(names)
        if m is not None:
            object.__setattr__(m, "responses", {})
            object.__setattr__(m, "besides", ())
        return (m,) if m else ()
