// The part of CUDA's runtime that the renderer uses, on the processor.
//
// Work in a stream waits until something waits for it, as on a card, so that a host that reads too
// early reads what was there before. A graph holds the very arguments that were captured: memory
// that was freed since is found by the address sanitizer, and so is a host that looks into the
// card's memory. Fresh memory is NaNs. Tests make it fail with `emulated_set`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "device.h"

#define CUDART_VERSION 13000

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInsufficientDriver = 35,
  cudaErrorDevicesUnavailable = 46,
  cudaErrorNoDevice = 100,
  cudaErrorInvalidDevice = 101,
  cudaErrorNoKernelImageForDevice = 209,
  cudaErrorIllegalAddress = 700,
  cudaErrorLaunchFailure = 719,
  cudaErrorStreamCaptureUnsupported = 900,
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };
enum cudaDeviceAttr { cudaDevAttrMultiProcessorCount, cudaDevAttrComputeMode };
enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal };
constexpr unsigned cudaStreamNonBlocking = 1, cudaEventDefault = 0, cudaEventRecordExternal = 1;
enum cudaFuncAttribute_ { kNoAttribute };
struct cudaFuncAttributes { int numRegs; };
struct cudaLaunchAttribute {};
struct cudaDeviceProp {
  char name[256];
  int major, minor;
  size_t totalGlobalMem;
};

namespace emulated {

using Work = std::function<void()>;
struct Graph { std::vector<Work> work; };
struct Stream {
  std::vector<Work> work;
  bool capturing = false;
};
struct Event { double seconds = -1; };

// What a test asks for, and what there is.
struct State {
  std::map<std::string, long> set, calls;
  std::map<char*, size_t> device, host;  // blocks of memory
  std::vector<Stream*> streams;
  int current = 0;
  cudaError_t sticky = cudaSuccess;
  double clock = 0;
};
inline State g_state;

inline long setting(const char* name, long usual) {
  const auto found = g_state.set.find(name);
  return found == g_state.set.end() ? usual : found->second;
}

// Counts a call down to the one that is to fail: "fail <name>" is how many go well, "code <name>"
// what the next answers. A code from 700 on loses the card for good.
inline cudaError_t called(const char* name) {
  ++g_state.calls[name];
  if (g_state.sticky != cudaSuccess) return g_state.sticky;
  const auto found = g_state.set.find(std::string("fail ") + name);
  if (found == g_state.set.end() || found->second-- > 0) return cudaSuccess;
  g_state.set.erase(found);
  const auto code = cudaError_t(setting((std::string("code ") + name).c_str(), 719));
  if (code >= 700 && code < 900) g_state.sticky = code;
  return code;
}

inline void veil(bool hidden) {
#if defined(__SANITIZE_ADDRESS__)
  for (const auto& each : g_state.device)
    hidden ? __asan_poison_memory_region(each.first, each.second)
           : __asan_unpoison_memory_region(each.first, each.second);
#else
  (void)hidden;
#endif
}

inline bool within(const std::map<char*, size_t>& blocks, const void* at, size_t bytes) {
  const char* begin = static_cast<const char*>(at);
  auto next = blocks.upper_bound(const_cast<char*>(begin));
  if (next == blocks.begin()) return false;
  --next;
  return begin + bytes <= next->first + next->second;
}

inline cudaError_t enqueue(Stream* stream, Work work) {
  stream->work.push_back(std::move(work));
  return cudaSuccess;
}

inline cudaError_t finish(Stream* stream) {
  if (stream->capturing) return cudaErrorStreamCaptureUnsupported;
  std::vector<Work> work;
  work.swap(stream->work);
  veil(false);
  for (const Work& each : work) each();
  veil(true);
  return g_state.sticky;
}

inline cudaError_t finish_all() {
  for (Stream* stream : g_state.streams)
    if (stream->capturing) return cudaErrorStreamCaptureUnsupported;
  for (Stream* stream : g_state.streams) finish(stream);
  return g_state.sticky;
}

}  // namespace emulated

extern "C" __attribute__((visibility("default"))) inline void emulated_set(const char* name, long value) {
  if (std::string(name) == "reset") {
    emulated::g_state.set.clear(), emulated::g_state.sticky = cudaSuccess, emulated::g_order = 0;
  } else if (std::string(name) == "order") {
    emulated::g_order = int(value);
  } else {
    emulated::g_state.set[name] = value;
  }
}
// How many blocks of memory are held ("device" or "host"), or how often a call was made.
extern "C" __attribute__((visibility("default"))) inline long emulated_count(const char* which) {
  using emulated::g_state;
  const std::string name = which;
  if (name == "device") return long(g_state.device.size());
  return name == "host" ? long(g_state.host.size()) : g_state.calls[name];
}
// Named, or nothing would be there to find for who loads the library.
__attribute__((used)) inline const void* emulated_kept[] = {
    reinterpret_cast<const void*>(&emulated_set), reinterpret_cast<const void*>(&emulated_count)};

