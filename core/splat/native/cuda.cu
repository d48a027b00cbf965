// The CUDA back end: a frame is one graph that is captured once and replayed. The camera and the
// mesh's vertices come from pinned memory that the graph reads, so that nothing in it changes; the
// host reads nothing back but the picture and two counts that come with it.
#include <cuda_runtime.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <cub/cub.cuh>
#include <vector>

#include "cuda_kernels.cuh"

namespace rt {
namespace {

constexpr uint64_t kMostPairs = 1ull << 27;
constexpr uint32_t kThreads = 256;

void check(cudaError_t code) {
  if (code == cudaSuccess) return;
  cudaGetLastError();
  if (code == cudaErrorMemoryAllocation)
    throw Error(RT_MEMORY, "the graphics card has not enough memory: use fewer Gaussians, a smaller "
                           "picture, or the CPU");
  throw Error(RT_DEVICE, std::string("the graphics card failed: ") + cudaGetErrorString(code));
}

// Memory of the GPU, or of the host where the GPU reads and writes it; only ever grows.
template <class T, bool Pinned = false> class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { release(); }

  // Returns whether it moved.
  bool grow(size_t count) {
    if (count <= size_ && data_) return false;
    release();
    const size_t wanted = std::max<size_t>(count, 1) * sizeof(T);
    check(Pinned ? cudaMallocHost(&data_, wanted) : cudaMalloc(&data_, wanted));
    size_ = std::max<size_t>(count, 1);
    return true;
  }
  void fill(const T* from, size_t count) {
    grow(count);
    if (count) check(cudaMemcpy(data_, from, count * sizeof(T), cudaMemcpyHostToDevice));
  }
  T* get() const { return static_cast<T*>(data_); }
  size_t size() const { return size_; }

 private:
  void release() {
    if (data_) Pinned ? cudaFreeHost(data_) : cudaFree(data_);
    data_ = nullptr, size_ = 0;
  }
  void* data_ = nullptr;
  size_t size_ = 0;
};

template <class T> const T* as(const rt_in& array) { return static_cast<const T*>(array.data); }
uint32_t blocks(size_t count) { return uint32_t((count + kThreads - 1) / kThreads); }

int best_device() {
  int count = 0, best = 0, most = -1;
  const cudaError_t code = cudaGetDeviceCount(&count);
  if (code != cudaSuccess || count == 0) {
    cudaGetLastError();
    int driver = 0;
    cudaDriverGetVersion(&driver);
    const std::string version =
        std::to_string(CUDART_VERSION / 1000) + "." + std::to_string(CUDART_VERSION % 1000 / 10);
    std::string why = code == cudaSuccess ? "none found" : cudaGetErrorString(code);
    if (driver == 0)
      why = "there is no NVIDIA driver";
    else if (code == cudaErrorInsufficientDriver)
      why = "the NVIDIA driver is too old, it must know CUDA " + version;
    throw Error(RT_DEVICE, "no graphics card that CUDA can use: " + why);
  }
  for (int i = 0; i < count; ++i) {
    int units = 0;
    check(cudaDeviceGetAttribute(&units, cudaDevAttrMultiProcessorCount, i));
    if (units > most) most = units, best = i;
  }
  return best;
}

class Cuda final : public Backend {
 public:
  Cuda() : device_(best_device()) {
    check(cudaSetDevice(device_));
    check(cudaGetDeviceProperties(&properties_, device_));
    // A card older than all code in this library is found here and not in the first frame.
    cudaFuncAttributes attributes;
    if (cudaFuncGetAttributes(&attributes, bend_kernel) != cudaSuccess) {
      cudaGetLastError();
      throw Error(RT_DEVICE, std::string("the graphics card ") + properties_.name +
                                 " or its driver is too old for this library");
    }
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
  }
  ~Cuda() override {
    cudaSetDevice(device_);
    if (stream_) cudaStreamSynchronize(stream_);
    forget();
    if (stream_) cudaStreamDestroy(stream_);
  }

  std::string describe() const override {
    return std::string("CUDA, ") + properties_.name + ", compute capability " +
           std::to_string(properties_.major) + "." + std::to_string(properties_.minor);
  }
  void set(const rt_gaussians& given) override;
  void bind(const rt_binding& given) override;
  void render(const View& view, rt_frame& frame) override;

 private:
  struct Shape {
    int width, height;
    bool bound, extra;
    bool operator==(const Shape& o) const {
      return width == o.width && height == o.height && bound == o.bound && extra == o.extra;
    }
  };
  void attach();
  void forget() {
    if (graph_) cudaGraphExecDestroy(graph_);
    graph_ = nullptr;
  }
  void prepare(const Shape& shape);
  void enqueue(const Shape& shape);
  void capture(const Shape& shape);
  Device device() const;

