#if defined(__AVX2__)
#define RT_WIDTH 8
#include "kernels.inl"
#include "raw.inl"
#include "backward.inl"

namespace rt {
const Kernels* kernels_avx2() {
  static const Kernels kernels = {"avx2", bend_all, settle_all, emit, project, blend,
                                  correct, activated, blend_back, chain};
  return &kernels;
}
}  // namespace rt
#else
#include "kernels.h"
namespace rt {
const Kernels* kernels_avx2() { return nullptr; }
}  // namespace rt
#endif
