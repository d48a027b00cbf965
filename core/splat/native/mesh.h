// How a mesh's triangles and vertices bend the space around them; the rules are those of
// core/splat/head.py. Written from linear algebra for both back ends.
#pragma once

#include "gaussian.h"

namespace rt {

// What a Gaussian gathers of a vertex, and a vertex of a triangle: one cache line. The weight is a
// triangle's area at rest, 0 where it is flat then or now.
struct alignas(64) Line {
  float position[3], turn[4], stretch[6], weight, unused[2];
};

constexpr float kFlatTriangle = 1e-7f;  // height over longest edge: below, floats give no normal

RT_FN Vec3<float> point(const float* data, int32_t index) {
  return {data[3 * index], data[3 * index + 1], data[3 * index + 2]};
}

template <class F> RT_FN F length(const Vec3<F>& a) { return root(dot(a, a)); }

template <class F> RT_FN Quat<F> pick_all(decltype(F{} > F{}) m, const Quat<F>& a, const Quat<F>& b) {
  return {pick(m, a.w, b.w), pick(m, a.x, b.x), pick(m, a.y, b.y), pick(m, a.z, b.z)};
}

template <class F> RT_FN Quat<F> quaternion(const Mat3<F>& a) {
  const F* m = a.m;
  const F one = F{} + 1.0f, trace = m[0] + m[4] + m[8];
  const F x = m[7] - m[5], y = m[2] - m[6], z = m[3] - m[1];
  const F xy = m[1] + m[3], xz = m[2] + m[6], yz = m[5] + m[7];
  // From the largest of the four, whose root is the safest.
  Quat<F> q = pick_all<F>(m[4] > m[8], {y, xy, one + m[4] - m[0] - m[8], yz},
                          {z, xz, yz, one + m[8] - m[0] - m[4]});
  q = pick_all<F>((m[0] > m[4]) & (m[0] > m[8]), {x, one + m[0] - m[4] - m[8], xy, xz}, q);
  q = pick_all<F>(trace > 0.0f, {trace + one, x, y, z}, q);
  const F s = 1.0f / root(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z);
  return {q.w * s, q.x * s, q.y * s, q.z * s};
}

// A triangle's own axes: edge, normal x edge, normal, as rows; its first edge's length; its third
// corner along and across that edge. Returns twice its area, 0 where it is flat.
template <class F> struct Triangle {
  Mat3<F> rows;
  F edge, along, across, doubled;
};

template <class F>
RT_FN Triangle<F> triangle_at(const Vec3<F>& a, const Vec3<F>& b, const Vec3<F>& c) {
  const Vec3<F> e = b - a, d = c - a, n = cross(e, d);
  Triangle<F> out;
  out.edge = length(e);
  out.doubled = length(n);
  const Vec3<F> x = scaled(e, 1.0f / out.edge), z = scaled(n, 1.0f / out.doubled), y = cross(z, x);
  out.rows = {{x.x, x.y, x.z, y.x, y.y, y.z, z.x, z.y, z.z}};
  out.along = dot(d, x), out.across = out.doubled / out.edge;
  const auto sound = out.doubled > kFlatTriangle * most(out.edge * out.edge, dot(d, d));
  out.doubled = pick(sound, out.doubled, F{} + 0.0f);
  return out;
}

// The polar parts of the map that takes a triangle from rest to where it is, growing along its
// normal by the root of how its area grows. `stretch` is in the axes of rest.
template <class F>
RT_FN void bend(const Triangle<F>& rest, const Triangle<F>& now, Quat<F>& turn, Sym3<F>& stretch) {
  // In the axes of both an edge lies along x, so the map in the plane is upper triangular.
  const F wide = now.edge / rest.edge, high = now.across / rest.across;
  const F skew = (now.along - wide * rest.along) / rest.across;
  const F r = 1.0f / root((wide + high) * (wide + high) + skew * skew);
  const F c = (wide + high) * r, s = F{} - skew * r;
  const F *f = rest.rows.m, *g = now.rows.m;
  Mat3<F> spun, whole, back;
  for (int i = 0; i < 3; ++i) {
    spun.m[i] = c * f[i] - s * f[3 + i];
    spun.m[3 + i] = s * f[i] + c * f[3 + i];
    spun.m[6 + i] = f[6 + i];
    for (int j = 0; j < 3; ++j) back.m[3 * i + j] = f[3 * j + i];
  }
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      whole.m[3 * i + j] =
          g[i] * spun.m[j] + g[3 + i] * spun.m[3 + j] + g[6 + i] * spun.m[6 + j];
  turn = quaternion(whole);
  stretch = bent(back, Sym3<F>{c * wide, c * skew + s * high, F{} + 0.0f, c * high - s * skew,
                               F{} + 0.0f, root(wide * high)});
}

RT_FN float alike(const float* a, const float* b) {  // 1, or -1 for quaternions far apart
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3] < 0 ? -1.0f : 1.0f;
}

// Makes a sum over triangles the line of a vertex: a unit turn, a mean stretch.
RT_FN void settle(Line& line) {
  float square = 0;
  for (int j = 0; j < 4; ++j) square += line.turn[j] * line.turn[j];
  const float whole[6] = {1, 0, 0, 1, 0, 1};
  const float turn = square > 0 ? 1.0f / root(square) : 0;
  const float stretch = line.weight > 0 ? 1.0f / line.weight : 0;
  for (int j = 0; j < 4; ++j) line.turn[j] = square > 0 ? line.turn[j] * turn : float(j == 0);
  for (int j = 0; j < 6; ++j)
    line.stretch[j] = line.weight > 0 ? line.stretch[j] * stretch : whole[j];
}

}  // namespace rt
