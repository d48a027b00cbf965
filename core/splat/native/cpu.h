// The CPU back end. Every step cuts its work so that what comes out does not depend on the number
// of threads: chunks of Gaussians keep their order, both sorts are stable, a tile is blended by one
// thread, and what tiles give to a Gaussian is summed in the order of the tiles.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstring>
#include <vector>

#include "backend.h"
#include "kernels.h"
#include "pool.h"

namespace rt {

constexpr uint32_t kChunk = 1024;
constexpr uint64_t kMostPairs = 1ull << 27;

inline uint32_t chunks(uint32_t count) { return (count + kChunk - 1) / kChunk; }
inline uint32_t padded_to_lanes(uint32_t count) { return (count + kLanes - 1) / kLanes * kLanes; }

template <class T> const T* as(const rt_in& array) { return static_cast<const T*>(array.data); }
template <class T> T* as(const rt_out& array) { return static_cast<T*>(array.data); }

const Kernels* choose_kernels(const std::string& wanted);

// Where Gaussians are bound: the mesh at rest, and what of it is found once.
struct Mesh {
  uint32_t vertices = 0, triangles = 0;
  std::vector<float> at_rest, signs;            // arrays of the members of Triangle
  std::vector<int32_t> corners, around, first;  // triangles around a vertex: around[first[v]...]
  std::vector<int32_t> triangle;                // of each Gaussian, padded
  std::vector<float> barycentric[3], offset[3];
  std::vector<double> foot[3];                  // of each Gaussian, at rest
  std::vector<Line> bends, lines;

  Surface surface() const {
    Surface out = {vertices, triangles, corners.data(), around.data(), first.data(), {}};
    const size_t padded = at_rest.size() / 13;
    for (size_t j = 0; j < 13; ++j) out.rest[j] = at_rest.data() + j * padded;
    return out;
  }
};

class Clock {
 public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    return seconds;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// Which frame the arrays of a renderer are of.
struct Last {
  bool whole = false;
  View view;
  std::vector<float> vertices;
};

class Cpu final : public Backend {
 public:
  Cpu(uint32_t threads, const std::string& instructions)
      : kernels_(choose_kernels(instructions)), pool_(threads) {}

  std::string describe() const override {
    const uint32_t n = pool_.size();
    return std::string("CPU, ") + kernels_->name + ", " + std::to_string(n) +
           (n == 1 ? " thread" : " threads");
  }

  void set(const rt_gaussians& given) override;
  void bind(const rt_binding& given) override;
  void render(const View& view, rt_frame& frame) override;
  void set_raw(const rt_raw& given) override;
  void set_correctives(const rt_correctives& given) override;
  void correct(const float* coefficients) override;
  void gradient(const View& view, rt_frame& frame, rt_gradients& out) override;

 private:
  void show(const Columns& columns);
  void activate(const Columns& columns, uint32_t chunk);
  void use(const Columns& columns);
  void draw(const View& view, rt_frame& frame);
  bool drawn(const View& view, const rt_frame& frame) const;
  void attach();
  void deform(const float* vertices);
  uint32_t project(const View& view, bool bound);
  void sort(uint32_t count);
  uint64_t bin(const View& view, uint32_t count);

  const Kernels* kernels_;
  Pool pool_;
  Scene scene_;
  std::vector<float> arrays_;
  Mesh mesh_;
  // Raw Gaussians as they were given, as they are corrected, and what is found from either.
  Columns raw_, corrected_;
  std::vector<float> raw_arrays_, corrected_arrays_;
  Derived derived_;
  Bases bases_;
  std::vector<uint32_t> whom_, begins_;  // Gaussians, then bases of rows; first rows of chunks
  std::vector<uint16_t> halfs_;
  std::vector<float> amounts_;  // what corrected_ is corrected by; none: it is out of date
  // Of one frame, kept so that the next allocates nothing.
  std::vector<Record> records_;
  std::vector<uint32_t> counts_, lists_, histogram_, starts_;
  std::vector<uint64_t> keys_, swapped_;
  std::vector<std::vector<uint64_t>> emitted_;
  std::vector<size_t> filled_;  // of each in emitted_
  uint32_t lowest_ = 0, highest_ = 0;
  // The last frame, for the backward pass, once there has been one.
  bool training_ = false;
  Last last_;
  std::vector<float> picture_;
  std::vector<uint32_t> places_;
  std::vector<Share> shares_;
  std::vector<Partial> partials_;
  std::vector<uint8_t> touched_;
};

}  // namespace rt
