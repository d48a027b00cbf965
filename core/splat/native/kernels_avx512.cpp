#if defined(__AVX512F__)
#define RT_WIDTH 16
#include "kernels.inl"
#include "raw.inl"
#include "backward.inl"

namespace rt {
const Kernels* kernels_avx512() {
  static const Kernels kernels = {"avx512", bend_all, settle_all, emit, project, blend,
                                  correct, activated, blend_back, chain};
  return &kernels;
}
}  // namespace rt
#else
#include "kernels.h"
namespace rt {
const Kernels* kernels_avx512() { return nullptr; }
}  // namespace rt
#endif
