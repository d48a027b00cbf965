// The CPU back end's forward pass: projects, sorts by depth, bins by tile, blends tile by tile.
#include "cpu.h"

namespace rt {
namespace {

constexpr int kDigit = 11;
constexpr uint32_t kValues = 1u << kDigit;

}  // namespace

const Kernels* choose_kernels(const std::string& wanted) {
  const Kernels *avx512 = nullptr, *avx2 = nullptr;
#if defined(__x86_64__) || defined(__i386__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    avx512 = kernels_avx512();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("f16c"))
    avx2 = kernels_avx2();
#endif
  if (wanted.empty()) return avx512 ? avx512 : avx2 ? avx2 : kernels_portable();
  for (const Kernels* each : {avx512, avx2, kernels_portable()})
    if (each && wanted == each->name) return each;
  throw Error(RT_DEVICE, "no instructions \"" + wanted + "\" here");
}

void Cpu::set(const rt_gaussians& given) {
  const uint32_t n = given.gaussians, padded = padded_to_lanes(n);
  const uint32_t k = (given.degree + 1) * (given.degree + 1);
  if (n != scene_.count) mesh_ = Mesh();
  scene_ = Scene(), bases_ = Bases(), last_.whole = false;
  raw_arrays_.clear(), corrected_arrays_.clear();
  arrays_.assign(size_t(padded) * (3 + 6 + 1 + 3 * k + 4 + 3), 0.0f);
  float* next = arrays_.data();
  auto column = [&](const rt_in& source, uint32_t width, uint32_t index) {
    float* out = next;
    next += padded;
    if (source.data)
      for (uint32_t i = 0; i < n; ++i) out[i] = as<float>(source)[size_t(i) * width + index];
    return out;
  };
  for (uint32_t j = 0; j < 3; ++j) scene_.position[j] = column(given.positions, 3, j);
  for (uint32_t j = 0; j < 6; ++j) scene_.covariance[j] = column(given.covariances, 6, j);
  for (uint32_t j = 0; j < 3 * k; ++j) scene_.harmonics[j] = column(given.harmonics, 3 * k, j);
  for (uint32_t j = 0; j < 4; ++j)
    scene_.turn[j] = given.turns.data ? column(given.turns, 4, j) : nullptr;
  for (uint32_t j = 0; j < 3; ++j) scene_.normal[j] = column(given.normals, 3, j);
  float* opacity = column(given.opacities, 1, 0);
  for (uint32_t i = 0; i < padded; ++i)
    opacity[i] = opacity[i] >= kLeastAlpha ? std::log2(std::min(opacity[i], 1.0f)) : -1e3f;
  scene_.log2_opacity = opacity;
  scene_.count = n, scene_.padded = padded, scene_.degree = given.degree;
  if (mesh_.triangles) attach();
}

// What the Gaussians at hand are to the mesh at hand.
void Cpu::attach() {
  pool_.each(chunks(scene_.count), [&](uint32_t chunk) {
    const uint32_t end = std::min(scene_.count, (chunk + 1) * kChunk);
    for (int j = 0; j < 3; ++j)
      for (uint32_t i = chunk * kChunk; i < end; ++i)
        mesh_.offset[j][i] = float(scene_.position[j][i] - mesh_.foot[j][i]);
  });
  for (int j = 0; j < 3; ++j) {
    scene_.barycentric[j] = mesh_.barycentric[j].data(), scene_.offset[j] = mesh_.offset[j].data();
  }
  scene_.triangle = mesh_.triangle.data(), scene_.corners = mesh_.corners.data();
  scene_.signs = mesh_.signs.data();
}

void Cpu::bind(const rt_binding& given) {
  Mesh mesh;
  const uint32_t n = scene_.count, padded = scene_.padded;
  mesh.vertices = given.vertices, mesh.triangles = given.triangles;
  const float* rest = as<float>(given.rest);
  mesh.corners.assign(as<int32_t>(given.corners),
                      as<int32_t>(given.corners) + size_t(given.triangles) * 3);
  mesh.triangle.assign(padded, 0);
  if (n) std::memcpy(mesh.triangle.data(), given.triangle.data, size_t(n) * 4);
  for (size_t j = 0; j < 3; ++j) {
    mesh.barycentric[j].assign(padded, 0), mesh.offset[j].assign(padded, 0);
    mesh.foot[j].assign(n, 0);
    for (uint32_t i = 0; i < n; ++i) {
      const float* weights = as<float>(given.barycentric) + size_t(i) * 3;
      const int32_t* corner = &mesh.corners[size_t(mesh.triangle[i]) * 3];
      mesh.barycentric[j][i] = weights[j];
      for (size_t c = 0; c < 3; ++c)
        mesh.foot[j][i] += double(weights[c]) * rest[size_t(corner[c]) * 3 + j];
    }
  }
  mesh.signs.resize(size_t(mesh.triangles) * 2);
  mesh.first.assign(size_t(mesh.vertices) + 1, 0);
  for (int32_t corner : mesh.corners) ++mesh.first[size_t(corner) + 1];
  for (uint32_t v = 0; v < mesh.vertices; ++v) mesh.first[v + 1] += mesh.first[v];
  std::vector<int32_t> next(mesh.first.begin(), mesh.first.end() - 1);
  mesh.around.resize(mesh.corners.size());
  for (size_t i = 0; i < mesh.corners.size(); ++i)
    mesh.around[size_t(next[size_t(mesh.corners[i])]++)] = int32_t(i / 3);
  const size_t whole = (size_t(mesh.triangles) + kLanes - 1) / kLanes * kLanes;
  mesh.at_rest.assign(13 * whole, 0);
  for (size_t t = 0; t < mesh.triangles; ++t) {
    Vec3<double> at[3];
    for (size_t c = 0; c < 3; ++c) {
      const float* corner = rest + size_t(mesh.corners[3 * t + c]) * 3;
      at[c] = {corner[0], corner[1], corner[2]};
    }
    const Triangle<double> found = triangle_at<double>(at[0], at[1], at[2]);
    for (size_t j = 0; j < 9; ++j) mesh.at_rest[j * whole + t] = float(found.rows.m[j]);
    const double rest_of[4] = {found.edge, found.along, found.across, found.doubled};
    for (size_t j = 0; j < 4; ++j) mesh.at_rest[(9 + j) * whole + t] = float(rest_of[j]);
  }
  mesh.bends.resize(mesh.triangles), mesh.lines.resize(mesh.vertices);
  mesh_ = std::move(mesh);
  last_.whole = false;
  attach();
}

void Cpu::deform(const float* vertices) {
  Mesh& mesh = mesh_;
  const Surface surface = mesh.surface();
  pool_.each(chunks(mesh.triangles), [&](uint32_t chunk) {
    kernels_->bend(surface, vertices, chunk * kChunk,
                   std::min(mesh.triangles, (chunk + 1) * kChunk), mesh.bends.data());
  });
  pool_.each(chunks(mesh.vertices), [&](uint32_t chunk) {
    kernels_->settle(surface, vertices, mesh.bends.data(), chunk * kChunk,
                     std::min(mesh.vertices, (chunk + 1) * kChunk), mesh.lines.data());
  });
  pool_.each(chunks(mesh.triangles), [&](uint32_t chunk) {
    const uint32_t end = std::min(mesh.triangles, (chunk + 1) * kChunk);
    for (uint32_t t = chunk * kChunk; t < end; ++t)
      for (size_t c = 1; c < 3; ++c)
        mesh.signs[size_t(t) * 2 + c - 1] =
            alike(mesh.lines[size_t(mesh.corners[size_t(t) * 3])].turn,
                  mesh.lines[size_t(mesh.corners[size_t(t) * 3 + c])].turn);
  });
}

// Fills records_ and keys_ (depth in the high half, place in records_ in the low one), in the
// order of the Gaussians; returns how many are in the picture.
uint32_t Cpu::project(const View& view, bool bound) {
  Scene scene = scene_;
  scene.lines = bound ? mesh_.lines.data() : nullptr;
  const uint32_t parts = chunks(scene.padded);
  if (records_.size() < size_t(parts) * kChunk) records_.resize(size_t(parts) * kChunk);
  counts_.assign(parts + 1, 0);
  pool_.each(parts, [&](uint32_t chunk) {
    const uint32_t begin = chunk * kChunk, end = std::min(scene.padded, begin + kChunk);
    counts_[chunk + 1] = kernels_->project(scene, view, begin, end, records_.data() + begin);
  });
  for (uint32_t chunk = 0; chunk < parts; ++chunk) counts_[chunk + 1] += counts_[chunk];
  const uint32_t count = counts_[parts];
  if (keys_.size() < count) keys_.resize(count), swapped_.resize(count);
  pool_.each(parts, [&](uint32_t chunk) {
    const uint32_t begin = chunk * kChunk, start = counts_[chunk];
    for (uint32_t i = start; i < counts_[chunk + 1]; ++i) {
      const uint32_t at = begin + i - start;
      uint32_t depth;
      std::memcpy(&depth, &records_[at].z, 4);
      keys_[i] = uint64_t(depth) << 32 | at;
    }
  });
  lowest_ = ~0u, highest_ = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t depth = uint32_t(keys_[i] >> 32);
    lowest_ = std::min(lowest_, depth), highest_ = std::max(highest_, depth);
  }
  return count;
}

