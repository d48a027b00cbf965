#define RT_WIDTH 4
#include "kernels.inl"

namespace rt {
const Kernels* kernels_portable() {
  static const Kernels kernels = {"portable", bend_all, settle_all, emit, project, blend};
  return &kernels;
}
}  // namespace rt
