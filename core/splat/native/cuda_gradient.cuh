// The way back, in two kernels and the same to the last bit in every run: nothing is added up by
// atomics. A block goes through its tile's list as the forward pass does, front to back, and writes
// one row of sums for each pair of Gaussian and tile. Then a thread to a Gaussian finds its rows,
// tile by tile, by bisection in the tiles' sorted lists, and follows the chain of gradient.h.
#pragma once

#include "cuda_blend.cuh"
#include "cuda_raw.cuh"
#include "gradient.h"

namespace rt {

// A row: the nine sums of Pull, |d u| and |d v|, weight, weight times error, and the largest weight.
constexpr uint32_t kSums = 13, kRow = 14;

// The sums of a warp's 16 numbers, number j in the lanes 2 j and 2 j + 1 of the answer: lanes halve
// the numbers that they hold as they add those of the other half of the warp.
__device__ __forceinline__ float warp_sums(float (&of)[16], uint32_t lane) {
#pragma unroll
  for (int half = 8; half; half /= 2) {
    const bool high = lane & uint32_t(2 * half);
#pragma unroll
    for (int j = 0; j < half; ++j) {
      const float sent = high ? of[j] : of[j + half];
      const float mine = high ? of[j + half] : of[j];
      of[j] = mine + __shfl_xor_sync(~0u, sent, 2 * half);
    }
  }
  return of[0] + __shfl_xor_sync(~0u, of[0], 1);
}

__device__ __forceinline__ float warp_most(float value) {
#pragma unroll
  for (int step = 16; step; step /= 2)
    value = fmaxf(value, __shfl_xor_sync(~0u, value, step));
  return value;
}

// What one pixel adds to a Gaussian's row. `behind` is what this Gaussian and those behind it add
// to the loss; it and `clear` move on to the next Gaussian.
__device__ __forceinline__ void pixel_pull(const Record& r, float dx, float dy, float p,
                                           const float4& want, float error, float& clear,
                                           float& behind, float (&sums)[16]) {
  const float alpha = exp2f(p), held = fminf(kMostAlpha, alpha), weight = clear * held;
  const float own = want.x * r.red + want.y * r.green + want.z * r.blue + want.w;
  behind -= weight * own;
  const float g =
      alpha < kMostAlpha ? kLn2 * alpha * pull_of_alpha(clear, own, behind, held) : 0.0f;
  clear -= weight;
  const float a = r.l11 * dx + r.l21 * dy, b = r.l22 * dy, ga = g * a, gb = g * b;
  float du, dv;
  pull_of_mean(r.l11, r.l21, r.l22, ga, gb, du, dv);
  sums[0] = g, sums[1] = ga, sums[2] = gb, sums[3] = ga * a, sums[4] = ga * b, sums[5] = gb * b;
  sums[6] = weight * want.x, sums[7] = weight * want.y, sums[8] = weight * want.z;
  sums[9] = fabsf(du), sums[10] = fabsf(dv);
  sums[11] = weight, sums[12] = weight * error;
}

template <class Key>
__global__ void __launch_bounds__(kBatch)
    pull_kernel(const View* seen, const Record* ranked, const Key* pairs, Packing<Key> packing,
                const uint2* ranges, const float4* rgba, const float4* wanted, const float* errors,
                float* rows) {
  constexpr uint32_t kWarps = kBatch / kWarp;
  __shared__ Record batch[kBatch];
  __shared__ uint8_t reached[kBatch];
  __shared__ float part[kWarps][kWarp][kRow];
  __shared__ uint32_t touched[kWarps];
  const View& view = *seen;
  const uint32_t me = threadIdx.x, lane = me % kWarp, warp = me / kWarp;
  const int x0 = int(blockIdx.x) * kTile, y0 = int(blockIdx.y) * kTile;
  const int x = x0 + part_x(me), y = y0 + part_y(me);
  const bool inside = x < view.width && y < view.height;
  const uint2 range = ranges[blockIdx.y * gridDim.x + blockIdx.x];
  const size_t at = inside ? size_t(y) * size_t(view.width) + size_t(x) : 0;
  const float4 want = wanted[at], came = rgba[at];
  const float error = errors ? errors[at] : 0.0f;
  float clear = 1;
  float behind = want.x * came.x + want.y * came.y + want.z * came.z + want.w * came.w;
  bool done = !inside;
  for (uint32_t base = range.x; base < range.y; base += kBatch) {
    // All rows are written, so there is no early end here: a tile that is done writes zeros.
    __syncthreads();
    reached[me] = 0;
    if (base + me < range.y) {
      const Record r = ranked[packing.rank(pairs[base + me])];
      batch[me] = r;
      reached[me] = uint8_t(parts_reached(r, x0, y0));
    }
    __syncthreads();
    const uint32_t count = min(kBatch, range.y - base);
    for (uint32_t chunk = 0; chunk < count; chunk += kWarp) {
      uint32_t found = 0;
      uint32_t left = __ballot_sync(~0u, reached[chunk + lane] >> warp & 1);
      if (__all_sync(~0u, done)) left = 0;
      for (; left; left &= left - 1) {
        const uint32_t j = uint32_t(__ffs(int(left))) - 1;
        const Record& r = batch[chunk + j];
        const float dx = float(x) + 0.5f - r.u, dy = float(y) + 0.5f - r.v;
        const float u = r.l11 * dx + r.l21 * dy, v = r.l22 * dy;
        const float p = r.log2_opacity - u * u - v * v;
        const bool covered = !done && p >= kLog2LeastAlpha;
        if (!__any_sync(~0u, covered)) continue;
        float sums[16] = {};
        if (covered) {
          pixel_pull(r, dx, dy, p, want, error, clear, behind, sums);
          done = clear < kDark;
        }
        const float largest = warp_most(sums[11]);
        const float sum = warp_sums(sums, lane);
        if (lane % 2 == 0 && lane / 2 < kSums) part[warp][j][lane / 2] = sum;
        if (lane == 1) part[warp][j][kSums] = largest;
        found |= 1u << j;
      }
      if (lane == 0) touched[warp] = found;
      __syncthreads();
      const uint32_t rows_here = min(kWarp, count - chunk);
      for (uint32_t i = me; i < rows_here * kRow; i += kBatch) {
        const uint32_t j = i / kRow, k = i % kRow;
        float sum = 0;
        for (uint32_t w = 0; w < kWarps; ++w)
          if (touched[w] >> j & 1) sum = k < kSums ? sum + part[w][j][k] : fmaxf(sum, part[w][j][k]);
        rows[size_t(base + chunk) * kRow + i] = sum;
      }
      __syncthreads();
    }
  }
}

// Arrays of the raw Gaussians' gradients; any may be null.
struct GradientArrays {
  float *positions, *log_scales, *rotations, *logits, *harmonics, *scores;
};

__device__ __forceinline__ void put(float* array, uint32_t i, const Vec3<float>& v) {
  if (!array) return;
  array[3 * size_t(i)] = v.x, array[3 * size_t(i) + 1] = v.y, array[3 * size_t(i) + 2] = v.z;
}

template <class Key>
__global__ void chain_kernel(Device d, const Record* ranked, const uint32_t* order,
                             const Status* status, const Key* pairs, Packing<Key> packing,
                             const uint2* ranges, const float* rows, const Kept* kept,
                             GradientArrays out) {
  const uint32_t rank = thread_index();
  if (rank >= status->drawn) return;
  const View& view = *d.view;
  const Record r = ranked[rank];
  float row[kRow] = {};
  each_tile(view, r, [&](uint32_t tile) {
    uint32_t low = ranges[tile].x, high = ranges[tile].y;
    while (low < high) {
      const uint32_t middle = low + (high - low) / 2;
      if (packing.rank(pairs[middle]) < rank)
        low = middle + 1;
      else
        high = middle;
    }
    if (low == ranges[tile].y) return;
    const float* more = rows + size_t(low) * kRow;
    for (uint32_t k = 0; k < kSums; ++k) row[k] += more[k];
    row[kSums] = fmaxf(row[kSums], more[kSums]);
  });
  const uint32_t i = order[rank];
  if (out.scores) {
    float* scores = out.scores + 4 * size_t(i);
    scores[0] = sqrtf(row[9] * row[9] + row[10] * row[10]);
    scores[1] = row[11], scores[2] = row[12], scores[3] = row[kSums];
  }
  const Moved m = moved(d, i, d.rest[i]);
  const Vec3<float>& p = m.position;
  const Sym3<float>& s = m.covariance;
  Vec3<float> place;
  Sym3<float> covariance;
  const Pull<float> pull = {row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]};
  float flat;
  footprint_back<float>(view, p, r.z, s, r.l11, r.l21, r.l22, pull, place, covariance, flat);
  if (view.antialiased && !(flat > kFlat)) {
    const Pull<double> exact = {row[0], row[1], row[2], row[3], row[4],
                                row[5], row[6], row[7], row[8]};
    Vec3<double> at;
    Sym3<double> c;
    double unused;
    footprint_back<double>(view, {p.x, p.y, p.z}, r.z, {s.xx, s.xy, s.xz, s.yy, s.yz, s.zz}, r.l11,
                           r.l21, r.l22, exact, at, c, unused);
    place = {float(at.x), float(at.y), float(at.z)};
    covariance = {float(c.xx), float(c.xy), float(c.xz), float(c.yy), float(c.yz), float(c.zz)};
  }