// Stable radix sort of keys_ by depth. Bits of positive floats order as the floats do, and only as
// many digits are sorted as the depths at hand differ in.
void Cpu::sort(uint32_t count) {
  if (count < 2) return;
  const uint32_t parts = count < 8192 ? 1 : pool_.size();
  auto bound = [&](uint32_t part) { return uint32_t(uint64_t(count) * part / parts); };
  histogram_.resize(size_t(parts) * kValues);
  for (int shift = 0; shift < 32 && (highest_ - lowest_) >> shift; shift += kDigit) {
    auto digit = [&](uint64_t key) {
      return ((uint32_t(key >> 32) - lowest_) >> shift) & (kValues - 1);
    };
    pool_.each(parts, [&](uint32_t part) {
      uint32_t* histogram = &histogram_[size_t(part) * kValues];
      std::fill(histogram, histogram + kValues, 0);
      for (uint32_t i = bound(part); i < bound(part + 1); ++i) ++histogram[digit(keys_[i])];
    });
    uint32_t total = 0;
    for (uint32_t value = 0; value < kValues; ++value)
      for (uint32_t part = 0; part < parts; ++part) {
        uint32_t& entry = histogram_[size_t(part) * kValues + value];
        const uint32_t here = entry;
        entry = total, total += here;
      }
    pool_.each(parts, [&](uint32_t part) {
      uint32_t* place = &histogram_[size_t(part) * kValues];
      for (uint32_t i = bound(part); i < bound(part + 1); ++i)
        swapped_[place[digit(keys_[i])]++] = keys_[i];
    });
    keys_.swap(swapped_);
  }
}