  int device_;
  cudaDeviceProp properties_;
  cudaStream_t stream_ = nullptr;
  cudaGraphExec_t graph_ = nullptr;
  Shape shape_{};
  uint32_t count_ = 0, degree_ = 0, vertices_ = 0, triangles_ = 0;
  std::vector<float> host_positions_;
  std::vector<double> foot_;
  Memory<float> positions_, covariances_, opacities_, harmonics_, turns_, normals_;
  Memory<float> moved_, barycentric_, offsets_;
  Memory<int32_t> corners_, around_, first_, triangle_;
  Memory<Triangle<float>> rest_;
  Memory<Line> bends_, lines_;
  Memory<View> view_;
  Memory<Record> records_;
  Memory<uint32_t> depths_, order_, sorted_depths_, sorted_order_;
  Memory<uint32_t> tiles_, list_, sorted_tiles_, sorted_list_;
  Memory<unsigned long long> counts_, starts_, status_;
  Memory<uint2> ranges_;
  Memory<char> scratch_;
  Memory<float> rgba_, depth_, out_normals_;
  Memory<View, true> host_view_;
  Memory<float, true> host_moved_, host_rgba_, host_depth_, host_normals_;
  Memory<unsigned long long, true> host_status_;
  uint64_t room_ = 0;
};

void Cuda::set(const rt_gaussians& given) {
  check(cudaSetDevice(device_));
  forget();
  const size_t n = given.gaussians, k = size_t(given.degree + 1) * (given.degree + 1);
  if (n != count_) vertices_ = triangles_ = 0;
  count_ = 0;
  std::vector<float> plain(n * 4, 0.0f), opacities(n);
  positions_.fill(as<float>(given.positions), n * 3);
  covariances_.fill(as<float>(given.covariances), n * 6);
  harmonics_.fill(as<float>(given.harmonics), n * k * 3);
  for (size_t i = 0; i < n; ++i) {
    const float opacity = as<float>(given.opacities)[i];
    opacities[i] = opacity >= kLeastAlpha ? std::log2(std::min(opacity, 1.0f)) : -1e3f;
  }
  opacities_.fill(opacities.data(), n);
  normals_.fill(given.normals.data ? as<float>(given.normals) : plain.data(), n * 3);
  for (size_t i = 0; i < n; ++i) plain[4 * i] = 1;
  turns_.fill(given.turns.data ? as<float>(given.turns) : plain.data(), n * 4);
  if (n) host_positions_.assign(as<float>(given.positions), as<float>(given.positions) + n * 3);
  count_ = given.gaussians, degree_ = given.degree;
  room_ = std::max<uint64_t>(room_, std::min<uint64_t>(kMostPairs, 65536 + 4 * uint64_t(n)));
  if (triangles_) attach();
}

void Cuda::attach() {
  std::vector<float> offsets(foot_.size());
  for (size_t i = 0; i < offsets.size(); ++i) offsets[i] = float(host_positions_[i] - foot_[i]);
  offsets_.fill(offsets.data(), offsets.size());
}

void Cuda::bind(const rt_binding& given) {
  check(cudaSetDevice(device_));
  forget();
  triangles_ = vertices_ = 0;
  const float* rest = as<float>(given.rest);
  const int32_t* corners = as<int32_t>(given.corners);
  const size_t t = given.triangles, v = given.vertices, n = count_;
  std::vector<Triangle<float>> triangles(t);
  std::vector<int32_t> first(v + 1, 0), around(t * 3);
  for (size_t i = 0; i < t; ++i) {
    Vec3<double> at[3];
    for (size_t c = 0; c < 3; ++c) {
      const float* corner = rest + size_t(corners[3 * i + c]) * 3;
      at[c] = {corner[0], corner[1], corner[2]};
      ++first[size_t(corners[3 * i + c]) + 1];
    }
    const Triangle<double> found = triangle_at<double>(at[0], at[1], at[2]);
    for (size_t j = 0; j < 9; ++j) triangles[i].rows.m[j] = float(found.rows.m[j]);
    triangles[i].edge = float(found.edge), triangles[i].along = float(found.along);
    triangles[i].across = float(found.across), triangles[i].doubled = float(found.doubled);
  }
  for (size_t i = 0; i < v; ++i) first[i + 1] += first[i];
  std::vector<int32_t> next(first.begin(), first.end() - 1);
  for (size_t i = 0; i < t * 3; ++i) around[size_t(next[size_t(corners[i])]++)] = int32_t(i / 3);
  foot_.assign(n * 3, 0);
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < 3; ++j)
      for (size_t c = 0; c < 3; ++c)
        foot_[3 * i + j] +=
            double(as<float>(given.barycentric)[3 * i + c]) *
            rest[size_t(corners[size_t(as<int32_t>(given.triangle)[i]) * 3 + c]) * 3 + j];
  corners_.fill(corners, t * 3), around_.fill(around.data(), around.size());
  first_.fill(first.data(), first.size()), rest_.fill(triangles.data(), t);
  triangle_.fill(as<int32_t>(given.triangle), n);
  barycentric_.fill(as<float>(given.barycentric), n * 3);
  bends_.grow(t), lines_.grow(v), moved_.grow(v * 3), host_moved_.grow(v * 3);
  triangles_ = given.triangles, vertices_ = given.vertices;
  attach();
}

