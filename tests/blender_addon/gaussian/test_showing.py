"""A head in viewports: what is drawn when, without a window to draw in."""

from __future__ import annotations

import itertools
import shutil
from types import SimpleNamespace
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from rigtalk.blender_addon.gaussian import drawing, pace, showing, standing
from rigtalk.blender_addon.gaussian.showing import Showing
from rigtalk.core.errors import RigtalkError

pytestmark = pytest.mark.usefixtures("extension")


class Screen:
    """Regions to draw in, and what arrives on the graphics card."""

    def __init__(self) -> None:
        self.uploads: list[tuple[np.ndarray, np.ndarray]] = []
        self.drawn: list[drawing.Layer] = []
        self.ticks = itertools.count()
        self.tick = 0
        self.numbers = itertools.count(100)

    def upload(self, rgba: np.ndarray, depth: np.ndarray) -> drawing.Picture:
        self.uploads.append((rgba.copy(), depth.copy()))
        return drawing.Picture("colour", "depth")

    def draw(self, _picture: drawing.Picture, layer: drawing.Layer) -> None:
        self.drawn.append(layer)

    def region(self, width: int = 120, height: int = 90) -> Any:
        number = next(self.numbers)
        region = SimpleNamespace(width=width, height=height, as_pointer=lambda: number)
        projection = Matrix(
            ((2.0, 0, 0, 0), (0, 2.0 * width / height, 0, 0), (0, 0, -1.0, -0.02), (0, 0, -1.0, 0))
        )
        # Half a unit before the face, which looks to -y.
        view = Matrix(((1, 0, 0, 0), (0, 0, 1, 0), (0, -1, 0, -0.5), (0, 0, 0, 1)))
        overlay = SimpleNamespace(show_overlays=True)
        shading = SimpleNamespace(type="SOLID")
        return SimpleNamespace(
            region=region,
            region_data=SimpleNamespace(
                window_matrix=projection, view_matrix=view, view_perspective="PERSP"
            ),
            space_data=SimpleNamespace(
                use_local_camera=False, overlay=overlay, shading=shading, camera=None
            ),
            scene=bpy.context.scene,
            view_layer=bpy.context.view_layer,
        )

    def update(self) -> None:
        """What Blender does when something has changed, and tells."""
        bpy.context.view_layer.update()
        self.tick += 1


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    screen = Screen()
    monkeypatch.setattr(drawing, "upload", screen.upload)
    monkeypatch.setattr(drawing, "draw", screen.draw)
    return screen


@pytest.fixture
def shown(with_head):
    bpy.context.view_layer.update()
    showing = Showing(with_head.session_uid, with_head.name)
    yield showing
    showing.close()


def evaluated_type(thing: bpy.types.Object) -> str:
    return thing.evaluated_get(bpy.context.view_layer.depsgraph).display_type


