"""Keys written per second, beside Blender's own call for one key and a raw bulk write."""

import time

import bpy
import numpy as np

from rigtalk import rigs
from rigtalk.blender_addon.animation.keys import Channel, write_performance
from rigtalk.core.performance import Performance

MINUTES = 10
FPS = 60
ONE_BY_ONE = 2000
CASES = (("arkit", 52), ("metahuman-board", 185))


def make_owner(count: int) -> bpy.types.Key:
    """The shape keys of a one-vertex mesh: what is timed is the keys, not the mesh."""
    mesh = bpy.data.meshes.new("bench")
    mesh.from_pydata([(0.0, 0.0, 0.0)], [], [])
    object_ = bpy.data.objects.new("bench", mesh)
    bpy.context.scene.collection.objects.link(object_)
    object_.shape_key_add(name="Basis")
    for index in range(count):
        object_.shape_key_add(name=f"k{index}")
    return mesh.shape_keys


def main() -> None:
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = FPS, 1.0
    frames = MINUTES * 60 * FPS
    print(f"## Keys, {MINUTES} minutes at {FPS} fps, Blender {bpy.app.version_string}\n")
    print(
        "| controls | keys | seconds | keys/s | bound: one `foreach_set` a curve, keys/s "
        "| peer: `keyframe_insert`, keys/s |\n|---|---|---|---|---|---|"
    )
    for name, count in CASES:
        controls = rigs.control_set(name)
        values = np.random.default_rng(0).random((frames, len(controls)), dtype=np.float32)
        owner = make_owner(count)
        channels = [
            Channel(control, owner, f'key_blocks["k{index}"].value')
            for index, control in enumerate(controls.names[:count])
        ]
        performance = Performance(values=values, fps=float(FPS), controls=controls)
        begin = time.perf_counter()
        written = write_performance(performance, channels, scene=scene, start_frame=1)
        seconds = time.perf_counter() - begin
        bound, peer = raw_rate(values[:, 0]), one_by_one_rate(make_owner(1))
        print(
            f"| {count} | {written.keys:,} | {seconds:.2f} | {written.keys / seconds:,.0f} "
            f"| {bound:,.0f} | {peer:,.0f} |"
        )


def raw_rate(values: np.ndarray) -> float:
    """Keys per second of the least that Blender's API allows: add points, set, update."""
    owner = make_owner(1)
    owner.key_blocks[1].keyframe_insert("value", frame=0)
    action = owner.animation_data.action
    if hasattr(action, "fcurves"):
        curve = action.fcurves[0]
    else:
        curve = action.layers[0].strips[0].channelbag(owner.animation_data.action_slot).fcurves[0]
    points = np.stack([np.arange(1, len(values) + 1, dtype=np.float32), values], axis=1).ravel()
    begin = time.perf_counter()
    curve.keyframe_points.clear()
    curve.keyframe_points.add(len(values))
    curve.keyframe_points.foreach_set("co", points)
    curve.update()
    return len(values) / (time.perf_counter() - begin)


def one_by_one_rate(owner: bpy.types.Key) -> float:
    """Keys per second of `keyframe_insert`, which most scripts call."""
    block = owner.key_blocks[1]
    begin = time.perf_counter()
    for frame in range(ONE_BY_ONE):
        block.value = frame / ONE_BY_ONE
        block.keyframe_insert("value", frame=frame)
    return ONE_BY_ONE / (time.perf_counter() - begin)


if __name__ == "__main__":
    main()
