// One step of Adam (Kingma and Ba, 2015, algorithm 1) on memory of the host.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

namespace rt {

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

// The same in pieces. Every element is on its own, so threads change nothing in what comes out.
inline void adam_threaded(const Adam& a, float* value, const float* gradient, float* first,
                          float* second, uint64_t count, uint32_t threads) {
  constexpr uint64_t kWorth = 1 << 16;  // elements: for fewer a thread takes longer than its work
  const uint64_t most = std::max<uint64_t>(1, count / kWorth);
  const uint64_t parts = std::min<uint64_t>(threads, most);
  auto part = [&](uint64_t i) {
    const uint64_t begin = count * i / parts, end = count * (i + 1) / parts;
    adam(a, value + begin, gradient + begin, first + begin, second + begin, end - begin);
  };
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

}  // namespace rt
