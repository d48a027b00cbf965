// What a kernel sees: its place in the grid, its block's memory, and the calls in which threads
// meet. A call that only some of those who must come to it reach is a fault, as on a card.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>

#include "fibers.h"

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __shared__ static
#define __restrict__ __restrict
#define __launch_bounds__(...)

struct dim3 {
  unsigned x, y, z;
  dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};
struct uint3 { unsigned x, y, z; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

inline uint3 threadIdx, blockIdx;
inline dim3 blockDim, gridDim;

namespace emulated {

constexpr int kWarp = 32;
enum class Call : int { kNone, kSync, kCount, kBallot, kShuffle, kWarp };

// Which order threads and blocks run in: 0 as they are numbered, 1 backwards, else shuffled.
inline int g_order = 0;

inline std::vector<unsigned> order_of(unsigned count) {
  std::vector<unsigned> order(count);
  for (unsigned i = 0; i < count; ++i) order[i] = g_order == 1 ? count - 1 - i : i;
  if (g_order > 1) std::shuffle(order.begin(), order.end(), std::mt19937(unsigned(g_order)));
  return order;
}

struct Thread {
  Fiber fiber;
  Call waits = Call::kNone;
  bool over = false;
  unsigned turn = 0;  // how many calls of its warp it has met
};

struct Warp {
  uint64_t values[2][kWarp];
  unsigned ballot[2];
};

class Block {
 public:
  void run(unsigned threads, const std::function<void()>& body) {
    body_ = &body;
    while (threads_.size() < threads) threads_.push_back(std::make_unique<Thread>());
    warps_.resize((threads + kWarp - 1) / kWarp);
    size_ = live_ = threads;
    const std::vector<unsigned> order = order_of(threads);
    for (unsigned i = 0; i < threads; ++i) {
      Thread& thread = *threads_[i];
      thread.waits = Call::kNone, thread.over = false, thread.turn = 0;
      thread.fiber.start(&Block::begin);
    }
    while (live_) {
      bool moved = false;
      for (unsigned i : order) {
        Thread& thread = *threads_[i];
        if (thread.over || thread.waits != Call::kNone) continue;
        moved = true;
        current_ = i;
        threadIdx = {i, 0, 0};
        thread.fiber.enter();
      }
      for (unsigned w = 0; w < warps_.size(); ++w) moved |= meet_warp(w);
      moved |= meet_block();
      if (!moved && live_) fault("threads wait for others that do not come");
    }
  }

  unsigned lane() const { return current_ % kWarp; }

  void meet(Call call) {
    Thread& thread = *threads_[current_];
    thread.waits = call;
    thread.fiber.leave(false);
  }

  int count(bool predicate) {
    counted_ += predicate;
    meet(Call::kCount);
    return result_;
  }

  // Puts a value beside those of the warp and returns all of them.
  const uint64_t* share(Call call, unsigned mask, uint64_t value, unsigned* ballot) {
    if (mask != ~0u) fault("only whole warps may meet here");
    Thread& thread = *threads_[current_];
    Warp& warp = warps_[current_ / kWarp];
    const unsigned turn = thread.turn++ & 1, lane = current_ % kWarp;
    warp.values[turn][lane] = value;
    meet(call);
    if (ballot) *ballot = warp.ballot[turn];
    return warp.values[turn];
  }

 private:
  static void begin();
  bool meet_warp(unsigned w) {
    const unsigned first = w * kWarp, last = std::min(size_, first + kWarp);
    const Call call = threads_[first]->waits;
    bool any = false, all = last == first + kWarp;
    for (unsigned i = first; i < last; ++i) {
      const Call each = threads_[i]->waits;
      any |= each >= Call::kBallot;
      all &= each == call && !threads_[i]->over;
    }
    if (!any || !all || call < Call::kBallot) return false;
    Warp& warp = warps_[w];
    const unsigned turn = (threads_[first]->turn - 1) & 1;
    warp.ballot[turn] = 0;
    for (unsigned i = first; i < last; ++i) {
      warp.ballot[turn] |= unsigned(warp.values[turn][i - first] != 0) << (i - first);
      threads_[i]->waits = Call::kNone;
    }
    return true;
  }
  bool meet_block() {
    Call call = Call::kNone;
    for (unsigned i = 0; i < size_; ++i)
      if (!threads_[i]->over) {
        const Call each = threads_[i]->waits;
        if (each != Call::kSync && each != Call::kCount) return false;
        if (call != Call::kNone && call != each) fault("threads meet in calls that differ");
        call = each;
      }
    if (call == Call::kNone) return false;
    result_ = counted_, counted_ = 0;
    for (unsigned i = 0; i < size_; ++i) threads_[i]->waits = Call::kNone;
    return true;
  }

  std::vector<std::unique_ptr<Thread>> threads_;
  std::vector<Warp> warps_;
  const std::function<void()>* body_ = nullptr;
  unsigned size_ = 0, live_ = 0, current_ = 0;
  int counted_ = 0, result_ = 0;
};

inline Block g_block;

inline void Block::begin() {
  Block& block = g_block;
  Thread& thread = *block.threads_[block.current_];
  thread.fiber.entered();
  (*block.body_)();
  thread.over = true;
  --block.live_;
  thread.fiber.leave(true);
  fault("a thread that is over runs on");
}

inline void run_grid(dim3 grid, dim3 block, const std::function<void()>& body) {
  gridDim = grid, blockDim = block;
  for (unsigned at : order_of(grid.x * grid.y * grid.z)) {
    blockIdx = {at % grid.x, at / grid.x % grid.y, at / grid.x / grid.y};
    g_block.run(block.x * block.y * block.z, body);
  }
}

}  // namespace emulated

inline void __syncthreads() {
  emulated::g_block.meet(emulated::Call::kSync);
}
inline int __syncthreads_count(int predicate) {
  const int count = emulated::g_block.count(predicate != 0);
  return count;
}
inline void __syncwarp(unsigned mask = ~0u) {
  emulated::g_block.share(emulated::Call::kWarp, mask, 0, nullptr);
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  unsigned ballot = 0;
  emulated::g_block.share(emulated::Call::kBallot, mask, predicate != 0, &ballot);
  return ballot;
}
inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
inline int __all_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) == ~0u; }
template <class T> T __shfl_xor_sync(unsigned mask, T value, int other) {
  const unsigned lane = emulated::g_block.lane();
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  const uint64_t* all = emulated::g_block.share(emulated::Call::kShuffle, mask, bits, nullptr);
  std::memcpy(&value, &all[lane ^ unsigned(other)], sizeof value);
  return value;
}

inline int __ffs(int value) { return __builtin_ffs(value); }
inline int __popc(unsigned value) { return __builtin_popcount(value); }
inline unsigned __float_as_uint(float value) {
  unsigned out;
  std::memcpy(&out, &value, 4);
  return out;
}
inline float __uint_as_float(unsigned value) {
  float out;
  std::memcpy(&out, &value, 4);
  return out;
}
inline float __int_as_float(int value) { return __uint_as_float(unsigned(value)); }
template <class T> T __ldg(const T* at) { return *at; }
template <class T, class U> T atomicAdd(T* at, U value) {
  const T before = *at;
  *at = T(before + value);
  return before;
}
template <class T> T min(T a, T b) { return a < b ? a : b; }
template <class T> T max(T a, T b) { return a > b ? a : b; }
