// The CUDA back end: one model, one frame's graph, one stream.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include "cuda_device.cuh"
#include "cuda_frame.cuh"

namespace rt {
namespace {

class Cuda final : public Backend {
 public:
  Cuda() : card_(open_card(project_kernel)) {
    check(cudaStreamCreateWithFlags(&stream_.handle, cudaStreamNonBlocking));
  }
  ~Cuda() override {
    cudaSetDevice(card_.index);
    cudaStreamSynchronize(stream_.handle);
  }

  std::string describe() const override {
    std::string words = "CUDA, " + card_.name;
    if (card_.count > 1)
      words += ", number " + std::to_string(card_.index) + " of 0 to " +
               std::to_string(card_.count - 1);
    return words;
  }
  bool keeps_pictures() const override { return true; }
  void set(const rt_gaussians& given) override {
    change();
    model_.set(given, stream_.handle);
  }
  void set_raw(const rt_raw& given) override {
    change();
    model_.set_raw(given, stream_.handle);
  }
  void set_correctives(const rt_correctives& given) override {
    change();
    model_.set_correctives(given, stream_.handle);
  }
  void correct(const float* coefficients) override {
    check(cudaSetDevice(card_.index));
    frame_.outdate();  // nothing has moved: the graph stays
    model_.correct(coefficients, stream_.handle);
  }
  void bind(const rt_binding& given) override {
    change();
    model_.bind(given, stream_.handle);
  }
  void render(const View& view, rt_frame& frame) override;
  void gradient(const View& view, rt_frame& frame, rt_gradients& gradients) override;

 private:
  struct Stream {  // outlives what is freed behind it
    cudaStream_t handle = nullptr;
    ~Stream() {
      if (handle) cudaStreamDestroy(handle);
    }
  };
  void change() {
    check(cudaSetDevice(card_.index));
    frame_.forget();
  }
  // Copies of the last frame, by pinned memory; nothing where the array is not wanted.
  void download(Memory<float, true>& by, const float* from, size_t count) {
    by.grow(count);
    check(cudaMemcpyAsync(by.get(), from, count * sizeof(float), cudaMemcpyDeviceToHost,
                          stream_.handle));
  }

  Card card_;
  Stream stream_;
  Model model_;
  FrameGraph frame_;
  Memory<float> gradients_[6];
  Memory<float, true> host_rgba_, host_depth_, host_normals_, host_wanted_, host_errors_;
  Memory<float, true> host_gradients_[6];
};

float* of(const rt_out& array) { return static_cast<float*>(array.data); }

void Cuda::render(const View& view, rt_frame& frame) {
  if (!view.width || !view.height) return;
  check(cudaSetDevice(card_.index));
  const Shape shape = {view.width, view.height, frame.vertices.data && model_.bound(),
                       frame.depth.data || frame.normals.data};
  const size_t pixels = shape.pixels();
  const struct { float* to; const float* (FrameGraph::*from)() const; Memory<float, true>& by; size_t count; float empty; } all[] = {
      {of(frame.rgba), &FrameGraph::rgba, host_rgba_, pixels * 4, 0.0f},
      {of(frame.depth), &FrameGraph::depth, host_depth_, pixels, HUGE_VALF},
      {of(frame.normals), &FrameGraph::normals, host_normals_, pixels * 3, 0.0f}};
  if (!model_.count()) {
    for (const auto& each : all)
      if (each.to) std::fill(each.to, each.to + each.count, each.empty);
    return;
  }
  frame_.draw(model_, view, static_cast<const float*>(frame.vertices.data), shape, stream_.handle);
  frame.drawn = frame_.status().drawn, frame.pairs = frame_.status().pairs;
  frame_.seconds(frame.seconds);
  bool any = false;
  for (const auto& each : all) {
    if (!each.to) continue;
    download(each.by, (frame_.*each.from)(), each.count);
    any = true;
  }
  if (any) check(cudaStreamSynchronize(stream_.handle));
  for (const auto& each : all)
    if (each.to) std::memcpy(each.to, each.by.get(), each.count * sizeof(float));
}

void Cuda::gradient(const View& view, rt_frame& frame, rt_gradients& given) {
  check(cudaSetDevice(card_.index));
  const struct { float* to; size_t count; } wanted[] = {
      {of(given.positions), given.positions.count}, {of(given.log_scales), given.log_scales.count},
      {of(given.rotations), given.rotations.count},
      {of(given.opacity_logits), given.opacity_logits.count},
      {of(given.harmonics), given.harmonics.count}, {of(given.scores), given.scores.count}};
  const Shape shape = {view.width, view.height, frame.vertices.data && model_.bound(), false};
  const size_t pixels = shape.pixels();
  if (!pixels || !model_.count()) {
    for (const auto& each : wanted)
      if (each.to) std::memset(each.to, 0, each.count * sizeof(float));
    if (frame.rgba.data) std::memset(frame.rgba.data, 0, pixels * 4 * sizeof(float));
    return;
  }
  const float* vertices = static_cast<const float*>(frame.vertices.data);
  using Clock = std::chrono::steady_clock;
  auto begin = Clock::now();
  auto lap = [&](double& seconds) {
    const auto now = Clock::now();
    seconds = std::chrono::duration<double>(now - begin).count();
    begin = now;
  };
  if (!frame_.shows(model_, view, vertices, shape)) {
    frame_.draw(model_, view, vertices, shape, stream_.handle);
    frame_.seconds(frame.seconds);
    lap(given.seconds[0]);
  }
  frame.drawn = frame_.status().drawn, frame.pairs = frame_.status().pairs;

  frame_.prepare_gradient(shape, given.error.data);
  auto upload = [&](Memory<float, true>& by, float* to, const rt_in& from) {
    by.grow(from.count);
    std::memcpy(by.get(), from.data, from.count * sizeof(float));
    check(cudaMemcpyAsync(to, by.get(), from.count * sizeof(float), cudaMemcpyHostToDevice,
                          stream_.handle));
  };
  upload(host_wanted_, frame_.wanted(), given.d_rgba);
  if (given.error.data) upload(host_errors_, frame_.errors(), given.error);
  float* on_card[6] = {};
  for (int i = 0; i < 6; ++i) {
    if (!wanted[i].to || !wanted[i].count) continue;
    gradients_[i].grow(wanted[i].count);
    on_card[i] = gradients_[i].get();
    check(cudaMemsetAsync(on_card[i], 0, wanted[i].count * sizeof(float), stream_.handle));
  }
  frame_.gradient(model_, shape, given.error.data, {on_card[0], on_card[1], on_card[2], on_card[3],
                                                    on_card[4], on_card[5]}, stream_.handle);
  for (int i = 0; i < 6; ++i)
    if (on_card[i]) download(host_gradients_[i], on_card[i], wanted[i].count);
  if (frame.rgba.data) download(host_rgba_, frame_.rgba(), pixels * 4);
  check(cudaStreamSynchronize(stream_.handle));
  for (int i = 0; i < 6; ++i)
    if (on_card[i])
      std::memcpy(wanted[i].to, host_gradients_[i].get(), wanted[i].count * sizeof(float));
  if (frame.rgba.data) std::memcpy(frame.rgba.data, host_rgba_.get(), pixels * 4 * sizeof(float));
  lap(given.seconds[1]);  // blending, gathering and the chain are one piece of work here
}

}  // namespace

std::unique_ptr<Backend> make_backend(uint32_t, const std::string& instructions) {
  if (!instructions.empty())
    throw Error(RT_DEVICE, "no instructions \"" + instructions + "\" on a graphics card");
  return std::make_unique<Cuda>();
}

}  // namespace rt
