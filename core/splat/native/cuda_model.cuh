// The Gaussians and the mesh that they are bound to, in the graphics card's memory. Everything is
// put in order behind what the stream still does.
#pragma once

#include <cmath>
#include <vector>

#include "cuda_raw.cuh"

namespace rt {

class Model {
 public:
  uint32_t count() const { return count_; }
  uint32_t vertices() const { return vertices_; }
  bool bound() const { return triangles_ && bound_to_ == count_; }
  const Kept* kept() const { return kept_.get(); }

  void set(const rt_gaussians& given, cudaStream_t stream);
  void set_raw(const rt_raw& given, cudaStream_t stream);
  void set_correctives(const rt_correctives& given, cudaStream_t stream);
  void correct(const float* coefficients, cudaStream_t stream);
  void bind(const rt_binding& given, cudaStream_t stream);
  // What the kernels of a frame are given of it.
  Device device(bool bound) const;

 private:
  template <class T> static const T* as(const rt_in& array) {
    return static_cast<const T*>(array.data);
  }
  size_t harmonics_each() const { return size_t(degree_ + 1) * (degree_ + 1) * 3; }
  void attach(cudaStream_t stream);

  // One channel of the raw Gaussians, and what corrects it.
  struct Channel {
    uint32_t width = 0, changed = 0;  // numbers of a Gaussian, and how many of them rows change
    Memory<float> given, change;
    Memory<__half> rows;
  };