// Sorts pairs of Gaussian and tile by tile, keeping the order of depth: lists_, cut by starts_.
uint64_t Cpu::bin(const View& view, uint32_t count) {
  const int across = (view.width + kTile - 1) / kTile, down = (view.height + kTile - 1) / kTile;
  const uint32_t tiles = uint32_t(across) * uint32_t(down);
  const uint32_t parts = count < 1024 ? 1 : pool_.size();
  emitted_.resize(std::max<size_t>(emitted_.size(), parts));
  filled_.assign(parts, 0);
  histogram_.assign(size_t(parts) * tiles, 0);
  pool_.each(parts, [&](uint32_t part) {
    std::vector<uint64_t>& out = emitted_[part];
    uint32_t* histogram = &histogram_[size_t(part) * tiles];
    uint32_t begin = uint32_t(uint64_t(count) * part / parts);
    const uint32_t end = uint32_t(uint64_t(count) * (part + 1) / parts);
    size_t filled = 0;
    for (;;) {
      filled += kernels_->emit(view, records_.data(), keys_.data(), begin, end,
                               out.data() + filled, out.size() - filled, histogram);
      if (begin == end) break;
      if (out.size() > kMostPairs / parts)
        throw Error(RT_MEMORY, "too many large Gaussians for a picture of this size: use fewer "
                               "Gaussians or a smaller picture");
      out.resize(std::max<size_t>(out.size() * 2, tiles + 4096));
    }
    filled_[part] = filled;
  });
  starts_.resize(tiles + 1);
  uint32_t total = 0;
  for (uint32_t tile = 0; tile < tiles; ++tile) {
    starts_[tile] = total;
    for (uint32_t part = 0; part < parts; ++part) {
      uint32_t& entry = histogram_[size_t(part) * tiles + tile];
      const uint32_t here = entry;
      entry = total, total += here;
    }
  }
  starts_[tiles] = total;
  if (lists_.size() < total) lists_.resize(total);
  if (training_) {
    if (places_.size() < total) places_.resize(total);
    shares_.assign(records_.size(), Share{0, 0});
  }
  pool_.each(parts, [&](uint32_t part) {
    uint32_t* place = &histogram_[size_t(part) * tiles];
    const uint64_t* pairs = emitted_[part].data();
    if (!training_) {
      for (size_t i = 0; i < filled_[part]; ++i)
        lists_[place[pairs[i] >> 32]++] = uint32_t(pairs[i]);
      return;
    }
    uint32_t next = 0;
    for (uint32_t before = 0; before < part; ++before) next += uint32_t(filled_[before]);
    for (size_t i = 0; i < filled_[part]; ++i, ++next) {
      const uint32_t record = uint32_t(pairs[i]), at = place[pairs[i] >> 32]++;
      lists_[at] = record, places_[next] = at;
      Share& share = shares_[record];
      if (!share.count++) share.first = next;
    }
  });
  return total;
}

