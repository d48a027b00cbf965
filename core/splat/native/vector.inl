// A vector of RT_WIDTH floats as a number for gaussian.h, which must be included after this.
#include <cstdint>
#include <initializer_list>

#if defined(__AVX2__) || defined(__AVX512F__)
#include <immintrin.h>
#endif

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wignored-attributes"  // vectors as template arguments keep theirs
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // in the compiler's own intrinsics
#endif

#define RT_FN static inline __attribute__((always_inline))

namespace rt {
namespace {

constexpr int W = RT_WIDTH;
typedef float V __attribute__((vector_size(4 * RT_WIDTH)));
typedef int32_t I __attribute__((vector_size(4 * RT_WIDTH)));
typedef uint32_t U __attribute__((vector_size(4 * RT_WIDTH)));  // for sums of bits that may wrap

RT_FN V load(const float* p) { V v; __builtin_memcpy(&v, p, sizeof v); return v; }
RT_FN void store(float* p, V v) { __builtin_memcpy(p, &v, sizeof v); }
RT_FN V all(float a) { return V{} + a; }
RT_FN V pick(I mask, V a, V b) { return mask ? a : b; }
#if RT_WIDTH == 16
RT_FN V root(V a) { return (V)_mm512_sqrt_ps((__m512)a); }
RT_FN V most(V a, V b) { return (V)_mm512_max_ps((__m512)a, (__m512)b); }
RT_FN V least(V a, V b) { return (V)_mm512_min_ps((__m512)a, (__m512)b); }
RT_FN uint32_t bits(I m) { return _mm512_movepi32_mask((__m512i)m); }
RT_FN float greatest(V a) { return _mm512_reduce_max_ps((__m512)a); }
RT_FN V halfs(const uint16_t* p) { return (V)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i*)p)); }
#elif RT_WIDTH == 8
RT_FN V root(V a) { return (V)_mm256_sqrt_ps((__m256)a); }
RT_FN V most(V a, V b) { return (V)_mm256_max_ps((__m256)a, (__m256)b); }
RT_FN V least(V a, V b) { return (V)_mm256_min_ps((__m256)a, (__m256)b); }
RT_FN uint32_t bits(I m) { return uint32_t(_mm256_movemask_ps((__m256)m)); }
RT_FN float greatest(V a) {
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128((__m256)a), _mm256_extractf128_ps((__m256)a, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}
RT_FN V halfs(const uint16_t* p) { return (V)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)p)); }
#else
RT_FN V root(V a) { V r; for (int i = 0; i < W; ++i) r[i] = __builtin_sqrtf(a[i]); return r; }
RT_FN V most(V a, V b) { return a > b ? a : b; }
RT_FN V least(V a, V b) { return a < b ? a : b; }
RT_FN uint32_t bits(I m) {
  uint32_t out = 0;
  for (int i = 0; i < W; ++i) out |= uint32_t(m[i] & 1) << i;
  return out;
}
RT_FN float greatest(V a) {
  float out = a[0];
  for (int i = 1; i < W; ++i) out = a[i] > out ? a[i] : out;
  return out;
}
RT_FN V halfs(const uint16_t* p) {
  I h;
  for (int i = 0; i < W; ++i) h[i] = p[i];
  // The bits of a float whose exponent is too small by 112: the product mends it, and subnormals.
  const V size = (V)((h & 0x7fff) << 13) * 0x1p112f;
  return (V)((I)size | ((h & 0x8000) << 16));
}
#endif
RT_FN V absolute(V a) { return (V)((I)a & 0x7fffffff); }
// e^a for a in about [-87, 87]; relative error below 2e-7.
RT_FN V exponential(V a) {
  a = least(most(a, all(-87.0f)), all(87.0f));
  const V shifted = a * 1.44269504f + 12582912.0f;  // rounds, as power2 does
  const V n = shifted - 12582912.0f;
  const V f = (a - n * 0.693359375f) + n * 2.12194440e-4f;
  V e = all(1.0f / 5040);
  for (float c : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f}) e = e * f + c;
  return (V)((U)e + ((U)shifted << 23));
}
RT_FN V sine(V a) { V r; for (int i = 0; i < W; ++i) r[i] = __builtin_sinf(a[i]); return r; }
RT_FN V cosine(V a) { V r; for (int i = 0; i < W; ++i) r[i] = __builtin_cosf(a[i]); return r; }
RT_FN V logarithm2(V a) { V r; for (int i = 0; i < W; ++i) r[i] = __builtin_log2f(a[i]); return r; }

}  // namespace
}  // namespace rt
