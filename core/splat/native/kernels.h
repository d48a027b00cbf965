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

struct Target {
  float *rgba, *depth, *normals;
};

struct Kernels {
  const char* name;
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