  const size_t k = size_t(d.degree + 1) * (d.degree + 1);
  const float* sh = d.harmonics + 3 * k * i;
  const Vec3<float> towards = ray<float>(view, p);
  const Vec3<float> colour = {r.red > 0 ? row[6] : 0, r.green > 0 ? row[7] : 0,
                              r.blue > 0 ? row[8] : 0};
  const Vec3<float> turned = colour_back<float>(
      back(m.turn, towards), int(d.degree), colour,
      [&](int j, int channel) { return sh[3 * j + channel]; },
      [&](int j, float basis) {
        if (!out.harmonics) return;
        float* harmonic = out.harmonics + 3 * (k * i + size_t(j));
        harmonic[0] = basis * colour.x, harmonic[1] = basis * colour.y;
        harmonic[2] = basis * colour.z;
      });
  const Vec3<float> by_ray = ray_back<float>(view, p, towards, m.turn * turned);
  place = {place.x + by_ray.x, place.y + by_ray.y, place.z + by_ray.z};

  const Kept own = kept[i];
  Vec3<float> log_scale, rotation;
  spread_back<float>(
      matrix(Quat<float>{own.rotation[0], own.rotation[1], own.rotation[2], own.rotation[3]}),
      {own.variance[0], own.variance[1], own.variance[2]}, unbent(m.whole, covariance), log_scale,
      rotation);
  put(out.positions, i, back(m.whole, place));
  put(out.log_scales, i, log_scale);
  put(out.rotations, i, rotation);
  if (out.logits) out.logits[i] = logit_back(row[0], own.hidden);
}

}  // namespace rt