void Cpu::render(const View& view, rt_frame& frame) { draw(view, frame); }

void Cpu::draw(const View& view, rt_frame& frame) {
  last_.whole = false;
  if (!view.width || !view.height) return;
  Clock clock;
  const bool bound = frame.vertices.data != nullptr;
  if (bound) deform(as<float>(frame.vertices));
  const uint32_t count = project(view, bound);
  frame.drawn = count;
  frame.seconds[0] = clock.lap();
  sort(count);
  frame.seconds[1] = clock.lap();
  frame.pairs = bin(view, count);
  frame.seconds[2] = clock.lap();
  if (training_) picture_.resize(size_t(view.width) * size_t(view.height) * 4);
  const Target target = {as<float>(frame.rgba), as<float>(frame.depth), as<float>(frame.normals),
                         training_ ? picture_.data() : nullptr};
  const int across = (view.width + kTile - 1) / kTile;
  pool_.each(uint32_t(starts_.size() - 1), [&](uint32_t tile) {
    kernels_->blend(view, records_.data(), lists_.data() + starts_[tile],
                    starts_[tile + 1] - starts_[tile], int(tile) % across, int(tile) / across,
                    target);
  });
  frame.seconds[3] = clock.lap();
  if (!training_) return;
  last_.view = view;
  last_.vertices.assign(as<float>(frame.vertices), as<float>(frame.vertices) + frame.vertices.count);
  last_.whole = true;
}

std::unique_ptr<Backend> make_backend(uint32_t threads, const std::string& instructions) {
  const uint32_t here = std::max(1u, std::thread::hardware_concurrency());
  return std::make_unique<Cpu>(threads ? threads : std::min(here, 64u), instructions);
}

}  // namespace rt
