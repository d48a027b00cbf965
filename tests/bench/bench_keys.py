"""Keys: how few, how fast to work out and to write, beside what else there is for it.

Reduction is measured on performances of the embedded actor, at 60 fps; what it is compared with is
given the same curves and must keep to the same tolerance.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np
from recordings import LINE, ROOT, write_recording

from rigtalk import rigs
from rigtalk.blender_addon.animation.channel import Channel
from rigtalk.blender_addon.animation.curves import write_keys
from rigtalk.blender_addon.animation.keys import write_performance
from rigtalk.blender_addon.animation.options import KeyOptions
from rigtalk.blender_addon.animation.plan import plan_keys
from rigtalk.blender_addon.animation.snapshot import snapshot
from rigtalk.blender_addon.animation.write import write_plan
from rigtalk.core.actor import Actor
from rigtalk.core.keys.curve import linear_keys
from rigtalk.core.keys.reduction import reduce_keys
from rigtalk.core.performance import Performance

MINUTES = 10
FPS = 60
ONE_BY_ONE = 2000
SHARE = 0.005
MM = 0.1
COMPARED = 480
"""Frames of each curve on which the slow peers are tried."""
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


def channels_of(owner: bpy.types.Key, performance: Performance, count: int) -> list[Channel]:
    return [
        Channel(control, owner, f'key_blocks["k{index}"].value')
        for index, control in enumerate(performance.controls.names[:count])
    ]


def main() -> None:
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = FPS, 1.0
    written_whole(scene)
    with tempfile.TemporaryDirectory() as folder:
        minute = write_recording(Path(folder) / "minute.wav", 60.0)
        reduced(scene, minute)
        reach = head_reach()
        for name, path in (("embedded line", LINE), *recorded()):
            compared(name, Actor.load().perform(path, fps=FPS, rig="arkit"), reach)


def written_whole(scene: bpy.types.Scene) -> None:
    """A key on every frame of ten minutes."""
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
        performance = Performance(values=values, fps=float(FPS), controls=controls)
        channels = channels_of(owner, performance, count)
        begin = time.perf_counter()
        written = write_performance(performance, channels, scene=scene, start_frame=1)
        seconds = time.perf_counter() - begin
        bound, peer = raw_rate(values[:, 0]), one_by_one_rate(make_owner(1))
        print(
            f"| {count} | {written.keys:,} | {seconds:.2f} | {written.keys / seconds:,.0f} "
            f"| {bound:,.0f} | {peer:,.0f} |"
        )


def reduced(scene: bpy.types.Scene, minute: Path) -> None:
    """A minute of speech in few keys: what is worked out on a thread, and what blocks Blender."""
    print("\n## Reduced keys, 60 s at 60 fps\n")
    print(
        "| controls | dense keys | keys | times fewer | snapshot, ms | plan, s | write, ms "
        "| range: plan, s | range: write, ms |\n|---|---|---|---|---|---|---|---|---|"
    )
    options = KeyOptions(share=SHARE, mm=0.0)
    for rig, count in CASES:
        performance = Actor.load().perform(minute, fps=FPS, rig=rig)
        channels = channels_of(make_owner(count), performance, count)
        now, looking = timed(lambda c=channels: snapshot(c, scene=scene, options=options))
        plan, planning = timed(
            lambda p=performance, n=now: plan_keys(p, n, start_frame=1, options=options)
        )
        _, writing = timed(lambda p=plan, c=channels: write_plan(p, c))
        part = KeyOptions(share=SHARE, mm=0.0, span=(600, 900))
        now = snapshot(channels, scene=scene, options=part)
        again, replanning = timed(
            lambda p=performance, n=now, o=part: plan_keys(p, n, start_frame=1, options=o)
        )
        _, rewriting = timed(lambda p=again, c=channels: write_plan(p, c))
        dense = count * len(performance)
        print(
            f"| {count} | {dense:,} | {plan.keys:,} | {dense / plan.keys:.1f} "
            f"| {1e3 * looking:.0f} | {planning:.2f} | {1e3 * writing:.0f} "
            f"| {replanning:.2f} | {1e3 * rewriting:.0f} |"
        )


def compared(name: str, performance: Performance, reach: np.ndarray) -> None:
    """Keys at the goal's tolerance, and of peers on a part of the curves, in curves that move."""
    controls = performance.controls
    span = (controls.highs - controls.lows)[:52]
    tolerance = np.minimum(SHARE * span, MM / np.maximum(reach, 1e-9))
    values = performance.values[:, :52]
    moving = np.flatnonzero(np.ptp(values, axis=0) > tolerance)
    keys, seconds = timed(lambda: reduce_keys(values, tolerance))
    count = sum(map(len, keys))
    shown = sum(len(keys[column]) for column in moving)
    print(
        f"\n## {name}: {len(values) / FPS:.0f} s at {FPS} fps, {SHARE:.1%} of range or {MM} mm, "
        f"the tighter\n\n{values.size:,} dense keys in {count:,}: {values.size / count:.1f} times "
        f"fewer; {len(moving)} curves that move: {len(values) * len(moving) / shown:.1f} times; "
        f"{seconds:.2f} s.\n\n| way | keys | times fewer | seconds |\n|---|---|---|---|"
    )
    part = values[:COMPARED][:, moving[::5]]
    allowed = tolerance[moving[::5]]
    ways: tuple[tuple[str, Callable[[], int]], ...] = (
        ("ours", lambda: sum(map(len, reduce_keys(part, allowed)))),
        ("straight lines (Ramer, Douglas, Peucker)", lambda: straight(part, allowed)),
        (
            "`graph.decimate`, largest error that keeps the tolerance",
            lambda: decimated(part, allowed),
        ),
    )
    for way, count_of in ways:
        count, seconds = timed(count_of)
        print(f"| {way} | {count:,} | {part.size / count:.1f} | {seconds:.2f} |")


