// From Gaussians sorted by depth to a list for each tile. A pair of Gaussian and tile is one number,
// the tile above the Gaussian's rank in depth, of 32 bits where both fit: pairs are made in the
// order of rank, so a stable sort by the bits of the tile alone leaves each tile's list in order,
// with no second array to carry along.
#pragma once

#include "cuda_scene.cuh"

namespace rt {

struct Status { unsigned long long drawn, pairs; };

// How a pair is packed.
template <class Key> struct Packing {
  int rank_bits, tile_bits;
  __device__ __forceinline__ Key of(uint32_t tile, uint32_t rank) const {
    return Key(Key(tile) << rank_bits | rank);
  }
  __device__ __forceinline__ uint32_t tile(Key key) const { return uint32_t(key >> rank_bits); }
  __device__ __forceinline__ uint32_t rank(Key key) const {
    return uint32_t(key & ((Key(1) << rank_bits) - 1));
  }
};

// Calls found(tile) for every tile in which a Gaussian covers at least kLeastAlpha of some pixel's
// centre, row by row.
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

// Lays the records in the order of depth and counts the tiles of each; one more count, of 0, makes
// the last of the sums the total. What is not drawn was sorted to the end.
__global__ void rank_kernel(Device d, const uint32_t* depths, const uint32_t* order, uint32_t tiles,
                            Record* ranked, unsigned long long* counts, uint2* ranges,
                            Status* status) {
  const uint32_t i = thread_index();
  for (uint32_t tile = i; tile < tiles; tile += gridDim.x * blockDim.x) ranges[tile] = {0, 0};
  if (i > d.count) return;
  const bool drawn = i < d.count && depths[i] != ~0u;
  if (!drawn && (i == 0 || depths[i - 1] != ~0u)) status->drawn = i;
  unsigned long long count = 0;
  if (drawn) {
    const Record r = d.records[order[i]];
    ranked[i] = r;
    each_tile(*d.view, r, [&](uint32_t) { ++count; });
  }
  counts[i] = count;
}

// Writes the pairs, as many as there is room for, and numbers above all others behind them.
template <class Key>
__global__ void emit_kernel(Device d, const Record* ranked, const unsigned long long* starts,
                            Packing<Key> packing, unsigned long long room, Key* pairs,
                            Status* status) {
  const uint32_t i = thread_index();
  const unsigned long long total = starts[d.count];
  for (unsigned long long at = total + i; at < room; at += gridDim.x * blockDim.x)
    pairs[at] = Key(~Key(0));
  if (i == 0) status->pairs = total;
  if (i >= d.count || starts[i] == starts[i + 1]) return;
  unsigned long long at = starts[i];
  each_tile(*d.view, ranked[i], [&](uint32_t tile) {
    if (at < room) pairs[at] = packing.of(tile, i);
    ++at;
  });
}

// Where each tile's pairs begin and end.
template <class Key>
__global__ void range_kernel(const Key* pairs, Packing<Key> packing, unsigned long long room,
                             const Status* status, uint2* ranges) {
  const uint32_t i = thread_index();
  const unsigned long long count = status->pairs < room ? status->pairs : room;
  if (i >= count) return;
  const uint32_t tile = packing.tile(pairs[i]);
  if (i == 0 || packing.tile(pairs[i - 1]) != tile) ranges[tile].x = i;
  if (i + 1 == count || packing.tile(pairs[i + 1]) != tile) ranges[tile].y = i + 1;
}

}  // namespace rt
