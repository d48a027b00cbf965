// What an optimiser does beside drawing, on memory of the host: the loss of a picture, a step of
// Adam, and turning quaternions. Threads change nothing in what comes out.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

#include "raw.h"

namespace rt {

// Calls work(begin, end) for pieces of [0, count), each in a thread of its own.
template <class Work>
void in_pieces(uint64_t count, uint64_t worth, uint32_t threads, const Work& work) {
  const uint64_t parts = std::min<uint64_t>(threads, std::max<uint64_t>(1, count / worth));
  auto part = [&](uint64_t i) { work(count * i / parts, count * (i + 1) / parts); };
  std::vector<std::thread> workers;
  uint64_t started = 1;
  try {
    for (; started < parts; ++started) workers.emplace_back(part, started);
  } catch (const std::exception&) {
    // A machine that has no more threads: what they would have done is done here.
  }
  part(0);
  for (uint64_t i = started; i < parts; ++i) part(i);
  for (std::thread& worker : workers) worker.join();
}

// Kingma and Ba, 2015, algorithm 1.
struct Adam {
  float rate, beta1, beta2, epsilon;
  float new1, new2;      // 1 - beta
  float scale1, scale2;  // 1 / (1 - beta^step)
};

inline void adam(const Adam& a, float* __restrict value, const float* __restrict gradient,
                 float* __restrict first, float* __restrict second, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    const float m = a.beta1 * first[i] + a.new1 * g;
    const float v = a.beta2 * second[i] + a.new2 * g * g;
    first[i] = m, second[i] = v;
    value[i] -= a.rate * (m * a.scale1) / (std::sqrt(v * a.scale2) + a.epsilon);
  }
}

// q becomes q * exp(v), of length 1.
inline void turn(float* quaternions, const float* vectors, uint64_t begin, uint64_t end) {
  for (uint64_t i = begin; i < end; ++i) {
    float* q = quaternions + 4 * i;
    const float* v = vectors + 3 * i;
    const Quat<float> by = rotation(Vec3<float>{v[0], v[1], v[2]});
    const Quat<float> now = unit(Quat<float>{q[0], q[1], q[2], q[3]} * by);
    q[0] = now.w, q[1] = now.x, q[2] = now.y, q[3] = now.z;
  }
}

struct Loss {
  const float *drawn, *target;
  const uint8_t *bytes, *mask;  // bytes: the target in 255ths; either may be null
  float small, scale;
  float *d_rgba, *error;
};

constexpr uint64_t kLossBlock = 1 << 12;  // pixels; sums are of blocks, whichever thread takes them

// Pixels [begin, end). Returns the sum of squares.
inline double loss(const Loss& a, uint64_t begin, uint64_t end) {
  float wrong[4 * 64], square[4 * 64];
  double sum = 0;
  for (uint64_t at = begin; at < end; at += 64) {
    const uint64_t pixels = std::min<uint64_t>(64, end - at), numbers = 4 * pixels;
    for (uint64_t i = 0; i < numbers; ++i) {
      const uint64_t j = 4 * at + i;
      wrong[i] = a.drawn[j] - (a.bytes ? float(a.bytes[j]) * (1.0f / 255.0f) : a.target[j]);
    }
    if (a.mask)
      for (uint64_t i = 0; i < numbers; ++i)
        wrong[i] = a.mask[at + i / 4] ? wrong[i] : 0.0f;
    for (uint64_t i = 0; i < numbers; ++i) {
      square[i] = wrong[i] * wrong[i];
      a.d_rgba[4 * at + i] = a.scale * wrong[i] / std::sqrt(square[i] + a.small * a.small);
    }
    float sums[4] = {0, 0, 0, 0};
    for (uint64_t i = 0; i < numbers; i += 4)
      for (int c = 0; c < 4; ++c) sums[c] += square[i + uint64_t(c)];
    sum += double(sums[0]) + sums[1] + sums[2] + sums[3];
    if (a.error)
      for (uint64_t i = 0; i < pixels; ++i) {
        const float* w = wrong + 4 * i;
        a.error[at + i] = 0.25f * (std::fabs(w[0]) + std::fabs(w[1]) + std::fabs(w[2]) +
                                   std::fabs(w[3]));
      }
  }
  return sum;
}

}  // namespace rt
