// What lies in the graphics card's memory, and the kernels from a moved mesh to Gaussians in the
// picture's plane; everything per Gaussian is from gaussian.h and mesh.h.
#pragma once

#include "cuda_memory.cuh"
#include "kernels.h"

namespace rt {

// A Gaussian at rest: four reads of 128 bits.
struct alignas(16) Rest {
  float position[3], log2_opacity, covariance[6], normal[3], offset[3];
};

// Where on the mesh it is bound: one read.
struct alignas(16) Place {
  float barycentric[3];
  int32_t triangle;
};

// What the kernels of one frame are given; kept by a graph, so nothing in it may change between
// frames but what the pointers point to.
struct Device {
  uint32_t count, degree, triangles, vertices;
  const View* view;
  const Rest* rest;
  const float *harmonics, *turns;  // no turns: unturned
  const Place* places;             // none: not bound
  const float* moved;              // the mesh's vertices, in this frame
  const int32_t *corners, *around, *first;
  const Triangle<float>* flat;     // the mesh's triangles at rest
  Line *bends, *lines;
  Record* records;
  uint32_t *depths, *order;
};

__device__ __forceinline__ uint32_t thread_index() {
  return blockIdx.x * blockDim.x + threadIdx.x;
}

__global__ void bend_kernel(Device d) {
  const uint32_t t = thread_index();
  if (t >= d.triangles) return;
  const int32_t* corner = d.corners + 3 * size_t(t);
  const Triangle<float> rest = d.flat[t];
  const Triangle<float> now = triangle_at<float>(
      point(d.moved, corner[0]), point(d.moved, corner[1]), point(d.moved, corner[2]));
  Line line = {{0, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, 0, {0, 0}};
  if (rest.doubled > 0 && now.doubled > 0) {
    Quat<float> q;
    Sym3<float> u;
    bend<float>(rest, now, q, u);
    line = {{0, 0, 0}, {q.w, q.x, q.y, q.z}, {u.xx, u.xy, u.xz, u.yy, u.yz, u.zz},
            rest.doubled, {0, 0}};
  }
  d.bends[t] = line;
}

__global__ void settle_kernel(Device d) {
  const uint32_t v = thread_index();
  if (v >= d.vertices) return;
  Line sum = {{d.moved[3 * size_t(v)], d.moved[3 * size_t(v) + 1], d.moved[3 * size_t(v) + 2]},
              {0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, 0, {0, 0}};
  const int32_t begin = d.first[v], end = d.first[v + 1];
  for (int32_t i = begin; i < end; ++i) {
    const Line& line = d.bends[d.around[i]];
    const float weight = line.weight;
    const float sign = alike(d.bends[d.around[begin]].turn, line.turn) * weight;
    for (int j = 0; j < 4; ++j) sum.turn[j] += sign * line.turn[j];
    for (int j = 0; j < 6; ++j) sum.stretch[j] += weight * line.stretch[j];
    sum.weight += weight;
  }
  settle(sum);
  d.lines[v] = sum;
}

// A Gaussian in this frame, and how it came there: whole takes offsets at rest to the world.
struct Moved {
  Vec3<float> position, normal;
  Sym3<float> covariance;
  Mat3<float> turn, whole;
};

__device__ __forceinline__ Moved moved(const Device& d, uint32_t i, const Rest& rest) {
  Moved m;
  m.position = {rest.position[0], rest.position[1], rest.position[2]};
  m.normal = {rest.normal[0], rest.normal[1], rest.normal[2]};
  const float* c = rest.covariance;
  m.covariance = {c[0], c[1], c[2], c[3], c[4], c[5]};
  m.turn = {{1, 0, 0, 0, 1, 0, 0, 0, 1}};
  if (!d.places) {
    if (d.turns) {
      const float* q = d.turns + 4 * size_t(i);
      m.turn = matrix(Quat<float>{q[0], q[1], q[2], q[3]});
    }
    m.whole = {{1, 0, 0, 0, 1, 0, 0, 0, 1}};
    return m;
  }
  const Place place = d.places[i];
  const int32_t* corner = d.corners + 3 * size_t(place.triangle);
  float at[3] = {0, 0, 0}, turn[4] = {0, 0, 0, 0}, stretch[6] = {0, 0, 0, 0, 0, 0};
  for (int k = 0; k < 3; ++k) {
    const Line& line = d.lines[corner[k]];
    const float weight = place.barycentric[k];
    const float sign = weight * (k ? alike(d.lines[corner[0]].turn, line.turn) : 1.0f);
    for (int j = 0; j < 3; ++j) at[j] += weight * line.position[j];
    for (int j = 0; j < 4; ++j) turn[j] += sign * line.turn[j];
    for (int j = 0; j < 6; ++j) stretch[j] += weight * line.stretch[j];
  }
  const float norm = 1.0f / root(most(turn[0] * turn[0] + turn[1] * turn[1] + turn[2] * turn[2] +
                                          turn[3] * turn[3], 1e-30f));
  m.turn = matrix(Quat<float>{turn[0] * norm, turn[1] * norm, turn[2] * norm, turn[3] * norm});
  m.whole = m.turn * Sym3<float>{stretch[0], stretch[1], stretch[2], stretch[3], stretch[4],
                                 stretch[5]};
  const Vec3<float> away = m.whole * Vec3<float>{rest.offset[0], rest.offset[1], rest.offset[2]};
  m.position = {at[0] + away.x, at[1] + away.y, at[2] + away.z};
  m.covariance = bent(m.whole, m.covariance);
  m.normal = m.turn * m.normal;
  return m;
}

__global__ void project_kernel(Device d) {
  const uint32_t i = thread_index();
  if (i >= d.count) return;
  const View& view = *d.view;
  d.depths[i] = ~0u;
  d.order[i] = i;
  const Rest rest = d.rest[i];
  const float opacity = rest.log2_opacity;
  if (!(opacity >= kLog2LeastAlpha)) return;
  const Moved m = moved(d, i, rest);
  const Vec3<float>& p = m.position;
  const double depth = view.depth[0] * p.x + view.depth[1] * p.y + view.depth[2] * p.z +
                       view.depth[3];
  if (!(depth >= view.near_depth)) return;
  const float z = float(depth);
  const Sym3<float>& s = m.covariance;
  Footprint<float> f = footprint<float>(view, p, z, s, opacity);
  if (coarse(f)) {
    const Footprint<double> e = footprint<double>(
        view, {p.x, p.y, p.z}, z, {s.xx, s.xy, s.xz, s.yy, s.yz, s.zz}, opacity);
    f = {float(e.u), float(e.v), float(e.l11), float(e.l21), float(e.l22), float(e.log2_opacity),
         float(e.reach_x), float(e.reach_y), 1.0f};
  }
  if (!(f.reach_x >= 0)) return;
  const float rx = f.reach_x * 1.0001f + 1e-3f, ry = f.reach_y * 1.0001f + 1e-3f;
  if (!(f.u + rx >= 0.5f && f.u - rx <= float(view.width) - 0.5f && f.v + ry >= 0.5f &&
        f.v - ry <= float(view.height) - 0.5f))
    return;
  const Vec3<float> towards = ray<float>(view, p);
  const size_t k = size_t(d.degree + 1) * (d.degree + 1);
  const float* sh = d.harmonics + 3 * k * i;
  const Vec3<float> rgb = colour<float>(back(m.turn, towards), int(d.degree),
                                        [&](int j, int channel) { return sh[3 * j + channel]; });
  const Vec3<float>& n = m.normal;
  const float side = dot(n, towards) > 0 ? -1.0f : 1.0f;
  d.records[i] = {f.u, f.v, f.l11, f.l21, f.l22, f.log2_opacity, rgb.x, rgb.y, rgb.z, z,
                  {n.x * side, n.y * side, n.z * side}, rx, ry, i};
  d.depths[i] = __float_as_uint(z);
}

// A Gaussian's place relative to where its triangle's coordinates put it; doubles, because that is
// a small difference of large numbers.
__global__ void attach_kernel(uint32_t count, const double* foot, Rest* rest) {
  const uint32_t i = thread_index();
  if (i >= count) return;
  for (int j = 0; j < 3; ++j)
    rest[i].offset[j] = float(rest[i].position[j] - foot[3 * size_t(i) + j]);
}

}  // namespace rt
