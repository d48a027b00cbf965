"""Until rigs has them."""

try:
    from rigtalk.rigs.bones import BoneMatch, RestBone, bone_channels, closest_bones, match_bones
except ImportError:
    BoneMatch = RestBone = bone_channels = None

    def closest_bones(names):
        return None

    def match_bones(names):
        return None
