// The CPU back end's backward pass: what pixels want of the Gaussians of their tile, summed over
// tiles, and taken on to raw parameters.
#include "cpu.h"

namespace rt {
namespace {

constexpr uint64_t kMostPartials = 1ull << 25;  // 2 GB of sums

}  // namespace

// Whether the arrays at hand are those of this frame.
bool Cpu::drawn(const View& view, const rt_frame& frame) const {
  return last_.whole && !std::memcmp(&view, &last_.view, sizeof view) &&
         frame.vertices.count == last_.vertices.size() &&
         (!frame.vertices.count ||
          !std::memcmp(frame.vertices.data, last_.vertices.data(), frame.vertices.count * 4));
}

void Cpu::gradient(const View& view, rt_frame& frame, rt_gradients& out) {
  const GradientOut results = {as<float>(out.positions),      as<float>(out.log_scales),
                               as<float>(out.rotations),      as<float>(out.opacity_logits),
                               as<float>(out.harmonics),      as<float>(out.scores)};
  const uint32_t k3 = 3 * (scene_.degree + 1) * (scene_.degree + 1);
  const struct { float* array; uint32_t width; } wanted_of[] = {
      {results.position, 3}, {results.log_scale, 3},  {results.rotation, 3},
      {results.logit, 1},    {results.harmonics, k3}, {results.scores, 4}};
  pool_.each(chunks(scene_.count), [&](uint32_t chunk) {
    const size_t begin = chunk * kChunk, end = std::min(scene_.count, (chunk + 1) * kChunk);
    for (const auto& each : wanted_of)
      if (each.array) std::fill(each.array + begin * each.width, each.array + end * each.width, 0.0f);
  });
  if (!view.width || !view.height) return;

  Clock clock;
  training_ = true;
  if (!drawn(view, frame))
    draw(view, frame);
  else if (frame.rgba.data)
    std::memcpy(frame.rgba.data, picture_.data(), picture_.size() * 4);
  out.seconds[0] = clock.lap();

  const uint32_t pairs = starts_.back(), across = uint32_t(view.width + kTile - 1) / kTile;
  if (pairs > kMostPartials)
    throw Error(RT_MEMORY, "too many large Gaussians for gradients of a picture of this size: use "
                           "fewer Gaussians or a smaller picture");
  if (partials_.size() < pairs) partials_.resize(pairs);
  touched_.assign(pairs, 0);
  const Wanted wanted = {picture_.data(), as<float>(out.d_rgba), as<float>(out.error)};
  pool_.each(uint32_t(starts_.size() - 1), [&](uint32_t tile) {
    const uint32_t start = starts_[tile];
    kernels_->blend_back(view, records_.data(), lists_.data() + start, starts_[tile + 1] - start,
                         int(tile % across), int(tile / across), wanted, partials_.data() + start,
                         touched_.data() + start);
  });
  out.seconds[1] = clock.lap();

  Scene scene = scene_;
  scene.lines = frame.vertices.data ? mesh_.lines.data() : nullptr;
  pool_.each(chunks(scene.padded), [&](uint32_t chunk) {
    const uint32_t begin = chunk * kChunk, end = std::min(scene.padded, begin + kChunk);
    const Gathered gathered = {records_.data() + begin, shares_.data() + begin, places_.data(),
                               partials_.data(), touched_.data()};
    kernels_->chain(scene, derived_, view, begin, end, gathered,
                    counts_[chunk + 1] - counts_[chunk], results);
  });
  out.seconds[2] = clock.lap();
}

}  // namespace rt
