// What the GPU does in one frame; everything per Gaussian is from gaussian.h and mesh.h.
#pragma once

#include "backend.h"
#include "kernels.h"

namespace rt {

// Pointers into the GPU's memory, as the ABI's arrays lie.
struct Device {
  uint32_t count, degree, triangles, vertices;
  const View* view;
  const float *positions, *covariances, *log2_opacities, *harmonics, *turns, *normals;
  const float *moved, *barycentric, *offsets;
  const int32_t *corners, *around, *first, *triangle;
  const Triangle<float>* rest;
  Line *bends, *lines;
  Record* records;
  uint32_t *depths, *order;
  unsigned long long* status;  // Gaussians in the picture
};

__global__ void bend_kernel(Device d) {
  const uint32_t t = blockIdx.x * blockDim.x + threadIdx.x;
  if (t >= d.triangles) return;
  const int32_t* corner = d.corners + 3 * size_t(t);
  const Triangle<float> rest = d.rest[t];
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
  const uint32_t v = blockIdx.x * blockDim.x + threadIdx.x;
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

// Bends a bound Gaussian with its triangle's corners.
__device__ __forceinline__ Mat3<float> move(const Device& d, uint32_t i, Vec3<float>& p,
                                            Sym3<float>& s, Vec3<float>& n) {
  const int32_t* corner = d.corners + 3 * size_t(d.triangle[i]);
  float at[3] = {0, 0, 0}, turn[4] = {0, 0, 0, 0}, stretch[6] = {0, 0, 0, 0, 0, 0};
  for (int c = 0; c < 3; ++c) {
    const Line& line = d.lines[corner[c]];
    const float weight = d.barycentric[3 * size_t(i) + c];
    const float sign = weight * (c ? alike(d.lines[corner[0]].turn, line.turn) : 1.0f);
    for (int j = 0; j < 3; ++j) at[j] += weight * line.position[j];
    for (int j = 0; j < 4; ++j) turn[j] += sign * line.turn[j];
    for (int j = 0; j < 6; ++j) stretch[j] += weight * line.stretch[j];
  }
  const float norm = 1.0f / root(most(turn[0] * turn[0] + turn[1] * turn[1] + turn[2] * turn[2] +
                                          turn[3] * turn[3], 1e-30f));
  const Mat3<float> turned = matrix(
      Quat<float>{turn[0] * norm, turn[1] * norm, turn[2] * norm, turn[3] * norm});
  const Mat3<float> whole = turned * Sym3<float>{stretch[0], stretch[1], stretch[2],
                                                 stretch[3], stretch[4], stretch[5]};
  const Vec3<float> away = whole * point(d.offsets, int32_t(i));
  p = {at[0] + away.x, at[1] + away.y, at[2] + away.z};
  s = bent(whole, s);
  n = turned * n;
  return turned;
}

__global__ void project_kernel(Device d, bool bound) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= d.count) return;
  const View& view = *d.view;
  d.depths[i] = ~0u;
  d.order[i] = i;
  const float opacity = d.log2_opacities[i];
  if (!(opacity >= kLog2LeastAlpha)) return;
  Vec3<float> p = point(d.positions, int32_t(i)), n = point(d.normals, int32_t(i));
  const float* c = d.covariances + 6 * size_t(i);
  Sym3<float> s = {c[0], c[1], c[2], c[3], c[4], c[5]};
  const float* q = d.turns + 4 * size_t(i);
  const Mat3<float> turned =
      bound ? move(d, i, p, s, n) : matrix(Quat<float>{q[0], q[1], q[2], q[3]});
  const double depth = view.depth[0] * p.x + view.depth[1] * p.y + view.depth[2] * p.z +
                       view.depth[3];
  if (!(depth >= view.near_depth)) return;
  const float z = float(depth);
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
  const Vec3<float> rgb = colour<float>(back(turned, towards), int(d.degree),
                                        [&](int j, int channel) { return sh[3 * j + channel]; });
  const float side = dot(n, towards) > 0 ? -1.0f : 1.0f;
  d.records[i] = {f.u, f.v, f.l11, f.l21, f.l22, f.log2_opacity, rgb.x, rgb.y, rgb.z, z,
                  {n.x * side, n.y * side, n.z * side}, rx, ry, 0};
  d.depths[i] = __float_as_uint(z);
  atomicAdd(d.status, 1ull);
}

