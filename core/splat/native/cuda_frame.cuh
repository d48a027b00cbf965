// One frame on the graphics card: a graph that is captured once and replayed. The camera and the
// mesh's vertices come from pinned memory that the graph reads, so that nothing in it changes. The
// host decides nothing in between: lists have a fixed capacity, and one that overflows is found
// after the frame, which is then drawn again with more.
#pragma once

#include <cstring>
#include <cub/cub.cuh>

#include "cuda_gradient.cuh"
#include "cuda_model.cuh"

namespace rt {

constexpr uint64_t kMostPairs = 1ull << 27;
constexpr int kSteps = 4;  // that a frame's time is told of

struct Shape {
  int width, height;
  bool bound, extra;
  bool operator==(const Shape& o) const {
    return width == o.width && height == o.height && bound == o.bound && extra == o.extra;
  }
  size_t pixels() const { return size_t(width) * size_t(height); }
  dim3 grid() const {
    return dim3(unsigned(width + kTile - 1) / kTile, unsigned(height + kTile - 1) / kTile);
  }
  uint32_t tiles() const { return grid().x * grid().y; }
};

class FrameGraph {
 public:
  FrameGraph() = default;
  FrameGraph(const FrameGraph&) = delete;
  FrameGraph& operator=(const FrameGraph&) = delete;
  ~FrameGraph() {
    forget();
    for (cudaEvent_t event : events_)
      if (event) cudaEventDestroy(event);
  }

  // Must be called when what the graph points to has moved.
  void forget() { drop_graph(), outdate(); }
  // Must be called when what the graph reads has changed.
  void outdate() { drawn_ = false; }

  // Draws, and waits; `vertices` of the host where the shape is bound.
  void draw(const Model& model, const View& view, const float* vertices, const Shape& shape,
            cudaStream_t stream);
  // Whether the last frame is still this one.
  bool shows(const Model& model, const View& view, const float* vertices,
             const Shape& shape) const;
  void gradient(const Model& model, const Shape& shape, bool errors, const GradientArrays& out,
                cudaStream_t stream);

  const Status& status() const { return *host_status_.get(); }
  void seconds(double* out) const;
  const float* rgba() const { return rgba_.get(); }
  const float* depth() const { return depth_.get(); }
  const float* normals() const { return normals_.get(); }
  float* wanted() { return wanted_.get(); }
  float* errors() { return errors_.get(); }
  void prepare_gradient(const Shape& shape, bool errors);

 private:
  void drop_graph() {
    if (graph_) cudaGraphExecDestroy(graph_);
    graph_ = nullptr;
  }
  static int bits_for(uint64_t count) {
    int bits = 1;
    while ((uint64_t(1) << bits) < count) ++bits;
    return bits;
  }
  template <class Key> Packing<Key> packing(const Model& model, const Shape& shape) const {
    return {bits_for(model.count()), bits_for(shape.tiles())};
  }
  bool wide(const Model& model, const Shape& shape) const {
    return bits_for(model.count()) + bits_for(shape.tiles()) > 32;
  }
  template <class Key> Key* pairs() const { return reinterpret_cast<Key*>(pairs_.get()); }
  template <class Key> Key* sorted() const { return reinterpret_cast<Key*>(sorted_.get()); }
  template <class Key> void prepare(const Model& model, const Shape& shape);
  template <class Key> void enqueue(const Model& model, const Shape& shape, cudaStream_t stream);
  template <class Key>
  void pull(const Model& model, const Shape& shape, bool errors, const GradientArrays& out,
            cudaStream_t stream);
  void capture(const Model& model, const Shape& shape, cudaStream_t stream);
  void fit_room(const Model& model);
  Device device(const Model& model, const Shape& shape) const;
  void mark(int step, cudaStream_t stream) {
    check(cudaEventRecordWithFlags(events_[step], stream, cudaEventRecordExternal));
  }

