"""Steps in a real window: Gaussians are where their mesh is, in their own colours, and move."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy
from mathutils import Matrix, Quaternion, Vector

sys.path.append(str(Path(__file__).parent))
from gaussian_scene import (
    SETTLED,
    addon,
    begin,
    covered,
    figures,
    head,
    main_area,
    pixel,
    region_of,
    show,
    told,
)


def steps(window: Any) -> Iterator[Any]:
    yield from begin(window)
    yield from views(window, window.arguments[1])
    yield from colour(window)
    yield from depth(window)
    yield from speech(window)
    yield from passepartout(window)
    yield from portrait(window, window.arguments[2])


def views(window: Any, file: str) -> Iterator[Any]:
    """Gaussians cover what the mesh covers, however one looks at it."""
    area = main_area(window)
    space = area.spaces.active
    view, lens = space.region_3d, bpy.context.scene.camera.data
    space.overlay.show_overlays = space.show_region_header = False
    lens.shift_x, lens.shift_y = 0.15, -0.1
    head().rigtalk_gaussian.filepath = file
    window.report["agree"] = {}
    for name in ("PERSP", "ORTHO", "CAMERA"):
        view.view_perspective = name
        show(False)
        yield from window.picture(f"{name.lower()}_mesh")
        mesh = covered(window, region_of(area))
        show(True)
        yield SETTLED
        yield from window.picture(f"{name.lower()}_gaussians")
        gaussians = covered(window, region_of(area))
        both = (mesh & gaussians).sum()
        window.report["agree"][name] = {
            "of the mesh": round(float(both / mesh.sum()), 4),
            "of both": round(float(both / (mesh | gaussians).sum()), 4),
        }
    front = view.view_rotation.copy()
    with window.inside(area):
        bpy.ops.screen.region_quadview()
    yield SETTLED
    yield from window.picture("quad")
    regions = [region for region in area.regions if region.type == "WINDOW"]
    window.report["quad"] = [round(float(covered(window, r).mean()), 3) for r in regions]
    with window.inside(area):
        bpy.ops.screen.region_quadview()
    view = space.region_3d
    view.view_perspective, view.view_rotation, view.view_distance = "PERSP", front, 0.05
    yield from window.picture("inside")
    view.view_distance = 2.0
    yield SETTLED


def colour(window: Any) -> Iterator[Any]:
    """What is drawn is what is seen, whatever the view transform and the overlays."""
    space = main_area(window).spaces.active
    window.report["colours"] = {}
    cheek = head().matrix_world @ Vector((0.03, -0.09, 0.0))
    for overlays, transform in ((False, "AgX"), (False, "Standard"), (True, "Standard")):
        space.overlay.show_overlays = overlays
        bpy.context.scene.view_settings.view_transform = transform
        yield 0.3
        yield from window.picture("colour")
        window.report["colours"][f"{transform} {overlays}"] = pixel(window, cheek)


def depth(window: Any) -> Iterator[Any]:
    """A block before the head hides it, one behind is hidden, one in its neck comes out of it."""
    space = main_area(window).spaces.active
    space.overlay.show_overlays = False
    towards = space.region_3d.view_rotation @ Vector((0.0, 0.0, 1.0))
    brow, neck = (head().matrix_world @ Vector((0.0, -0.05, z)) for z in (0.1, -0.12))
    places = {"before": (neck, 0.6), "behind": (brow, -0.6), "out of it": (brow, 0.15)}
    window.report["depth"] = {}
    for name, (place, way) in places.items():
        bpy.ops.mesh.primitive_cube_add(size=0.1, location=place + way * towards)
        block = bpy.context.object
        yield SETTLED
        yield from window.picture(name.replace(" ", "_"))
        window.report["depth"][name] = pixel(window, block.location)
        bpy.data.objects.remove(block)
    yield 0.2


def speech(window: Any) -> Iterator[Any]:
    """The head follows the jaw while the timeline plays, and rests with it."""
    area, scene = main_area(window), bpy.context.scene
    jaw = head().data.shape_keys.key_blocks["jawOpen"]
    for frame, value in ((1, 0.0), (30, 1.0), (60, 0.0)):
        jaw.value = value
        jaw.keyframe_insert("value", frame=frame)
    scene.frame_start, scene.frame_end = 1, 60
    area.spaces.active.region_3d.view_rotation = Quaternion((0, 0, 1), 1.5) @ (
        area.spaces.active.region_3d.view_rotation
    )
    masks = []
    for frame in (1, 30):
        scene.frame_set(frame)
        yield SETTLED
        yield from window.picture(f"jaw_{frame}")
        masks.append(covered(window, region_of(area)))
    window.report["jaw_moved"] = int((masks[0] ^ masks[1]).sum())
    pictures = figures().pictures
    with window.inside(area):
        bpy.ops.screen.animation_play()
    began = time.perf_counter()
    yield 2.0
    window.report["played"] = figures().pictures - pictures
    window.report["playing"] = told(window.report["played"] / (time.perf_counter() - began))
    with window.inside(area):
        bpy.ops.screen.animation_cancel()
    yield 2 * SETTLED
    pictures = figures().pictures
    area.tag_redraw()
    yield SETTLED
    window.report["pictures_at_rest"] = figures().pictures - pictures
    timers = bpy.app.timers.is_registered(addon("gaussian.viewport")._look_again)
    window.report["timer_at_rest"] = timers
    window.report["scale_at_rest"] = figures().scale


def passepartout(window: Any) -> Iterator[Any]:
    """What the camera does not frame is as dark as the rest around the frame."""
    area = main_area(window)
    space, lens = area.spaces.active, bpy.context.scene.camera.data
    lens.show_passepartout, lens.passepartout_alpha = True, 1.0
    lens.shift_x, lens.shift_y = 0.5, 0.0
    space.overlay.show_overlays = True
    space.region_3d.view_perspective = "CAMERA"
    yield SETTLED
    yield from window.picture("passepartout")
    pixels = window.seen(region_of(area))
    row = pixels[pixels.shape[0] // 2]
    window.report["light_outside"] = int(row[4:20].max())
    red = (row[:, 0] > 150) & (row[:, 1] < 90)
    window.report["red_inside"] = int(red.sum())
    lens.show_passepartout = False
    space.region_3d.view_perspective = "PERSP"


def portrait(window: Any, file: str) -> Iterator[Any]:
    """For people to look at, and for how long things take with 50 thousand Gaussians."""
    area = main_area(window)
    space = area.spaces.active
    show(True, file)
    space.show_region_header = True
    space.region_3d.view_distance = 1.4
    face = bpy.context.scene.camera.matrix_world.translation - space.region_3d.view_location
    space.region_3d.view_rotation = face.to_track_quat("Z", "Y")
    bpy.context.scene.frame_set(15)
    yield SETTLED
    yield from window.picture("portrait")
    window.report["size"] = [region_of(area).width, region_of(area).height]
    window.report["at_rest"] = told(0.0)
    began, pictures = time.perf_counter(), figures().pictures
    for _ in range(10):
        turn = Quaternion((0, 0, 1), math.radians(1))
        space.region_3d.view_rotation = turn @ space.region_3d.view_rotation
        area.tag_redraw()
        yield None
        yield None
    rate = (figures().pictures - pictures) / (time.perf_counter() - began)
    window.report["orbiting"] = told(rate)
    bpy.ops.mesh.primitive_cube_add(size=0.1)
    bpy.context.object.matrix_world = head().matrix_world @ Matrix.Translation((0.05, -0.2, 0.0))
    yield SETTLED
    yield from window.picture("orbited")
