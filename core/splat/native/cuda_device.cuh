// Which graphics card draws, and why none does.
#pragma once

#include <cstdlib>

#include "cuda_memory.cuh"

namespace rt {

struct Card {
  int index = 0, count = 1;
  std::string name;  // with its generation
};

inline std::string version_of(int number) {
  return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
}

inline int count_cards() {
  int count = 0, driver = 0;
  const cudaError_t code = cudaGetDeviceCount(&count);
  if (code == cudaSuccess && count > 0) return count;
  cudaGetLastError();
  if (cudaDriverGetVersion(&driver) != cudaSuccess) driver = 0;
  cudaGetLastError();
  std::string why = code == cudaSuccess || code == cudaErrorNoDevice
                        ? "none is seen (CUDA_VISIBLE_DEVICES may hide it)"
                        : cudaGetErrorString(code);
  if (driver == 0)
    why = "there is no NVIDIA driver";
  else if (code == cudaErrorInsufficientDriver || driver < CUDART_VERSION / 1000 * 1000)
    why = "the NVIDIA driver knows CUDA " + version_of(driver) + " and " +
          version_of(CUDART_VERSION / 1000 * 1000) + " is needed: update the driver";
  throw Error(RT_DEVICE, "no graphics card that CUDA can use: " + why);
}

// The card that RIGTALK_CUDA_DEVICE names, counted from 0 among those that CUDA_VISIBLE_DEVICES
// leaves; without it the one with the most free memory.
inline int choose_card(int count) {
  if (const char* wanted = std::getenv("RIGTALK_CUDA_DEVICE"); wanted && *wanted) {
    char* end = nullptr;
    const long index = std::strtol(wanted, &end, 10);
    if (*end || index < 0 || index >= count)
      throw Error(RT_DEVICE, std::string("RIGTALK_CUDA_DEVICE is \"") + wanted +
                                 "\": choose a graphics card from 0 to " + std::to_string(count - 1));
    return int(index);
  }
  if (count == 1) return 0;  // asking for its memory would take the time of starting it twice
  int best = -1;
  size_t most = 0;
  for (int i = 0; i < count; ++i) {
    size_t free = 0, total = 0;
    // A card that another program has to itself, or that has no memory left, is passed over.
    if (cudaSetDevice(i) != cudaSuccess || cudaMemGetInfo(&free, &total) != cudaSuccess) {
      cudaGetLastError();
      continue;
    }
    if (best < 0 || free > most) best = i, most = free;
  }
  if (best < 0)
    throw Error(RT_DEVICE, "none of " + std::to_string(count) + " graphics cards can be used now: "
                           "other programs have them, or their memory");
  return best;
}

// Starts the card. `kernel` is any of this library: one that it has no code for is found here and
// not in the first frame.
template <class Kernel> Card open_card(Kernel* kernel) {
  Card card;
  card.count = count_cards();
  card.index = choose_card(card.count);
  check(cudaSetDevice(card.index));
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, card.index));
  card.name = std::string(properties.name) + ", compute capability " +
              std::to_string(properties.major) + "." + std::to_string(properties.minor);
  cudaFuncAttributes attributes;
  const cudaError_t code = cudaFuncGetAttributes(&attributes, kernel);
  if (code == cudaErrorNoKernelImageForDevice) {
    cudaGetLastError();
    throw Error(RT_DEVICE, std::string("the graphics card ") + card.name +
                               ", is too old for this library, or its driver is");
  }
  check(code);
  return card;
}

}  // namespace rt