  cudaGraphExec_t graph_ = nullptr;
  cudaEvent_t events_[kSteps + 1] = {};
  Shape shape_{};
  bool drawn_ = false;
  uint64_t room_ = 0;
  uint32_t roomy_ = 0;  // frames in a row that needed far less
  Memory<View> view_;
  Memory<float> moved_;
  Memory<Record> records_, ranked_;
  Memory<uint32_t> depths_, order_, sorted_depths_, sorted_order_;
  Memory<unsigned long long> counts_, starts_;
  Memory<uint2> ranges_;
  Memory<char> pairs_, sorted_, scratch_;
  Memory<Status> status_;
  Memory<float> rgba_, depth_, normals_, wanted_, errors_, rows_;
  Memory<View, true> host_view_;
  Memory<float, true> host_moved_;
  Memory<Status, true> host_status_;
};

inline Device FrameGraph::device(const Model& model, const Shape& shape) const {
  Device d = model.device(shape.bound);
  d.view = view_.get(), d.moved = moved_.get(), d.records = records_.get();
  d.depths = depths_.get(), d.order = order_.get();
  return d;
}

template <class Key> void FrameGraph::prepare(const Model& model, const Shape& shape) {
  const size_t n = model.count();
  for (cudaEvent_t& event : events_)
    if (!event) check(cudaEventCreate(&event));
  view_.grow(1), host_view_.grow(1), status_.grow(1), host_status_.grow(1);
  moved_.grow(model.vertices() * size_t(3)), host_moved_.grow(model.vertices() * size_t(3));
  records_.grow(n), ranked_.grow(n), depths_.grow(n), order_.grow(n);
  sorted_depths_.grow(n), sorted_order_.grow(n), counts_.grow(n + 1), starts_.grow(n + 1);
  pairs_.grow(room_ * sizeof(Key)), sorted_.grow(room_ * sizeof(Key));
  ranges_.grow(shape.tiles());
  rgba_.grow(shape.pixels() * 4);
  if (shape.extra) depth_.grow(shape.pixels()), normals_.grow(shape.pixels() * 3);
  size_t by_depth = 0, sum = 0, by_tile = 0;
  check(cub::DeviceRadixSort::SortPairs(nullptr, by_depth, depths_.get(), sorted_depths_.get(),
                                        order_.get(), sorted_order_.get(), int(n)));
  check(cub::DeviceScan::ExclusiveSum(nullptr, sum, counts_.get(), starts_.get(), int(n + 1)));
  check(cub::DeviceRadixSort::SortKeys(nullptr, by_tile, pairs<Key>(), sorted<Key>(), int(room_)));
  scratch_.grow(std::max({by_depth, sum, by_tile}));
}

template <class Key>
void FrameGraph::enqueue(const Model& model, const Shape& shape, cudaStream_t stream) {
  const Device d = device(model, shape);
  const Packing<Key> pack = packing<Key>(model, shape);
  const size_t n = model.count();
  auto upload = [&](void* to, const void* from, size_t bytes) {
    check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream));
  };
  mark(0, stream);
  upload(view_.get(), host_view_.get(), sizeof(View));
  if (shape.bound) {
    upload(moved_.get(), host_moved_.get(), model.vertices() * size_t(3) * sizeof(float));
    launch(stream, blocks(d.triangles), kThreads, bend_kernel, d);
    launch(stream, blocks(d.vertices), kThreads, settle_kernel, d);
  }
  launch(stream, blocks(n), kThreads, project_kernel, d);
  mark(1, stream);
  size_t bytes = scratch_.size();
  check(cub::DeviceRadixSort::SortPairs(scratch_.get(), bytes, depths_.get(), sorted_depths_.get(),
                                        order_.get(), sorted_order_.get(), int(n), 0, 32, stream));
  mark(2, stream);
  launch(stream, blocks(n + 1), kThreads, rank_kernel, d, sorted_depths_.get(), sorted_order_.get(),
         shape.tiles(), ranked_.get(), counts_.get(), ranges_.get(), status_.get());
  check(cub::DeviceScan::ExclusiveSum(scratch_.get(), bytes, counts_.get(), starts_.get(),
                                      int(n + 1), stream));
  launch(stream, blocks(n), kThreads, emit_kernel<Key>, d, ranked_.get(), starts_.get(), pack,
         room_, pairs<Key>(), status_.get());
  check(cub::DeviceRadixSort::SortKeys(scratch_.get(), bytes, pairs<Key>(), sorted<Key>(),
                                       int(room_), pack.rank_bits, pack.rank_bits + pack.tile_bits,
                                       stream));
  launch(stream, blocks(room_), kThreads, range_kernel<Key>, sorted<Key>(), pack, room_,
         status_.get(), ranges_.get());
  mark(3, stream);
  launch(stream, shape.grid(), kBatch, shape.extra ? blend_kernel<Key, true> : blend_kernel<Key, false>,
         view_.get(), ranked_.get(), sorted<Key>(), pack, ranges_.get(),
         reinterpret_cast<float4*>(rgba_.get()), depth_.get(), normals_.get());
  mark(4, stream);
  check(cudaMemcpyAsync(host_status_.get(), status_.get(), sizeof(Status), cudaMemcpyDeviceToHost,
                        stream));
}

