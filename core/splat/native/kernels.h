// The CPU's two inner loops, each compiled once for every set of instructions.
#pragma once

#include <cstdint>

#include "gaussian.h"
#include "mesh.h"

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
  uint32_t depth_bits;
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
};

const Kernels* kernels_portable();
const Kernels* kernels_avx2();    // null where the compiler has none
const Kernels* kernels_avx512();

}  // namespace rt