def straight(values: np.ndarray, tolerance: np.ndarray) -> int:
    """Keys with straight lines between them: split where the line is furthest off."""
    count = 0
    for column, allowed in enumerate(tolerance):
        curve, todo = values[:, column].astype(np.float64), [(0, len(values) - 1)]
        count += 1
        while todo:
            begin, end = todo.pop()
            line = np.linspace(curve[begin], curve[end], end - begin + 1)
            off = np.abs(curve[begin : end + 1] - line)
            at = begin + int(off.argmax())
            if off.max() > allowed:
                todo += [(begin, at), (at, end)]
            else:
                count += 1
    return count


def decimated(values: np.ndarray, tolerance: np.ndarray) -> int:
    """Keys of Blender's own way, in a graph editor that is opened for it."""
    # The operator works on every curve that the editor shows: nothing else may be there.
    bpy.ops.wm.read_homefile(use_empty=True)
    thing = bpy.data.objects.new("decimated", None)
    bpy.context.scene.collection.objects.link(thing)
    thing.keyframe_insert("location", index=0, frame=0)
    from rigtalk.blender_addon import compat

    curve = compat.curves_to_read(thing).fcurves[0]
    frames = np.arange(len(values))
    count = 0
    for column, allowed in enumerate(tolerance):
        # Its limit is on its own measure of error, so the largest that keeps ours is looked for.
        best = len(values)
        for limit in allowed * np.array([0.25, 0.5, 1.0, 2.0]):
            write_keys(curve, linear_keys(frames, values[:, column]))
            curve.keyframe_points.foreach_set("interpolation", np.full(len(frames), 2, np.int32))
            for point in curve.keyframe_points:
                point.handle_left_type = point.handle_right_type = "AUTO_CLAMPED"
                point.select_control_point = True
            curve.update()
            decimate(thing, float(limit))
            shown = np.array([curve.evaluate(frame) for frame in frames])
            if np.abs(shown - values[:, column]).max() <= allowed:
                best = min(best, len(curve.keyframe_points))
        count += best
    return count


def decimate(thing: bpy.types.Object, limit: float) -> bool:
    """Run the operator on the curves of an object; whether this Blender can."""
    bpy.context.view_layer.objects.active = thing
    thing.select_set(True)
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    area.type = "GRAPH_EDITOR"
    area.spaces.active.dopesheet.show_only_selected = False
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        return bpy.ops.graph.decimate(mode="ERROR", remove_error_margin=limit) == {"FINISHED"}


def head_reach() -> np.ndarray:
    """Millimetres that each of the 52 shapes moves the embedded head by, at 1."""
    from rigtalk.rigs.head import build_head

    head = build_head()
    return 1e3 * np.linalg.norm(head.shape_deltas, axis=2).max(axis=1)


def recorded() -> list[tuple[str, Path]]:
    """A person's speech, where there is some beside the repository."""
    folder = ROOT.parent / "shared" / "data" / "speech"
    return [(path.stem, path) for path in sorted(folder.glob("librispeech_segments/*.flac"))[:1]]


def timed(work: Callable) -> tuple:
    begin = time.perf_counter()
    result = work()
    return result, time.perf_counter() - begin


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