def test_the_head_is_drawn_where_it_is(shown, screen) -> None:
    region = screen.region()
    shown.draw(region, screen.tick)
    (rgba, depth), (layer,) = screen.uploads[0], screen.drawn
    assert rgba.shape == (layer.window.height, layer.window.width, 4)
    assert layer.window.width < 120
    covered = rgba[..., 3] > 0.5
    assert 0.05 < covered.mean() < 0.95
    # The ball of radius 0.1 stands half a unit away.
    assert 0.39 < depth[covered].min() < 0.41
    middle = layer.window.left + np.argwhere(covered)[:, 1].mean()
    assert abs(middle - 60) < 2
    # It is coloured by side: positive x, which is to the right, is red.
    assert rgba[..., 0][:, -layer.window.width // 4 :].max() > rgba[..., 0][:, :4].max()


def test_nothing_is_drawn_twice(shown, screen) -> None:
    region = screen.region()
    for _ in range(3):
        shown.draw(region, screen.tick)
        screen.update()  # something else has changed
    assert len(screen.uploads) == 1
    assert len(screen.drawn) == 3


def test_it_is_drawn_anew_when_the_mesh_moves(shown, screen, with_head) -> None:
    region = screen.region()
    shown.draw(region, screen.tick)
    with_head.data.shape_keys.key_blocks["jawOpen"].value = 1.0
    screen.update()
    shown.draw(region, screen.tick)
    with_head.location.x += 0.05
    screen.update()
    shown.draw(region, screen.tick)
    assert len(screen.uploads) == 3


def test_it_is_drawn_anew_when_the_view_or_the_region_changes(shown, screen) -> None:
    region = screen.region()
    shown.draw(region, screen.tick)
    region.region_data.view_matrix.translation.x = 0.01
    shown.draw(region, screen.tick)
    region.region.width = 130
    shown.draw(region, screen.tick)
    assert len(screen.uploads) == 3
    shown.draw(screen.region(), screen.tick)  # another view of it
    shown.draw(region, screen.tick)
    assert len(screen.uploads) == 4


def test_slow_pictures_are_coarse_while_things_move(shown, screen, monkeypatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(showing.time, "perf_counter", lambda: clock[0])
    region = screen.region()
    shown.draw(region, screen.tick)
    shown.pace.whole = 10.0
    for step in range(3):
        clock[0] += 0.02
        region.region_data.view_matrix.translation.x = 0.001 * (step + 1)
        shown.draw(region, screen.tick)
    coarse, layer = screen.uploads[-1][0], screen.drawn[-1]
    assert coarse.shape[0] < layer.window.height
    assert shown.coarse() == {region.region.as_pointer()}
    clock[0] += pace.SETTLED[1] + 0.1
    shown.draw(region, screen.tick)
    assert screen.uploads[-1][0].shape[0] == layer.window.height
    assert shown.coarse() == set()
    assert len(screen.uploads) == 5


def test_the_mesh_is_hidden_while_the_head_is_shown(shown, screen, with_head) -> None:
    shown.draw(screen.region(), screen.tick)
    assert evaluated_type(with_head) == "BOUNDS"
    assert with_head.display_type == "TEXTURED"
    shown.close()
    assert evaluated_type(with_head) == "TEXTURED"


def test_an_edited_mesh_is_shown_and_told(shown, screen, with_head) -> None:
    region = screen.region()
    shown.draw(region, screen.tick)
    modifier = with_head.modifiers.new("More", "SUBSURF")
    screen.update()
    with pytest.raises(RigtalkError, match="bake again") as caught:
        shown.draw(region, screen.tick)
    shown.fail(str(caught.value))
    assert evaluated_type(with_head) == "TEXTURED"
    assert "bake again" in standing.words_of(with_head)
    drawn = len(screen.drawn)
    shown.draw(region, screen.tick)  # without a complaint for every redraw
    assert len(screen.drawn) == drawn
    with_head.modifiers.remove(modifier)
    screen.update()
    shown.draw(region, screen.tick)
    assert len(screen.drawn) == drawn + 1
    assert standing.words_of(with_head) == ""
    assert evaluated_type(with_head) == "BOUNDS"


def test_while_the_mesh_is_edited_it_is_seen(shown, screen, with_head) -> None:
    region = screen.region()
    shown.draw(region, screen.tick)
    bpy.context.view_layer.objects.active = with_head
    bpy.ops.object.mode_set(mode="EDIT")
    screen.update()
    shown.draw(region, screen.tick)
    assert len(screen.drawn) == 1
    shown.hide(bpy.context.view_layer.depsgraph)
    assert evaluated_type(with_head) == "TEXTURED"
    bpy.ops.object.mode_set(mode="OBJECT")
    screen.update()
    shown.draw(region, screen.tick)
    assert len(screen.drawn) == 2


def test_a_head_that_was_baked_again_is_read_again(shown, screen, with_head, tmp_path) -> None:
    region = screen.region()
    shown.draw(region, screen.tick)
    before = shown.head
    screen.update()
    shown.draw(region, screen.tick)
    assert shown.head is before
    shutil.copy(tmp_path / "ball.splathead", tmp_path / "other.splathead")
    with_head.rigtalk_gaussian.filepath = str(tmp_path / "other.splathead")
    screen.update()
    shown.draw(region, screen.tick)
    assert shown.head is not before
    assert len(screen.uploads) == 2


@pytest.mark.parametrize("content", [None, b"", b"no head at all", b"SPLTHEAD\x01"])
def test_files_that_are_no_heads_are_told(content, shown, screen, with_head, tmp_path) -> None:
    path = tmp_path / "ball.splathead"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RigtalkError, match=r"ball\.splathead"):
        shown.draw(screen.region(), screen.tick)
    shown.draw(screen.region(), screen.tick)  # told once
    assert not screen.drawn


def test_a_head_behind_the_view_costs_nothing(shown, screen) -> None:
    region = screen.region()
    region.region_data.view_matrix.translation.z = 5.0
    shown.draw(region, screen.tick)
    assert not screen.uploads
    assert not screen.drawn


def test_rendered_views_count_the_head_as_nearer(shown, screen) -> None:
    region = screen.region()
    shown.draw(region, screen.tick)
    region.space_data.shading.type = "RENDERED"
    shown.draw(region, screen.tick)
    plain, rendered = screen.drawn
    assert rendered.shift > plain.shift
    assert not rendered.in_front
    region.space_data.overlay.show_overlays = False
    shown.draw(region, screen.tick)
    assert screen.drawn[-1].in_front, "engines leave no depth then"


def test_what_is_shown_again_is_hidden_at_the_next_drawing(shown, screen, with_head) -> None:
    region = screen.region()
    shown.draw(region, screen.tick)
    with_head.evaluated_get(bpy.context.view_layer.depsgraph).display_type = "TEXTURED"
    shown.draw(region, screen.tick)
    assert evaluated_type(with_head) == "BOUNDS"
