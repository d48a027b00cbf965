// From raw Gaussians, and what corrects them, to Gaussians at rest; the rules are those of raw.h.
#pragma once

#include <cuda_fp16.h>

#include "cuda_scene.cuh"
#include "raw.h"

namespace rt {

// What the way back needs of a raw Gaussian, so that it is found once for many pictures.
struct alignas(16) Kept {
  float rotation[4], variance[3], hidden;
};

struct RawArrays {
  const float *positions, *log_scales, *rotations, *logits;  // rotations: 4, or 3 in changes
};

// Rows of correctives: those of Gaussian i are begins[i] to begins[i + 1].
struct Rows {
  const uint32_t *begins, *basis;
  const float* coefficients;
};

// out = given + coefficients * rows, a thread to a number, `width` to a Gaussian, of which the rows
// have the first `changed`; `given` may be none.
__global__ void mix_kernel(size_t count, uint32_t width, uint32_t changed, Rows rows,
                           const __half* halves, const float* given, float* out) {
  const size_t i = size_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= count) return;
  const size_t gaussian = i / width, number = i % width;
  float sum = given ? given[i] : 0.0f;
  const uint32_t end = number < changed ? rows.begins[gaussian + 1] : 0;
  for (uint32_t row = number < changed ? rows.begins[gaussian] : 0; row < end; ++row)
    sum += rows.coefficients[rows.basis[row]] * __half2float(halves[size_t(row) * changed + number]);
  out[i] = sum;
}

// Changes that are none are null.
__global__ void activate_kernel(uint32_t count, RawArrays given, RawArrays changes, bool change,
                                Rest* rest, Kept* kept) {
  const uint32_t i = thread_index();
  if (i >= count) return;
  auto three = [&](const float* array) {
    return array ? point(array, int32_t(i)) : Vec3<float>{0, 0, 0};
  };
  const float* q = given.rotations + 4 * size_t(i);
  Raw<float> raw = {three(given.positions), three(given.log_scales), {q[0], q[1], q[2], q[3]},
                    given.logits[i]};
  if (change) {
    const Raw<float> by = {three(changes.positions), three(changes.log_scales), {1, 0, 0, 0},
                           changes.logits ? changes.logits[i] : 0.0f};
    raw = corrected(raw, by, three(changes.rotations));
  }
  const Activated<float> a = activate(raw);
  const Sym3<float>& s = a.covariance;
  rest[i] = {{raw.position.x, raw.position.y, raw.position.z}, a.log2_opacity,
             {s.xx, s.xy, s.xz, s.yy, s.yz, s.zz}, {a.normal.x, a.normal.y, a.normal.z}, {0, 0, 0}};
  kept[i] = {{a.rotation.w, a.rotation.x, a.rotation.y, a.rotation.z},
             {a.variance.x, a.variance.y, a.variance.z}, a.hidden};
}

}  // namespace rt
