// The sorts and the sum of CUB, in the simplest way.
#pragma once

#include <algorithm>
#include <numeric>

#include "../cuda_runtime.h"

namespace cub {

namespace emulated_cub {
constexpr size_t kScratch = 1000;

// The first call asks for the scratch memory's size, and the second must bring as much.
inline bool asked(void* scratch, size_t& bytes, cudaError_t& code) {
  code = cudaSuccess;
  if (!scratch) {
    bytes = kScratch;
    return true;
  }
  if (bytes < kScratch || !emulated::within(emulated::g_state.device, scratch, kScratch))
    code = cudaErrorInvalidValue;
  return code != cudaSuccess;
}
template <class Key> Key digits(Key key, int begin, int end) {
  const int width = end - begin;
  key = Key(key >> begin);
  return width >= int(sizeof(Key) * 8) ? key : Key(key & ((Key(1) << width) - 1));
}
template <class Key>
std::vector<size_t> order_of(const Key* keys, size_t count, int begin, int end) {
  std::vector<size_t> order(count);
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return digits(keys[a], begin, end) < digits(keys[b], begin, end);
  });
  return order;
}
}  // namespace emulated_cub

struct DeviceRadixSort {
  template <class Key, class Value, class Count>
  static cudaError_t SortPairs(void* scratch, size_t& bytes, const Key* keys, Key* sorted,
                               const Value* values, Value* moved, Count count, int begin = 0,
                               int end = sizeof(Key) * 8, cudaStream_t stream = nullptr) {
    cudaError_t code;
    if (emulated_cub::asked(scratch, bytes, code)) return code;
    return emulated::enqueue(stream, [=] {
      const auto order = emulated_cub::order_of(keys, size_t(count), begin, end);
      for (size_t i = 0; i < order.size(); ++i) sorted[i] = keys[order[i]], moved[i] = values[order[i]];
    });
  }
  template <class Key, class Count>
  static cudaError_t SortKeys(void* scratch, size_t& bytes, const Key* keys, Key* sorted,
                              Count count, int begin = 0, int end = sizeof(Key) * 8,
                              cudaStream_t stream = nullptr) {
    cudaError_t code;
    if (emulated_cub::asked(scratch, bytes, code)) return code;
    return emulated::enqueue(stream, [=] {
      const auto order = emulated_cub::order_of(keys, size_t(count), begin, end);
      for (size_t i = 0; i < order.size(); ++i) sorted[i] = keys[order[i]];
    });
  }
};

struct DeviceScan {
  template <class In, class Out, class Count>
  static cudaError_t ExclusiveSum(void* scratch, size_t& bytes, const In* in, Out* out, Count count,
                                  cudaStream_t stream = nullptr) {
    cudaError_t code;
    if (emulated_cub::asked(scratch, bytes, code)) return code;
    return emulated::enqueue(stream, [=] {
      std::remove_cv_t<In> sum = 0;
      for (Count i = 0; i < count; ++i) {
        const auto here = in[i];
        out[i] = sum, sum += here;
      }
    });
  }
};

}  // namespace cub
