// How a mesh's triangles and vertices bend the space around them; the rules are those of
// core/splat/head.py. Written from linear algebra for both back ends.
#pragma once

#include "gaussian.h"

namespace rt {

// A turn and a symmetric stretch: space near a triangle or a vertex after it.
struct Bend {
  Quat<float> turn;
  Sym3<float> stretch;
  float weight;  // of a triangle: its area at rest, 0 where it is flat then or now
};

constexpr float kFlatTriangle = 1e-7f;  // height over longest edge: below, floats give no normal

// What a Gaussian gathers of a vertex: one cache line.
struct alignas(64) Line {
  float position[3], turn[4], stretch[6], unused[3];
};

RT_FN Vec3<float> point(const float* data, int32_t index) {
  return {data[3 * index], data[3 * index + 1], data[3 * index + 2]};
}

RT_FN float length(const Vec3<float>& a) { return root(dot(a, a)); }

RT_FN Quat<float> quaternion(const Mat3<float>& a) {
  const float* m = a.m;
  const float trace = m[0] + m[4] + m[8];
  Quat<float> q;
  if (trace > 0) {
    q = {trace + 1, m[7] - m[5], m[2] - m[6], m[3] - m[1]};
  } else if (m[0] > m[4] && m[0] > m[8]) {
    q = {m[7] - m[5], 1 + m[0] - m[4] - m[8], m[1] + m[3], m[2] + m[6]};
  } else if (m[4] > m[8]) {
    q = {m[2] - m[6], m[1] + m[3], 1 + m[4] - m[0] - m[8], m[5] + m[7]};
  } else {
    q = {m[3] - m[1], m[2] + m[6], m[5] + m[7], 1 + m[8] - m[0] - m[4]};
  }
  const float s = 1.0f / root(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z);
  return {q.w * s, q.x * s, q.y * s, q.z * s};
}

// Edge, normal x edge, normal, as rows. Returns twice the area; 0 for a triangle without one.
RT_FN float frame(const Vec3<float>& a, const Vec3<float>& b, const Vec3<float>& c,
                  Mat3<float>& rows, float* edge_length) {
  const Vec3<float> e = b - a, n = cross(e, c - a);
  const float area = length(n), along = length(e);
  *edge_length = along;
  rows = {{1, 0, 0, 0, 1, 0, 0, 0, 1}};
  const Vec3<float> d = c - a;
  if (!(area > kFlatTriangle * most(along * along, dot(d, d)))) return 0;
  const Vec3<float> x = scaled(e, 1 / along), z = scaled(n, 1 / area), y = cross(z, x);
  rows = {{x.x, x.y, x.z, y.x, y.y, y.z, z.x, z.y, z.z}};
  return area;
}

// The polar parts of the map that takes a triangle's rest corners to its posed ones and its
// normal to the posed normal, longer by the root of the ratio of areas.
RT_FN Bend bend(const Vec3<float> rest[3], const Vec3<float> posed[3]) {
  const Bend none = {{1, 0, 0, 0}, {1, 0, 0, 1, 0, 1}, 0};
  Mat3<float> f, g;
  float rest_edge, edge;
  const float rest_area = frame(rest[0], rest[1], rest[2], f, &rest_edge);
  const float area = frame(posed[0], posed[1], posed[2], g, &edge);
  if (!(rest_area > 0) || !(area > 0)) return none;
  // In the frames an edge lies along x, so the map in the plane is upper triangular.
  const Vec3<float> across = f * (rest[2] - rest[0]), posed_across = g * (posed[2] - posed[0]);
  const float g00 = edge / rest_edge;
  const float g11 = posed_across.y / across.y;
  const float g01 = (posed_across.x - g00 * across.x) / across.y;
  const float r = root((g00 + g11) * (g00 + g11) + g01 * g01);
  const float c = (g00 + g11) / r, s = -g01 / r;
  const float h00 = c * g00, h01 = c * g01 + s * g11, h11 = c * g11 - s * g01;
  const float h22 = root(area / rest_area);
  // Columns of F are the rows of f: turn = G^T Rot f, stretch = f^T H f.
  Mat3<float> spun, turn, transposed;
  for (int i = 0; i < 3; ++i) {
    spun.m[i] = c * f.m[i] - s * f.m[3 + i];
    spun.m[3 + i] = s * f.m[i] + c * f.m[3 + i];
    spun.m[6 + i] = f.m[6 + i];
    for (int j = 0; j < 3; ++j) transposed.m[3 * i + j] = f.m[3 * j + i];
  }
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      turn.m[3 * i + j] =
          g.m[i] * spun.m[j] + g.m[3 + i] * spun.m[3 + j] + g.m[6 + i] * spun.m[6 + j];
  return {quaternion(turn), bent(transposed, Sym3<float>{h00, h01, 0.0f, h11, 0.0f, h22}), rest_area};
}

RT_FN float alike(const float* a, const float* b) {  // 1, or -1 for quaternions far apart
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3] < 0 ? -1.0f : 1.0f;
}

// What the triangles around a vertex make of it: `around` are `count` of them, weighted by area.
RT_FN Line vertex_line(const float* position, const Bend* bends, const int32_t* around, int count) {
  Line line = {{position[0], position[1], position[2]}, {0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, {}};
  float total = 0, first[4] = {1, 0, 0, 0};
  for (int i = 0; i < count; ++i) {
    const Bend& b = bends[around[i]];
    const float q[4] = {b.turn.w, b.turn.x, b.turn.y, b.turn.z};
    const float u[6] = {b.stretch.xx, b.stretch.xy, b.stretch.xz,
                        b.stretch.yy, b.stretch.yz, b.stretch.zz};
    if (i == 0)
      for (int j = 0; j < 4; ++j) first[j] = q[j];
    const float weight = b.weight, sign = alike(first, q) * weight;
    total += weight;
    for (int j = 0; j < 4; ++j) line.turn[j] += sign * q[j];
    for (int j = 0; j < 6; ++j) line.stretch[j] += weight * u[j];
  }
  float square = 0;
  for (int j = 0; j < 4; ++j) square += line.turn[j] * line.turn[j];
  const float whole[6] = {1, 0, 0, 1, 0, 1};
  for (int j = 0; j < 4; ++j)
    line.turn[j] = square > 0 ? line.turn[j] / root(square) : float(j == 0);
  for (int j = 0; j < 6; ++j) line.stretch[j] = total > 0 ? line.stretch[j] / total : whole[j];
  return line;
}

}  // namespace rt
