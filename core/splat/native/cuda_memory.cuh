// The graphics card's memory, its errors as ours, and how a kernel is started.
//
// All of the CUDA back end is plain C++ to a compiler: kernels are started by a function, not by
// CUDA's own syntax, so that tests can compile the same source for the processor and run it there.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <string>

#include "backend.h"

namespace rt {

constexpr uint32_t kThreads = 256;

inline void check(cudaError_t code) {
  if (code == cudaSuccess) return;
  cudaGetLastError();  // so that it is not told a second time, of a call that went well
  if (code == cudaErrorMemoryAllocation)
    throw Error(RT_MEMORY, "the graphics card has not enough memory: use fewer Gaussians, a smaller "
                           "picture, or the CPU");
  throw Error(RT_DEVICE, std::string("the graphics card failed (") + cudaGetErrorString(code) +
                             "): start the program again, or use the CPU");
}

// Memory of the GPU, or of the host where the GPU reads and writes it; only ever grows.
template <class T, bool Pinned = false> class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { release(); }

  void grow(size_t count) {
    count = std::max<size_t>(count, 1);
    if (count <= size_) return;
    release();
    check(Pinned ? cudaMallocHost(&data_, count * sizeof(T)) : cudaMalloc(&data_, count * sizeof(T)));
    size_ = count;
  }
  // From memory of the host that may be gone once this returns, before what follows in the stream.
  void fill(const void* from, size_t count, cudaStream_t stream) {
    grow(count);
    if (count)
      check(cudaMemcpyAsync(data_, from, count * sizeof(T), cudaMemcpyHostToDevice, stream));
  }
  T* get() const { return static_cast<T*>(data_); }
  size_t size() const { return size_; }

 private:
  void release() {  // of a lost card this fails, and there is nothing left to free
    if (data_) Pinned ? cudaFreeHost(data_) : cudaFree(data_);
    data_ = nullptr, size_ = 0;
  }
  void* data_ = nullptr;
  size_t size_ = 0;
};

inline dim3 blocks(size_t count, uint32_t threads = kThreads) {
  return dim3(unsigned((count + threads - 1) / threads));
}

template <class... Taken, class... Given>
void launch(cudaStream_t stream, dim3 grid, uint32_t threads, void (*kernel)(Taken...),
            const Given&... given) {
  if (!grid.x || !grid.y) return;
  cudaLaunchConfig_t config = {};
  config.gridDim = grid, config.blockDim = dim3(threads), config.stream = stream;
  check(cudaLaunchKernelEx(&config, kernel, Taken(given)...));
}

}  // namespace rt