using cudaStream_t = emulated::Stream*;
using cudaGraph_t = emulated::Graph*;
using cudaGraphExec_t = emulated::Graph*;
using cudaEvent_t = emulated::Event*;
struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes;
  cudaStream_t stream;
  cudaLaunchAttribute* attrs;
  unsigned numAttrs;
};

#define EMULATED_CALL(name) \
  if (const cudaError_t code_ = emulated::called(name)) return code_

inline cudaError_t cudaGetLastError() { return emulated::g_state.sticky; }
inline const char* cudaGetErrorString(cudaError_t code) {
  switch (code) {
    case cudaErrorInsufficientDriver: return "CUDA driver version is insufficient";
    case cudaErrorNoDevice: return "no CUDA-capable device is detected";
    case cudaErrorIllegalAddress: return "an illegal memory access was encountered";
    case cudaErrorLaunchFailure: return "unspecified launch failure";
    default: return "some error";
  }
}
inline cudaError_t cudaDriverGetVersion(int* version) {
  *version = int(emulated::setting("driver", 13000));
  return cudaSuccess;
}
inline cudaError_t cudaGetDeviceCount(int* count) {
  *count = 0;
  const long driver = emulated::setting("driver", 13000);
  if (driver == 0) return cudaErrorInsufficientDriver;
  if (driver < CUDART_VERSION) return cudaErrorInsufficientDriver;
  *count = int(emulated::setting("devices", 1));
  return *count ? emulated::called("cudaGetDeviceCount") : cudaErrorNoDevice;
}
inline cudaError_t cudaSetDevice(int device) {
  EMULATED_CALL("cudaSetDevice");
  if (device < 0 || device >= emulated::setting("devices", 1)) return cudaErrorInvalidDevice;
  emulated::g_state.current = device;
  return cudaSuccess;
}
inline cudaError_t cudaGetDevice(int* device) {
  *device = emulated::g_state.current;
  return cudaSuccess;
}
inline cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr, int) {
  *value = 8;
  return cudaSuccess;
}
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp* out, int device) {
  EMULATED_CALL("cudaGetDeviceProperties");
  *out = {};
  std::snprintf(out->name, sizeof out->name, "Emulated %d", device);
  out->major = 9, out->totalGlobalMem = size_t(1) << 30;
  return cudaSuccess;
}
inline cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  EMULATED_CALL("cudaMemGetInfo");
  const std::string name = "free " + std::to_string(emulated::g_state.current);
  *free = size_t(emulated::setting(name.c_str(), 1 << 30)), *total = size_t(1) << 30;
  return cudaSuccess;
}
template <class Kernel> cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* out, Kernel*) {
  EMULATED_CALL("cudaFuncGetAttributes");
  out->numRegs = 1;
  return cudaSuccess;
}

inline cudaError_t cudaMalloc(void** out, size_t bytes) {
  EMULATED_CALL("cudaMalloc");
  size_t held = 0;
  for (const auto& each : emulated::g_state.device) held += each.second;
  if (!bytes || held + bytes > size_t(emulated::setting("memory", 1L << 31)))
    return cudaErrorMemoryAllocation;
  char* data = static_cast<char*>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
  if (!data) return cudaErrorMemoryAllocation;
  std::memset(data, 0xff, bytes);  // floats that are none
  emulated::g_state.device[data] = bytes;
  emulated::veil(true);
  *out = data;
  return cudaSuccess;
}
inline cudaError_t cudaMallocHost(void** out, size_t bytes) {
  EMULATED_CALL("cudaMallocHost");
  char* data = static_cast<char*>(std::malloc(bytes));
  if (!data) return cudaErrorMemoryAllocation;
  std::memset(data, 0xff, bytes);
  emulated::g_state.host[data] = bytes;
  *out = data;
  return cudaSuccess;
}
inline cudaError_t cudaFree(void* data) {
  if (!data) return cudaSuccess;
  emulated::finish_all();
  emulated::veil(false);
  if (!emulated::g_state.device.erase(static_cast<char*>(data))) emulated::fault("freed what is not the card's");
  std::free(data);
  emulated::veil(true);
  return emulated::called("cudaFree");
}
inline cudaError_t cudaFreeHost(void* data) {
  if (!data) return cudaSuccess;
  emulated::finish_all();
  if (!emulated::g_state.host.erase(static_cast<char*>(data))) emulated::fault("freed what is not pinned");
  std::free(data);
  return emulated::called("cudaFreeHost");
}

inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t* out, unsigned) {
  EMULATED_CALL("cudaStreamCreateWithFlags");
  *out = new emulated::Stream;
  emulated::g_state.streams.push_back(*out);
  return cudaSuccess;
}
inline cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  auto& all = emulated::g_state.streams;
  all.erase(std::remove(all.begin(), all.end(), stream), all.end());
  delete stream;
  return cudaSuccess;
}
inline cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  EMULATED_CALL("cudaStreamSynchronize");
  return emulated::finish(stream);
}
// Memory that is not pinned is read at once, and written after all that comes before; a graph may
// not have to do with it.
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                                   cudaStream_t stream) {
  EMULATED_CALL("cudaMemcpyAsync");
  using emulated::within;
  const auto& state = emulated::g_state;
  if (kind != cudaMemcpyHostToDevice && !within(state.device, from, bytes)) return cudaErrorInvalidValue;
  if (kind != cudaMemcpyDeviceToHost && !within(state.device, to, bytes)) return cudaErrorInvalidValue;
  const bool pinned = kind == cudaMemcpyDeviceToDevice ||
                      within(state.host, kind == cudaMemcpyHostToDevice ? from : to, bytes);
  if (pinned) return emulated::enqueue(stream, [=] { std::memcpy(to, from, bytes); });
  if (stream->capturing) return cudaErrorStreamCaptureUnsupported;
  if (kind == cudaMemcpyHostToDevice) {
    const char* begin = static_cast<const char*>(from);
    const std::vector<char> staged(begin, begin + bytes);
    return emulated::enqueue(stream, [=] { std::memcpy(to, staged.data(), bytes); });
  }
  emulated::enqueue(stream, [=] { std::memcpy(to, from, bytes); });
  return emulated::finish(stream);
}
inline cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream) {
  EMULATED_CALL("cudaMemsetAsync");
  if (!emulated::within(emulated::g_state.device, to, bytes)) return cudaErrorInvalidValue;
  return emulated::enqueue(stream, [=] { std::memset(to, value, bytes); });
}

inline cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  EMULATED_CALL("cudaStreamBeginCapture");
  if (const cudaError_t code = emulated::finish(stream)) return code;
  stream->capturing = true;
  return cudaSuccess;
}
inline cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* out) {
  stream->capturing = false;
  *out = new emulated::Graph{std::move(stream->work)};
  stream->work.clear();
  return emulated::called("cudaStreamEndCapture");
}
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t* out, cudaGraph_t graph, unsigned long long) {
  EMULATED_CALL("cudaGraphInstantiate");
  *out = new emulated::Graph(*graph);
  return cudaSuccess;
}
inline cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) {
  delete graph;
  return cudaSuccess;
}
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t stream) {
  EMULATED_CALL("cudaGraphLaunch");
  for (const emulated::Work& each : graph->work) emulated::enqueue(stream, each);
  return cudaSuccess;
}

inline cudaError_t cudaEventCreate(cudaEvent_t* out) {
  EMULATED_CALL("cudaEventCreate");
  *out = new emulated::Event;
  return cudaSuccess;
}
inline cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
inline cudaError_t cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned flags) {
  EMULATED_CALL("cudaEventRecordWithFlags");
  if ((flags & cudaEventRecordExternal) && !stream->capturing) return cudaErrorInvalidValue;
  return emulated::enqueue(stream, [=] { event->seconds = emulated::g_state.clock += 1e-3; });
}
inline cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  if (begin->seconds < 0 || end->seconds < 0) return cudaErrorInvalidValue;
  *milliseconds = float((end->seconds - begin->seconds) * 1e3);
  return cudaSuccess;
}

template <class... Taken, class... Given>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Taken...),
                               Given&&... given) {
  EMULATED_CALL("cudaLaunchKernelEx");
  const dim3 grid = config->gridDim, block = config->blockDim;
  const size_t threads = size_t(block.x) * block.y * block.z;
  if (!grid.x || !grid.y || !grid.z || grid.y > 65535 || grid.z > 65535 || !threads || threads > 1024)
    return cudaErrorInvalidValue;
  std::function<void()> body = [kernel, held = std::tuple<Taken...>(given...)] {
    std::apply(kernel, held);
  };
  return emulated::enqueue(config->stream, [=] { emulated::run_grid(grid, block, body); });
}
