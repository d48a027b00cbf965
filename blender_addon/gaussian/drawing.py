"""A picture with depth, drawn into a 3D viewport as if it stood there.

It is drawn after the scene and its overlays, into the buffer of overlays, whose depth is that of
the scene: meshes in front hide it. What Blender does with this buffer was read from its shaders and
measured (4.2 to 5.2): it holds linear light, is laid over the scene's colours in powers of 2.2, and
is shown as the 2.2th root. A colour to its 2.2th power is therefore shown as it is, whatever the
scene's view transform. Edges are blended in linear light, as Blender's own overlays are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader

from .. import compat
from .framing import EVERYWHERE, Frame
from .pinhole import Window

__all__ = ["Layer", "Picture", "draw", "forget", "upload"]

_VERTEX = """
void main()
{
  place = vec2(corner.x, 1.0 - corner.y);
  gl_Position = vec4(mix(bounds.xy, bounds.zw, corner), 0.0, 1.0);
}
"""
# A coarse picture is smoothed here: depth has holes, which a sampler would smear.
_FRAGMENT = """
void main()
{
  ivec2 size = textureSize(picture, 0);
  vec2 at = place * vec2(size) - 0.5;
  vec2 part = at - floor(at);
  vec4 colour = vec4(0.0);
  float distance_sum = 0.0, weight_sum = 0.0;
  for (int j = 0; j < 2; j++) {
    for (int i = 0; i < 2; i++) {
      ivec2 texel = clamp(ivec2(floor(at)) + ivec2(i, j), ivec2(0), size - 1);
      float weight = (i == 1 ? part.x : 1.0 - part.x) * (j == 1 ? part.y : 1.0 - part.y);
      vec4 here = texelFetch(picture, texel, 0);
      float depth = texelFetch(depths, texel, 0).r;
      colour += weight * here;
      if (here.a > 0.0 && depth < 1e30) {
        distance_sum += weight * here.a * depth;
        weight_sum += weight * here.a;
      }
    }
  }
  if (colour.a < 0.5 / 255.0 || weight_sum <= 0.0) {
    discard;
  }
  float z = shift.x - distance_sum / weight_sum;
  vec2 clip = vec2(planes.x * z + planes.y, planes.z * z + planes.w);
  gl_FragDepth = clip.y > 0.0 ? clamp(0.5 * clip.x / clip.y + 0.5, 0.0, 1.0) : 0.0;
  vec3 shown = clamp(colour.rgb / colour.a, 0.0, 1.0);
  bool inside = all(greaterThanEqual(gl_FragCoord.xy, frame.xy)) &&
                all(lessThan(gl_FragCoord.xy, frame.zw));
  fragment = vec4(pow(shown, vec3(2.2)) * colour.a * (inside ? 1.0 : shift.y), colour.a);
}
"""


class _Kept:
    """Made once, in the first drawing."""

    shader: ClassVar[Any] = None
    batch: ClassVar[Any] = None


@dataclass(frozen=True, eq=False)
class Picture:
    """Textures of a picture."""

    colour: Any
    depth: Any


@dataclass(frozen=True)
class Layer:
    """How a picture stands in a region.

    Attributes
    ----------
    window : Window
        The pixels that it covers.
    size : (int, int)
        Of the region, pixels.
    shift : float
        What to take from its depths for distances before the view.
    planes : tuple of float
        See `Eye.depth`.
    frame : Frame
        Left, bottom, right and top of what a camera frames, in pixels of the region.
    outside : float
        What is left of the light outside of the frame, 0-1.
    in_front : bool
        Whether it is drawn over everything, whatever is nearer.
    """

    window: Window
    size: tuple[int, int]
    shift: float
    planes: tuple[float, float, float, float]
    frame: Frame = EVERYWHERE
    outside: float = 1.0
    in_front: bool = False


def upload(rgba: np.ndarray, depth: np.ndarray) -> Picture:
    """Hand a picture to the graphics card.

    Parameters
    ----------
    rgba : np.ndarray, shape (h, w, 4), float32, C-contiguous
        Display-referred colour times alpha, and alpha.
    depth : np.ndarray, shape (h, w), float32, C-contiguous
    """
    height, width = depth.shape
    # The buffer is the array's own memory, and 32 bits are what the drivers need not convert.
    textures = [
        gpu.types.GPUTexture(
            (width, height),
            format=kind,
            data=gpu.types.Buffer("FLOAT", values.size, values.reshape(-1)),
        )
        for kind, values in (("RGBA32F", rgba), ("R32F", depth))
    ]
    return Picture(*textures)


def draw(picture: Picture, layer: Layer) -> None:
    """Draw a picture into the active frame buffer, where nothing is nearer."""
    if _Kept.shader is None:
        _Kept.shader = _shader()
        corners = np.array([(0, 0), (1, 0), (0, 1), (1, 1)], np.float32)
        _Kept.batch = batch_for_shader(_Kept.shader, "TRI_STRIP", {"corner": corners})
    shader, window = _Kept.shader, layer.window
    width, height = layer.size
    left, right = window.left, window.left + window.width
    top, bottom = height - window.top, height - window.top - window.height
    bounds = [2 * left / width - 1, 2 * bottom / height - 1]
    bounds += [2 * right / width - 1, 2 * top / height - 1]
    gpu.state.depth_test_set("ALWAYS" if layer.in_front else "LESS_EQUAL")
    gpu.state.depth_mask_set(True)  # for what other add-ons draw after it
    gpu.state.blend_set("ALPHA_PREMULT")
    try:
        shader.bind()
        shader.uniform_float("bounds", bounds)
        shader.uniform_float("planes", layer.planes)
        shader.uniform_float("frame", layer.frame)
        shader.uniform_float("shift", (layer.shift, layer.outside))
        shader.uniform_sampler("picture", picture.colour)
        shader.uniform_sampler("depths", picture.depth)
        _Kept.batch.draw(shader)
    finally:
        gpu.state.blend_set("NONE")
        gpu.state.depth_mask_set(False)
        gpu.state.depth_test_set("NONE")


def forget() -> None:
    """Free the shader."""
    _Kept.shader = _Kept.batch = None


def _shader() -> Any:
    between = gpu.types.GPUStageInterfaceInfo("rigtalk_gaussian_between")
    between.smooth("VEC2", "place")
    info = gpu.types.GPUShaderCreateInfo()
    info.vertex_in(0, "VEC2", "corner")
    info.vertex_out(between)
    for kind, name in (
        ("VEC4", "bounds"),
        ("VEC4", "planes"),
        ("VEC4", "frame"),
        ("VEC2", "shift"),
    ):
        info.push_constant(kind, name)
    info.sampler(0, "FLOAT_2D", "picture")
    info.sampler(1, "FLOAT_2D", "depths")
    info.fragment_out(0, "VEC4", "fragment")
    compat.writes_depth(info)
    info.vertex_source(_VERTEX)
    info.fragment_source(_FRAGMENT)
    return gpu.shader.create_from_info(info)
