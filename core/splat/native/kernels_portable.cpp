#define RT_WIDTH 4
#include "kernels.inl"
#include "raw.inl"
#include "backward.inl"

namespace rt {
const Kernels* kernels_portable() {
  static const Kernels kernels = {"portable", bend_all, settle_all, emit, project, blend,
                                  correct, activated, blend_back, chain};
  return &kernels;
}
}  // namespace rt
