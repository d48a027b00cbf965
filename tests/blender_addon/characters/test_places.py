"""Places are read and written by name, whatever the names are made of."""

from __future__ import annotations

import bpy
import pytest

from rigtalk.blender_addon.characters import places
from rigtalk.core.errors import RigtalkError

ODD = 'a "quoted" ]["name\\ with. dots'


def test_shape_keys(make_mesh):
    face = make_mesh("Face", [ODD])
    place = places.shape_key_place(face, ODD)
    place.write(0.25)
    assert face.data.shape_keys.key_blocks[ODD].value == 0.25
    assert place.read() == 0.25


def test_properties_of_objects_data_and_bones(make_armature):
    rig = make_armature("Rig", ["jaw ]["])
    holders = {"": rig, "jaw ][": rig.pose.bones["jaw ]["]}
    for bone, holder in holders.items():
        holder[ODD] = 0.0
        place = places.property_place(rig, ODD, bone)
        place.write(0.5)
        assert (holder[ODD], place.read()) == (0.5, 0.5)
    rig.data["open"] = 0.0
    places.find_place(rig, kind="DATA", name="open").write(0.75)
    assert rig.data["open"] == 0.75


@pytest.mark.parametrize("channel", places.BONE_CHANNELS)
def test_every_channel_of_a_bone(make_armature, channel):
    rig = make_armature("Rig", ["jaw"])
    name = places.BONE_CHANNELS[channel]
    place = places.bone_place(rig, "jaw", channel)
    place.write(0.5)
    assert getattr(rig.pose.bones["jaw"], name.path)[name.index] == pytest.approx(0.5)
    assert place.read() == pytest.approx(0.5)
    assert place.group == "jaw"
    assert places.channel_id(name.path, name.index) == channel


def test_numbers_only(make_armature):
    rig = make_armature("Rig", ["jaw"])
    rig["text"], rig["whole"] = "no", 3
    with pytest.raises(RigtalkError, match="no number 'text'"):
        places.find_place(rig, kind="PROPERTY", name="text")
    assert places.find_place(rig, kind="PROPERTY", name="whole").read() == 3.0
    with pytest.raises(RigtalkError, match="no bone 'ear'"):
        places.find_place(rig, kind="PROPERTY", name="wide", bone="ear")
    with pytest.raises(RigtalkError, match="no shape key"):
        places.find_place(rig, kind="SHAPE_KEY", name="jawOpen")
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    with pytest.raises(RigtalkError, match="no bone 'jaw'"):
        places.find_place(camera, kind="BONE", name="jaw", channel="LOCATION_X")