  uint32_t count_ = 0, degree_ = 0, vertices_ = 0, triangles_ = 0, bound_to_ = 0, bases_ = 0;
  bool turned_ = false;
  Memory<Rest> rest_;
  Memory<Kept> kept_;
  Memory<float> harmonics_, turns_, coefficients_;
  Memory<uint32_t> row_begins_, row_basis_;
  Channel positions_, log_scales_, rotations_, logits_, colours_;
  Memory<double> foot_;
  Memory<Place> places_;
  Memory<int32_t> corners_, around_, first_;
  Memory<Triangle<float>> flat_;
  Memory<Line> bends_, lines_;
};

inline void Model::set(const rt_gaussians& given, cudaStream_t stream) {
  const size_t n = given.gaussians;
  count_ = 0, bases_ = 0;
  degree_ = given.degree, turned_ = given.turns.data != nullptr;
  std::vector<Rest> rest(n);
  auto copy = [](float* to, const rt_in& from, size_t i, size_t numbers) {
    for (size_t j = 0; j < numbers; ++j) to[j] = from.data ? as<float>(from)[i * numbers + j] : 0.0f;
  };
  for (size_t i = 0; i < n; ++i) {
    const float opacity = as<float>(given.opacities)[i];
    copy(rest[i].position, given.positions, i, 3);
    copy(rest[i].covariance, given.covariances, i, 6);
    copy(rest[i].normal, given.normals, i, 3);
    rest[i].log2_opacity =
        opacity >= kLeastAlpha ? std::log2(std::min(opacity, 1.0f)) : -1e3f;
    for (float& each : rest[i].offset) each = 0;
  }
  rest_.fill(rest.data(), n, stream);
  harmonics_.fill(given.harmonics.data, n * harmonics_each(), stream);
  if (turned_) turns_.fill(given.turns.data, n * 4, stream);
  check(cudaStreamSynchronize(stream));
  count_ = given.gaussians;
  attach(stream);
}

inline void Model::set_raw(const rt_raw& given, cudaStream_t stream) {
  const size_t n = given.gaussians;
  const bool same = given.gaussians == count_ && given.degree == degree_;
  count_ = 0, degree_ = given.degree, turned_ = false;
  if (!same) bases_ = 0;
  const struct { Channel& channel; const rt_in& from; size_t numbers; } all[] = {
      {positions_, given.positions, 3}, {log_scales_, given.log_scales, 3},
      {rotations_, given.rotations, 4}, {logits_, given.opacity_logits, 1},
      {colours_, given.harmonics, harmonics_each()}};
  for (const auto& each : all) each.channel.given.fill(each.from.data, n * each.numbers, stream);
  rest_.grow(n), kept_.grow(n), harmonics_.grow(n * harmonics_each());
  check(cudaStreamSynchronize(stream));
  count_ = given.gaussians;
  correct(nullptr, stream);
}

inline void Model::set_correctives(const rt_correctives& given, cudaStream_t stream) {
  const size_t n = count_, rows = given.rows;
  bases_ = 0;
  const uint32_t colours = uint32_t(harmonics_each());
  const struct { Channel& channel; const rt_in& from; uint32_t width, changed; } all[] = {
      {positions_, given.positions, 3, 3}, {log_scales_, given.log_scales, 3, 3},
      {rotations_, given.rotations, 3, 3}, {logits_, given.opacity_logits, 1, 1},
      {colours_, given.sh, colours, 3 * given.harmonics}};
  for (const auto& each : all) {
    Channel& channel = each.channel;
    channel.width = each.width, channel.changed = each.from.data ? each.changed : 0;
    if (!channel.changed) continue;
    channel.rows.fill(each.from.data, rows * channel.changed, stream);
    channel.change.grow(n * channel.width);
  }
  std::vector<uint32_t> begins(n + 1, 0);
  for (size_t i = 0; i < rows; ++i) ++begins[size_t(as<uint32_t>(given.gaussian)[i]) + 1];
  for (size_t i = 0; i < n; ++i) begins[i + 1] += begins[i];
  row_begins_.fill(begins.data(), n + 1, stream);
  row_basis_.fill(given.basis.data, rows, stream);
  coefficients_.grow(given.bases);
  check(cudaStreamSynchronize(stream));
  bases_ = given.bases;
}

inline void Model::correct(const float* coefficients, cudaStream_t stream) {
  if (!count_) return;
  const bool change = coefficients && bases_;
  if (change) coefficients_.fill(coefficients, bases_, stream);
  const Rows rows = {row_begins_.get(), row_basis_.get(), coefficients_.get()};
  auto mix = [&](const Channel& channel, const float* given, float* out) {
    const size_t numbers = size_t(count_) * channel.width;
    launch(stream, blocks(numbers), kThreads, mix_kernel, numbers, channel.width, channel.changed,
           rows, channel.rows.get(), given, out);
  };
  RawArrays changes = {};
  const struct { const Channel& channel; const float*& out; } four[] = {
      {positions_, changes.positions}, {log_scales_, changes.log_scales},
      {rotations_, changes.rotations}, {logits_, changes.logits}};
  for (const auto& each : four) {
    if (!change || !each.channel.changed) continue;
    mix(each.channel, nullptr, each.channel.change.get());
    each.out = each.channel.change.get();
  }
  if (change && colours_.changed)
    mix(colours_, colours_.given.get(), harmonics_.get());
  else
    check(cudaMemcpyAsync(harmonics_.get(), colours_.given.get(),
                          count_ * harmonics_each() * sizeof(float), cudaMemcpyDeviceToDevice,
                          stream));
  const RawArrays given = {positions_.given.get(), log_scales_.given.get(),
                           rotations_.given.get(), logits_.given.get()};
  launch(stream, blocks(count_), kThreads, activate_kernel, count_, given, changes, change,
         rest_.get(), kept_.get());
  attach(stream);
}

inline void Model::attach(cudaStream_t stream) {
  if (bound())
    launch(stream, blocks(count_), kThreads, attach_kernel, count_, foot_.get(), rest_.get());
}

inline void Model::bind(const rt_binding& given, cudaStream_t stream) {
  triangles_ = vertices_ = 0;
  const float* rest = as<float>(given.rest);
  const int32_t* corners = as<int32_t>(given.corners);
  const size_t t = given.triangles, v = given.vertices, n = count_;
  std::vector<Triangle<float>> flat(t);
  std::vector<int32_t> first(v + 1, 0), around(t * 3);
  for (size_t i = 0; i < t; ++i) {
    Vec3<double> at[3];
    for (size_t c = 0; c < 3; ++c) {
      const float* corner = rest + size_t(corners[3 * i + c]) * 3;
      at[c] = {corner[0], corner[1], corner[2]};
      ++first[size_t(corners[3 * i + c]) + 1];
    }
    const Triangle<double> found = triangle_at<double>(at[0], at[1], at[2]);
    for (size_t j = 0; j < 9; ++j) flat[i].rows.m[j] = float(found.rows.m[j]);
    flat[i].edge = float(found.edge), flat[i].along = float(found.along);
    flat[i].across = float(found.across), flat[i].doubled = float(found.doubled);
  }
  for (size_t i = 0; i < v; ++i) first[i + 1] += first[i];
  std::vector<int32_t> next(first.begin(), first.end() - 1);
  for (size_t i = 0; i < t * 3; ++i) around[size_t(next[size_t(corners[i])]++)] = int32_t(i / 3);
  std::vector<double> foot(n * 3, 0);
  std::vector<Place> places(n);
  for (size_t i = 0; i < n; ++i) {
    places[i].triangle = as<int32_t>(given.triangle)[i];
    for (size_t c = 0; c < 3; ++c) {
      const float weight = as<float>(given.barycentric)[3 * i + c];
      const float* corner = rest + size_t(corners[size_t(places[i].triangle) * 3 + c]) * 3;
      places[i].barycentric[c] = weight;
      for (size_t j = 0; j < 3; ++j) foot[3 * i + j] += double(weight) * corner[j];
    }
  }
  corners_.fill(corners, t * 3, stream), around_.fill(around.data(), around.size(), stream);
  first_.fill(first.data(), first.size(), stream), flat_.fill(flat.data(), t, stream);
  places_.fill(places.data(), n, stream), foot_.fill(foot.data(), foot.size(), stream);
  bends_.grow(t), lines_.grow(v);
  check(cudaStreamSynchronize(stream));
  triangles_ = given.triangles, vertices_ = given.vertices, bound_to_ = count_;
  attach(stream);
}

inline Device Model::device(bool bound) const {
  Device d = {};
  d.count = count_, d.degree = degree_, d.triangles = triangles_, d.vertices = vertices_;
  d.rest = rest_.get(), d.harmonics = harmonics_.get();
  d.turns = turned_ ? turns_.get() : nullptr;
  d.places = bound ? places_.get() : nullptr;
  d.corners = corners_.get(), d.around = around_.get(), d.first = first_.get();
  d.flat = flat_.get(), d.bends = bends_.get(), d.lines = lines_.get();
  return d;
}

}  // namespace rt
