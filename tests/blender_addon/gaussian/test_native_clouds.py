"""Heads as Blender's own point clouds of Gaussians, as far as this Blender has them."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from rigtalk.blender_addon import compat
from rigtalk.blender_addon.gaussian.native_clouds import cloud_attributes, cloud_object, fill_cloud
from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.gaussians import Gaussians

pytestmark = pytest.mark.usefixtures("extension")


def some(count: int, k: int = 4) -> Gaussians:
    rng = np.random.default_rng(0)
    return Gaussians(
        rng.normal(size=(count, 3)),
        rng.normal(-3, 1, (count, 3)),
        rng.normal(size=(count, 4)),
        rng.normal(size=count),
        rng.normal(size=(count, k, 3)),
    )


def can_fill() -> bool:
    return bpy.app.version >= (5, 2, 0)


def test_attributes_are_those_of_blenders_importers() -> None:
    gaussians = some(7)
    found = cloud_attributes(gaussians)
    assert list(found) == [
        "position", "scale", "rotation", "radiance:base",
        "radiance:sh_0", "radiance:sh_1", "radiance:sh_2",
    ]  # fmt: skip
    np.testing.assert_array_equal(found["position"].values, gaussians.positions)
    np.testing.assert_allclose(found["scale"].values, np.exp(gaussians.log_scales), rtol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(found["rotation"].values, axis=1), 1, rtol=1e-6)
    base = found["radiance:base"].values
    np.testing.assert_array_equal(base[:, :3], gaussians.sh[:, 0])
    np.testing.assert_allclose(base[:, 3], 1 / (1 + np.exp(-gaussians.opacity_logits)), rtol=1e-6)
    np.testing.assert_array_equal(found["radiance:sh_1"].values, gaussians.sh[:, 2])


def test_the_operator_waits_for_the_version_that_can(with_head) -> None:
    bpy.context.view_layer.objects.active = with_head
    assert bpy.ops.rigtalk.gaussian_cloud.poll() == (bpy.app.version >= (5, 3, 0))
    if not compat.draws_gaussians():
        with pytest.raises(RuntimeError, match=r"5\.3"):
            bpy.ops.rigtalk.gaussian_cloud()


def test_clouds_are_filled_where_they_can_be(with_head) -> None:
    if not can_fill():
        with pytest.raises(RigtalkError, match=r"5\.3"):
            cloud_object(with_head, bpy.context)
        assert not len(bpy.data.pointclouds)
        return
    cloud = bpy.data.pointclouds.new("Cloud")
    for gaussians in (some(20), some(9, 1)):
        fill_cloud(cloud, gaussians)
        assert len(cloud.points) == len(gaussians)
        for name, attribute in cloud_attributes(gaussians).items():
            read = np.empty(attribute.values.size, np.float32)
            cloud.attributes[name].data.foreach_get(attribute.field, read)
            np.testing.assert_array_equal(read, attribute.values.ravel())
    assert not [a.name for a in cloud.attributes if a.name.startswith("radiance:sh")]