inline void FrameGraph::capture(const Model& model, const Shape& shape, cudaStream_t stream) {
  forget();
  const bool is_wide = wide(model, shape);
  is_wide ? prepare<uint64_t>(model, shape) : prepare<uint32_t>(model, shape);
  cudaGraph_t graph = nullptr;
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  try {
    is_wide ? enqueue<uint64_t>(model, shape, stream) : enqueue<uint32_t>(model, shape, stream);
  } catch (...) {
    cudaStreamEndCapture(stream, &graph);
    if (graph) cudaGraphDestroy(graph);
    cudaGetLastError();
    throw;
  }
  cudaError_t code = cudaStreamEndCapture(stream, &graph);
  if (code == cudaSuccess) code = cudaGraphInstantiate(&graph_, graph, 0);
  if (graph) cudaGraphDestroy(graph);
  if (code != cudaSuccess) graph_ = nullptr;
  check(code);
  shape_ = shape;
}

// The time of a sort is that of its capacity, so that one huge frame must not slow all that follow.
inline void FrameGraph::fit_room(const Model& model) {
  const uint64_t least = std::min<uint64_t>(kMostPairs, 65536 + 2 * uint64_t(model.count()));
  const uint64_t pairs = status().pairs;
  roomy_ = room_ > least && pairs < room_ / 4 ? roomy_ + 1 : 0;
  if (roomy_ < 100) return;
  room_ = std::max(least, 2 * pairs), roomy_ = 0;
  drop_graph();
}

inline void FrameGraph::draw(const Model& model, const View& view, const float* vertices,
                             const Shape& shape, cudaStream_t stream) {
  drawn_ = false;
  room_ = std::max<uint64_t>(room_, std::min<uint64_t>(kMostPairs, 65536 + 2 * uint64_t(model.count())));
  for (;;) {
    if (!graph_ || !(shape == shape_)) capture(model, shape, stream);
    *host_view_.get() = view;
    if (shape.bound)
      std::memcpy(host_moved_.get(), vertices, model.vertices() * size_t(3) * sizeof(float));
    check(cudaGraphLaunch(graph_, stream));
    check(cudaStreamSynchronize(stream));
    if (status().pairs <= room_) break;
    if (status().pairs > kMostPairs)
      throw Error(RT_MEMORY, "too many large Gaussians for a picture of this size: use fewer "
                             "Gaussians or a smaller picture");
    room_ = std::min<uint64_t>(kMostPairs, status().pairs + status().pairs / 4);
    forget();
  }
  drawn_ = true;
  fit_room(model);
}

inline bool FrameGraph::shows(const Model& model, const View& view, const float* vertices,
                              const Shape& shape) const {
  return drawn_ && shape.width == shape_.width && shape.height == shape_.height &&
         shape.bound == shape_.bound && !std::memcmp(host_view_.get(), &view, sizeof view) &&
         (!shape.bound || !std::memcmp(host_moved_.get(), vertices,
                          model.vertices() * size_t(3) * sizeof(float)));
}

inline void FrameGraph::seconds(double* out) const {
  for (int step = 0; step < kSteps; ++step) {
    float milliseconds = 0;
    if (cudaEventElapsedTime(&milliseconds, events_[step], events_[step + 1]) == cudaSuccess)
      out[step] = double(milliseconds) * 1e-3;
    else
      cudaGetLastError();
  }
}

inline void FrameGraph::prepare_gradient(const Shape& shape, bool errors) {
  wanted_.grow(shape.pixels() * 4);
  if (errors) errors_.grow(shape.pixels());
  rows_.grow(status().pairs * kRow);
}

template <class Key>
void FrameGraph::pull(const Model& model, const Shape& shape, bool errors,
                      const GradientArrays& out, cudaStream_t stream) {
  const Packing<Key> pack = packing<Key>(model, shape);
  launch(stream, shape.grid(), kBatch, pull_kernel<Key>, view_.get(), ranked_.get(), sorted<Key>(),
         pack, ranges_.get(), reinterpret_cast<const float4*>(rgba_.get()),
         reinterpret_cast<const float4*>(wanted_.get()), errors ? errors_.get() : nullptr,
         rows_.get());
  launch(stream, blocks(status().drawn), kThreads, chain_kernel<Key>, device(model, shape),
         ranked_.get(), sorted_order_.get(), status_.get(), sorted<Key>(), pack, ranges_.get(),
         rows_.get(), model.kept(), out);
}

// Of the frame that was drawn last.
inline void FrameGraph::gradient(const Model& model, const Shape& shape, bool errors,
                                 const GradientArrays& out, cudaStream_t stream) {
  wide(model, shape) ? pull<uint64_t>(model, shape, errors, out, stream)
                     : pull<uint32_t>(model, shape, errors, out, stream);
}

}  // namespace rt