// Calls found(tile) for every tile that a Gaussian reaches.
template <class Found>
__device__ __forceinline__ void each_tile(const View& view, const Record& r, const Found& found) {
  const int across = (view.width + kTile - 1) / kTile, down = (view.height + kTile - 1) / kTile;
  auto at = [](float pixel, int tiles) {
    return int(fminf(fmaxf(floorf(pixel * (1.0f / kTile)), 0.0f), float(tiles - 1)));
  };
  const int left = at(r.u - r.reach_x - 0.5f, across), right = at(r.u + r.reach_x - 0.5f, across);
  const int top = at(r.v - r.reach_y - 0.5f, down), bottom = at(r.v + r.reach_y - 0.5f, down);
  const float enough = (r.log2_opacity - kLog2LeastAlpha) * 1.001f + 1e-3f;
  const float down_x = r.l11 * r.l21 / (r.l21 * r.l21 + r.l22 * r.l22), down_y = r.l21 / r.l11;
  for (int y = top; y <= bottom; ++y)
    for (int x = left; x <= right; ++x) {
      const float dx = float(x * kTile) - r.u + 0.5f, dy = float(y * kTile) - r.v + 0.5f;
      if (nearest<float>(r.l11, r.l21, r.l22, down_x, down_y, dx, dx + kTile - 1, dy,
                         dy + kTile - 1) <= enough)
        found(uint32_t(y * across + x));
    }
}

// How many tiles each Gaussian reaches, in the order of depth; one more entry makes the sum's last
// element the total.
__global__ void count_kernel(Device d, const uint32_t* depths, const uint32_t* order,
                             unsigned long long* counts) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i > d.count) return;
  unsigned long long count = 0;
  if (i < d.count && depths[i] != ~0u)
    each_tile(*d.view, d.records[order[i]], [&](uint32_t) { ++count; });
  counts[i] = count;
}

__global__ void emit_kernel(Device d, const uint32_t* depths, const uint32_t* order,
                            const unsigned long long* starts, unsigned long long room,
                            uint32_t* tiles, uint32_t* list) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= d.count || depths[i] == ~0u) return;
  unsigned long long at = starts[i];
  const uint32_t record = order[i];
  each_tile(*d.view, d.records[record], [&](uint32_t tile) {
    if (at < room) tiles[at] = tile, list[at] = record;
    ++at;
  });
}

// Where each tile's pairs begin and end; the unused places at the end hold no tile.
__global__ void range_kernel(const uint32_t* sorted, uint32_t room, uint32_t tiles, uint2* ranges) {
  const uint32_t i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= room || sorted[i] >= tiles) return;
  const uint32_t tile = sorted[i];
  if (i == 0 || sorted[i - 1] != tile) ranges[tile].x = i;
  if (i == room - 1 || sorted[i + 1] != tile) ranges[tile].y = i + 1;
}

template <bool Extra>
__global__ void __launch_bounds__(kTile* kTile)
    blend_kernel(Device d, const uint32_t* list, const uint2* ranges, float4* rgba, float* depth,
                 float* normals) {
  constexpr uint32_t kBatch = kTile * kTile;
  __shared__ Record batch[kBatch];
  const View& view = *d.view;
  const uint2 range = ranges[blockIdx.y * gridDim.x + blockIdx.x];
  const int x = int(blockIdx.x) * kTile + int(threadIdx.x) % kTile;
  const int y = int(blockIdx.y) * kTile + int(threadIdx.x) / kTile;
  const bool inside = x < view.width && y < view.height;
  bool done = !inside;
  float clear = 1, red = 0, green = 0, blue = 0, far = 0, n0 = 0, n1 = 0, n2 = 0;
  for (uint32_t base = range.x; base < range.y; base += kBatch) {
    if (__syncthreads_count(done) == int(kBatch)) break;
    if (base + threadIdx.x < range.y) batch[threadIdx.x] = d.records[list[base + threadIdx.x]];
    __syncthreads();
    const uint32_t count = min(kBatch, range.y - base);
    for (uint32_t j = 0; j < count && !done; ++j) {
      const Record& r = batch[j];
      const float dx = float(x) + 0.5f - r.u, dy = float(y) + 0.5f - r.v;
      const float u = r.l11 * dx + r.l21 * dy, v = r.l22 * dy;
      const float p = r.log2_opacity - u * u - v * v;
      if (!(p >= kLog2LeastAlpha)) continue;
      const float weight = clear * fminf(kMostAlpha, exp2f(p));
      clear -= weight;
      red += weight * r.red, green += weight * r.green, blue += weight * r.blue;
      if (Extra) {
        far += weight * r.z;
        n0 += weight * r.normal[0], n1 += weight * r.normal[1], n2 += weight * r.normal[2];
      }
      done = clear < kDark;
    }
  }
  if (!inside) return;
  const size_t at = size_t(y) * size_t(view.width) + size_t(x);
  const float weight = 1 - clear;
  rgba[at] = make_float4(red, green, blue, weight);
  if (Extra) {
    depth[at] = weight > 0 ? far / weight : __int_as_float(0x7f800000);
    const float square = n0 * n0 + n1 * n1 + n2 * n2;
    const float scale = square > 0 ? 1 / sqrtf(square) : 0;
    normals[3 * at] = n0 * scale, normals[3 * at + 1] = n1 * scale, normals[3 * at + 2] = n2 * scale;
  }
}

}  // namespace rt
