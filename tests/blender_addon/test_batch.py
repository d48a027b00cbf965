"""A batch whose workers run a real Blender."""

from __future__ import annotations

import json

import bpy
import numpy as np

from rigtalk import rigs
from rigtalk.blender_addon.animation import keys
from rigtalk.blender_addon.characters import targets
from rigtalk.blender_addon.host import BlenderHost
from rigtalk.blender_addon.scenes import open_scene
from rigtalk.core.actor import Actor
from rigtalk.core.cli import main
from rigtalk.core.direction import Direction


def test_a_scene_and_curves_of_one_line(line, tmp_path, capsys):
    jobs = tmp_path / "jobs.toml"
    jobs.write_text(
        f"[[line]]\naudio = '{line}'\nfps = 24\nemotion = 'joy=0.5'\nseed = 2\nstart = 5\n"
        "outputs = ['{name}.blend', '{name}.npz']\n"
    )
    report = tmp_path / "report.json"
    words = ["batch", str(jobs), "--processes", "1", "--json", str(report)]
    assert main(words, BlenderHost()) == 0
    assert capsys.readouterr() == ("", "")
    assert json.loads(report.read_text())["counts"] == {"done": 1}
    expected = Actor.load().perform(line, Direction({"joy": 0.5}, seed=2), fps=24, rig="arkit")
    with np.load(tmp_path / "line.npz", allow_pickle=False) as curves:
        # A worker has one thread; sums of several end on other digits.
        np.testing.assert_allclose(curves["values"], expected.values, atol=1e-5)
    open_scene(tmp_path / "line.blend")
    target = targets.find_target(bpy.data.objects["Head"])
    found = keys.read_performance(
        target.channels,
        rigs.control_set("arkit"),
        scene=bpy.context.scene,
        start_frame=5,
        frames=len(expected),
    )
    np.testing.assert_allclose(found.values[:, :52], expected.values[:, :52], atol=1e-5)
