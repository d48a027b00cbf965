// Blending: a block of threads to a tile, a thread to a pixel, and to each warp a part of the tile
// small enough that most Gaussians miss it. Whoever loads a Gaussian tests it against all eight
// parts; a warp then steps over those that miss its own by one ballot for 32 of them.
#pragma once

#include "cuda_bins.cuh"

namespace rt {

constexpr uint32_t kBatch = kTile * kTile, kWarp = 32;
constexpr int kPartX = 8, kPartY = 4;  // pixels of a warp's part

// The pixel of a thread within its tile.
__device__ __forceinline__ int part_x(uint32_t thread) {
  return int(thread / kWarp % 2) * kPartX + int(thread % kPartX);
}
__device__ __forceinline__ int part_y(uint32_t thread) {
  return int(thread / (2 * kWarp)) * kPartY + int(thread % kWarp / kPartX);
}

// A bit for each part of the tile at (x0, y0) that a Gaussian reaches.
__device__ __forceinline__ uint32_t parts_reached(const Record& r, int x0, int y0) {
  const float enough = (r.log2_opacity - kLog2LeastAlpha) * 1.001f + 1e-3f;
  const float down_x = r.l11 * r.l21 / (r.l21 * r.l21 + r.l22 * r.l22), down_y = r.l21 / r.l11;
  uint32_t reached = 0;
  for (uint32_t part = 0; part < kBatch / kWarp; ++part) {
    const float dx = float(x0 + part_x(part * kWarp)) + 0.5f - r.u;
    const float dy = float(y0 + part_y(part * kWarp)) + 0.5f - r.v;
    const bool hit = nearest<float>(r.l11, r.l21, r.l22, down_x, down_y, dx, dx + (kPartX - 1), dy,
                                    dy + (kPartY - 1)) <= enough;
    reached |= uint32_t(hit) << part;
  }
  return reached;
}

template <class Key, bool Extra>
__global__ void __launch_bounds__(kBatch)
    blend_kernel(const View* seen, const Record* ranked, const Key* pairs, Packing<Key> packing,
                 const uint2* ranges, float4* rgba, float* depth, float* normals) {
  __shared__ Record batch[kBatch];
  __shared__ uint8_t reached[kBatch];
  const View& view = *seen;
  const uint32_t me = threadIdx.x, lane = me % kWarp, warp = me / kWarp;
  const int x0 = int(blockIdx.x) * kTile, y0 = int(blockIdx.y) * kTile;
  const int x = x0 + part_x(me), y = y0 + part_y(me);
  const bool inside = x < view.width && y < view.height;
  const uint2 range = ranges[blockIdx.y * gridDim.x + blockIdx.x];
  bool done = !inside;
  float clear = 1, red = 0, green = 0, blue = 0, far = 0, n0 = 0, n1 = 0, n2 = 0;
  for (uint32_t base = range.x; base < range.y; base += kBatch) {
    if (__syncthreads_count(done) == int(kBatch)) break;
    reached[me] = 0;
    if (base + me < range.y) {
      const Record r = ranked[packing.rank(pairs[base + me])];
      batch[me] = r;
      reached[me] = uint8_t(parts_reached(r, x0, y0));
    }
    __syncthreads();
    const uint32_t count = min(kBatch, range.y - base);
    for (uint32_t chunk = 0; chunk < count; chunk += kWarp) {
      if (__all_sync(~0u, done)) break;
      uint32_t left = __ballot_sync(~0u, reached[chunk + lane] >> warp & 1);
      for (; left; left &= left - 1) {
        if (done) continue;
        const Record& r = batch[chunk + uint32_t(__ffs(int(left))) - 1];
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
  }
  if (!inside) return;
  const size_t at = size_t(y) * size_t(view.width) + size_t(x);
  const float weight = 1 - clear;
  rgba[at] = make_float4(red, green, blue, weight);
  if (Extra) {
    depth[at] = weight > 0 ? far / weight : __uint_as_float(0x7f800000u);
    const float square = n0 * n0 + n1 * n1 + n2 * n2;
    const float scale = square > 0 ? 1 / sqrtf(square) : 0;
    normals[3 * at] = n0 * scale, normals[3 * at + 1] = n1 * scale, normals[3 * at + 2] = n2 * scale;
  }
}

}  // namespace rt