Device Cuda::device() const {
  return {count_, degree_, triangles_, vertices_, view_.get(), positions_.get(),
          covariances_.get(), opacities_.get(), harmonics_.get(), turns_.get(), normals_.get(),
          moved_.get(), barycentric_.get(), offsets_.get(), corners_.get(), around_.get(),
          first_.get(), triangle_.get(), rest_.get(), bends_.get(), lines_.get(), records_.get(),
          depths_.get(), order_.get(), status_.get()};
}

uint32_t tiles_of(int width, int height) {
  return uint32_t((width + kTile - 1) / kTile) * uint32_t((height + kTile - 1) / kTile);
}

int bits_for(uint32_t tiles) {  // so that all bits set is no tile
  int bits = 1;
  while ((uint64_t(1) << bits) - 1 < tiles) ++bits;
  return bits;
}

void Cuda::prepare(const Shape& shape) {
  const size_t n = count_, pixels = size_t(shape.width) * size_t(shape.height);
  view_.grow(1), host_view_.grow(1), status_.grow(1), host_status_.grow(2);
  records_.grow(n), depths_.grow(n), order_.grow(n), sorted_depths_.grow(n), sorted_order_.grow(n);
  counts_.grow(n + 1), starts_.grow(n + 1);
  tiles_.grow(room_), list_.grow(room_), sorted_tiles_.grow(room_), sorted_list_.grow(room_);
  ranges_.grow(tiles_of(shape.width, shape.height));
  rgba_.grow(pixels * 4), host_rgba_.grow(pixels * 4);
  if (shape.extra) {
    depth_.grow(pixels), host_depth_.grow(pixels);
    out_normals_.grow(pixels * 3), host_normals_.grow(pixels * 3);
  }
  size_t by_depth = 0, sum = 0, by_tile = 0;
  check(cub::DeviceRadixSort::SortPairs(nullptr, by_depth, depths_.get(), sorted_depths_.get(),
                                        order_.get(), sorted_order_.get(), int(n)));
  check(cub::DeviceScan::ExclusiveSum(nullptr, sum, counts_.get(), starts_.get(), int(n + 1)));
  check(cub::DeviceRadixSort::SortPairs(nullptr, by_tile, tiles_.get(), sorted_tiles_.get(),
                                        list_.get(), sorted_list_.get(), int(room_)));
  scratch_.grow(std::max({by_depth, sum, by_tile}));
}

