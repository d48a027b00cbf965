// The CPU's inner loops, each compiled once for every set of instructions.
#pragma once

#include <cstdint>

#include "gaussian.h"
#include "mesh.h"
#include "raw.h"

namespace rt {

constexpr int kTile = 16;   // pixels along a tile's side
constexpr int kLanes = 16;  // the widest vector; arrays of Gaussians are padded to it

// Gaussians as arrays of one number each, padded with ones that are not drawn.
struct Scene {
  uint32_t count = 0, padded = 0, degree = 0;
  const float *position[3], *covariance[6], *log2_opacity, *harmonics[48];
  const float* turn[4];    // null: unturned
  const float* normal[3];
  // Where the Gaussians are bound to a mesh; null lines: they are not.
  const Line* lines = nullptr;
  const int32_t* triangle;
  const int32_t* corners;
  const float* signs;      // two to a triangle: of the quaternions of its second and third corner
  const float *barycentric[3], *offset[3];
};

// A Gaussian in the picture's plane: one cache line.
struct alignas(64) Record {
  float u, v, l11, l21, l22, log2_opacity, red, green, blue, z, normal[3], reach_x, reach_y;
  uint32_t index;  // of the Gaussian
};

// A mesh, the axes of whose triangles at rest are found once.
struct Surface {
  uint32_t vertices, triangles;
  const int32_t* corners;
  const int32_t *around, *first;  // triangles around vertex v: around[first[v]] to [first[v + 1]]
  const float* rest[13];          // members of Triangle, padded
};

struct Target {
  float *rgba, *depth, *normals;
  float* kept;  // a second picture for the backward pass, or null
};

// Raw Gaussians as arrays of one number each, and what of them the backward pass needs.
struct Columns {
  float *position[3], *log_scale[3], *rotation[4], *logit, *harmonics[48];
};
struct Derived {
  float *covariance[6], *log2_opacity, *normal[3], *turn[4], *variance[3], *hidden;
};

// Correctives: of row i `stride` halfs, in the order position, log-scale, rotation vector, logit,
// harmonics; then noughts.
struct Bases {
  uint32_t count = 0, numbers = 0, stride = 0;  // numbers: of harmonics in a row
  const uint32_t *gaussian = nullptr, *basis = nullptr;
  const uint16_t* rows = nullptr;
};
enum { kLogScale = 3, kRotation = 6, kLogit = 9, kHarmonics = 10, kMostNumbers = 64 };

// What a pixel wants, and where the picture stands that was drawn.
struct Wanted {
  const float *rgba, *d_rgba, *error;  // `error` may be null
};

// Sums over the pixels of a tile for one Gaussian: one cache line, in the order of Pull's members
// and then those below.
struct alignas(64) Partial { float of[16]; };
enum { kAbsolute = 9, kWeight = 11, kWrong = 12, kLargest = 13 };

// Where the partial sums of the Gaussian in a record are: at places[first], the `count` of them.
struct Share {
  uint32_t first, count;
};
struct Gathered {
  const Record* records;
  const Share* shares;
  const uint32_t* places;
  const Partial* partials;
  const uint8_t* touched;  // whether a partial sum was written
};

struct GradientOut {
  float *position, *log_scale, *rotation, *logit, *harmonics, *scores;  // null: not wanted
};

struct Kernels {
  const char* name;
  // How triangles [begin, end) bend, begin a multiple of kLanes; and what vertices make of it.
  void (*bend)(const Surface&, const float* vertices, uint32_t begin, uint32_t end, Line*);
  void (*settle)(const Surface&, const float* vertices, const Line* bends, uint32_t begin,
                 uint32_t end, Line*);
  // Pairs of tile (high half) and record (low half) of those that keys[begin] to keys[end] name,
  // as many as `room` has place for; `begin` moves on to what is left.
  size_t (*emit)(const View&, const Record*, const uint64_t* keys, uint32_t& begin, uint32_t end,
                 uint64_t* out, size_t room, uint32_t* histogram);
  // Projects Gaussians [begin, end), begin a multiple of kLanes; writes those in the picture and
  // returns how many.
  uint32_t (*project)(const Scene&, const View&, uint32_t begin, uint32_t end, Record*);
  // Blends the Gaussians of one tile, nearest first.
  void (*blend)(const View&, const Record*, const uint32_t* list, uint32_t count, int tile_x,
                int tile_y, const Target&);
  // Of the Gaussians of rows [first, last) those for which a coefficient is not what it was before:
  // `to` becomes `from` plus the correctives. Whether there are such.
  bool (*correct)(const Columns& from, const Bases&, const float* coefficients, const float* before,
                  uint32_t first, uint32_t last, const Columns& to);
  // What is drawn of raw Gaussians [begin, end), begin a multiple of kLanes.
  void (*activate)(const Columns&, uint32_t begin, uint32_t end, const Derived&);
  // The same tile as `blend`, for what its pixels want of its Gaussians; `touched` is all 0 before.
  void (*blend_back)(const View&, const Record*, const uint32_t* list, uint32_t count, int tile_x,
                     int tile_y, const Wanted&, Partial*, uint8_t* touched);
  // Gradients of Gaussians [begin, end), begin a multiple of kLanes, of which `count` have records.
  void (*chain)(const Scene&, const Derived&, const View&, uint32_t begin, uint32_t end,
                const Gathered&, uint32_t count, const GradientOut&);
};

const Kernels* kernels_portable();
const Kernels* kernels_avx2();    // null where the compiler has none
const Kernels* kernels_avx512();

}  // namespace rt