void Cuda::enqueue(const Shape& shape) {
  const Device d = device();
  const size_t n = count_, pixels = size_t(shape.width) * size_t(shape.height);
  const uint32_t tiles = tiles_of(shape.width, shape.height);
  auto upload = [&](void* to, const void* from, size_t bytes) {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream_));
  };
  auto download = [&](void* to, const void* from, size_t bytes) {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream_));
  };
  upload(view_.get(), host_view_.get(), sizeof(View));
  check(cudaMemsetAsync(status_.get(), 0, sizeof(unsigned long long), stream_));
  check(cudaMemsetAsync(ranges_.get(), 0, tiles * sizeof(uint2), stream_));
  check(cudaMemsetAsync(tiles_.get(), 0xff, room_ * sizeof(uint32_t), stream_));
  if (shape.bound) {
    upload(moved_.get(), host_moved_.get(), size_t(vertices_) * 3 * sizeof(float));
    bend_kernel<<<blocks(triangles_), kThreads, 0, stream_>>>(d);
    settle_kernel<<<blocks(vertices_), kThreads, 0, stream_>>>(d);
  }
  project_kernel<<<blocks(n), kThreads, 0, stream_>>>(d, shape.bound);
  size_t bytes = scratch_.size();
  check(cub::DeviceRadixSort::SortPairs(scratch_.get(), bytes, depths_.get(), sorted_depths_.get(),
                                        order_.get(), sorted_order_.get(), int(n), 0, 32,
                                        stream_));
  count_kernel<<<blocks(n + 1), kThreads, 0, stream_>>>(d, sorted_depths_.get(),
                                                        sorted_order_.get(), counts_.get());
  check(cub::DeviceScan::ExclusiveSum(scratch_.get(), bytes, counts_.get(), starts_.get(),
                                      int(n + 1), stream_));
  emit_kernel<<<blocks(n), kThreads, 0, stream_>>>(d, sorted_depths_.get(), sorted_order_.get(),
                                                   starts_.get(), room_, tiles_.get(),
                                                   list_.get());
  check(cub::DeviceRadixSort::SortPairs(scratch_.get(), bytes, tiles_.get(), sorted_tiles_.get(),
                                        list_.get(), sorted_list_.get(), int(room_), 0,
                                        bits_for(tiles), stream_));
  range_kernel<<<blocks(room_), kThreads, 0, stream_>>>(sorted_tiles_.get(), uint32_t(room_), tiles,
                                                        ranges_.get());
  const dim3 grid(unsigned(shape.width + kTile - 1) / kTile,
                  unsigned(shape.height + kTile - 1) / kTile);
  float4* rgba = reinterpret_cast<float4*>(rgba_.get());
  if (shape.extra)
    blend_kernel<true><<<grid, kTile * kTile, 0, stream_>>>(
        d, sorted_list_.get(), ranges_.get(), rgba, depth_.get(), out_normals_.get());
  else
    blend_kernel<false><<<grid, kTile * kTile, 0, stream_>>>(d, sorted_list_.get(), ranges_.get(),
                                                             rgba, nullptr, nullptr);
  check(cudaGetLastError());
  download(host_rgba_.get(), rgba_.get(), pixels * 16);
  if (shape.extra) {
    download(host_depth_.get(), depth_.get(), pixels * 4);
    download(host_normals_.get(), out_normals_.get(), pixels * 12);
  }
  download(host_status_.get(), status_.get(), sizeof(unsigned long long));
  download(host_status_.get() + 1, starts_.get() + n, sizeof(unsigned long long));
}

void Cuda::capture(const Shape& shape) {
  forget();
  prepare(shape);
  cudaGraph_t graph = nullptr;
  check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal));
  try {
    enqueue(shape);
  } catch (...) {
    cudaStreamEndCapture(stream_, &graph);
    if (graph) cudaGraphDestroy(graph);
    throw;
  }
  check(cudaStreamEndCapture(stream_, &graph));
  const cudaError_t code = cudaGraphInstantiate(&graph_, graph, 0);
  cudaGraphDestroy(graph);
  if (code != cudaSuccess) graph_ = nullptr;
  check(code);
  shape_ = shape;
}

void Cuda::render(const View& view, rt_frame& frame) {
  if (!view.width || !view.height) return;
  check(cudaSetDevice(device_));
  const size_t pixels = size_t(view.width) * size_t(view.height);
  float* depth = static_cast<float*>(frame.depth.data);
  float* normals = static_cast<float*>(frame.normals.data);
  if (!count_) {
    std::memset(frame.rgba.data, 0, pixels * 16);
    if (depth) std::fill(depth, depth + pixels, HUGE_VALF);
    if (normals) std::memset(normals, 0, pixels * 12);
    return;
  }
  const bool bound = frame.vertices.data && triangles_;
  const Shape shape = {view.width, view.height, bound, depth || normals};
  for (;;) {
    if (!graph_ || !(shape == shape_)) capture(shape);
    *host_view_.get() = view;
    if (bound) std::memcpy(host_moved_.get(), frame.vertices.data, size_t(vertices_) * 12);
    check(cudaGraphLaunch(graph_, stream_));
    check(cudaStreamSynchronize(stream_));
    frame.drawn = host_status_.get()[0], frame.pairs = host_status_.get()[1];
    if (frame.pairs <= room_) break;
    if (frame.pairs > kMostPairs)
      throw Error(RT_MEMORY, "too many large Gaussians for a picture of this size: use fewer "
                             "Gaussians or a smaller picture");
    room_ = std::min<uint64_t>(kMostPairs, frame.pairs + frame.pairs / 4);
    forget();
  }
  std::memcpy(frame.rgba.data, host_rgba_.get(), pixels * 16);
  if (depth) std::memcpy(depth, host_depth_.get(), pixels * 4);
  if (normals) std::memcpy(normals, host_normals_.get(), pixels * 12);
}

}  // namespace

std::unique_ptr<Backend> make_backend(uint32_t, const std::string& instructions) {
  if (!instructions.empty())
    throw Error(RT_DEVICE, "no instructions \"" + instructions + "\" on a graphics card");
  return std::make_unique<Cuda>();
}

}  // namespace rt
