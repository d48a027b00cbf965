// What happens to one Gaussian: bending with its triangle, projection, colour.
//
// Every function is a template over its number: float on the GPU, a vector of floats in the CPU's
// kernels, double where floats are too coarse. The rules are those of core/splat/reference.py; the
// projection is that of EWA splatting (Zwicker and others, 2001, eq. 24 to 31).
#pragma once

#include <cmath>
#include <cstdint>

#if defined(__CUDACC__)
#define RT_FN static __host__ __device__ __forceinline__
#elif !defined(RT_FN)
#define RT_FN static inline __attribute__((always_inline))
#endif

namespace rt {

constexpr float kMostAlpha = 0.99f;
constexpr float kLeastAlpha = 1.0f / 255.0f;
constexpr float kLog2LeastAlpha = -7.99435344f;  // log2(1 / 255)
constexpr float kLog2E = 1.44269504f;
constexpr float kDark = 1e-4f;  // transmittance below which nothing behind is seen
// Of covariances flatter than this the determinant loses its digits in floats.
constexpr float kFlat = 1e-3f;
constexpr float kFarthest = 1e9f;  // pixels; a footprint that is not within is taken in doubles

template <class F> struct Vec3 { F x, y, z; };
template <class F> struct Sym3 { F xx, xy, xz, yy, yz, zz; };
template <class F> struct Quat { F w, x, y, z; };
template <class F> struct Mat3 { F m[9]; };

RT_FN float root(float a) { return sqrtf(a); }
RT_FN double root(double a) { return ::sqrt(a); }
RT_FN float most(float a, float b) { return a > b ? a : b; }
RT_FN float least(float a, float b) { return a < b ? a : b; }
RT_FN double most(double a, double b) { return a > b ? a : b; }
RT_FN double least(double a, double b) { return a < b ? a : b; }
RT_FN float pick(bool mask, float a, float b) { return mask ? a : b; }
RT_FN double pick(bool mask, double a, double b) { return mask ? a : b; }
RT_FN float logarithm2(float a) { return log2f(a); }
RT_FN double logarithm2(double a) { return ::log2(a); }

// The camera and the settings of one frame.
struct View {
  float w[9];        // world to camera
  float t[3];
  double depth[4], near_depth;  // w and t of the depth, which must order as the reference does
  float centre[3];   // where the camera stands
  float fx, fy, cx, cy;
  float low_x, high_x, low_y, high_y;  // slopes beyond which the projection bends no more
  float near, dilation;
  int32_t antialiased, width, height, degree;
};

template <class F> RT_FN Vec3<F> operator-(const Vec3<F>& a, const Vec3<F>& b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
template <class F> RT_FN F dot(const Vec3<F>& a, const Vec3<F>& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
template <class F> RT_FN Vec3<F> cross(const Vec3<F>& a, const Vec3<F>& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
template <class F> RT_FN Vec3<F> scaled(const Vec3<F>& a, F s) { return {a.x * s, a.y * s, a.z * s}; }

template <class F> RT_FN Mat3<F> matrix(const Quat<F>& q) {
  const F xx = q.x * q.x, yy = q.y * q.y, zz = q.z * q.z;
  const F xy = q.x * q.y, xz = q.x * q.z, yz = q.y * q.z;
  const F wx = q.w * q.x, wy = q.w * q.y, wz = q.w * q.z;
  return {{1.0f - 2.0f * (yy + zz), 2.0f * (xy - wz), 2.0f * (xz + wy),
           2.0f * (xy + wz), 1.0f - 2.0f * (xx + zz), 2.0f * (yz - wx),
           2.0f * (xz - wy), 2.0f * (yz + wx), 1.0f - 2.0f * (xx + yy)}};
}
template <class F> RT_FN Vec3<F> operator*(const Mat3<F>& a, const Vec3<F>& v) {
  return {a.m[0] * v.x + a.m[1] * v.y + a.m[2] * v.z, a.m[3] * v.x + a.m[4] * v.y + a.m[5] * v.z,
          a.m[6] * v.x + a.m[7] * v.y + a.m[8] * v.z};
}
template <class F> RT_FN Vec3<F> back(const Mat3<F>& a, const Vec3<F>& v) {  // a^T v
  return {a.m[0] * v.x + a.m[3] * v.y + a.m[6] * v.z, a.m[1] * v.x + a.m[4] * v.y + a.m[7] * v.z,
          a.m[2] * v.x + a.m[5] * v.y + a.m[8] * v.z};
}
template <class F> RT_FN Mat3<F> operator*(const Mat3<F>& a, const Sym3<F>& s) {
  Mat3<F> out;
  for (int r = 0; r < 9; r += 3) {
    const F x = a.m[r], y = a.m[r + 1], z = a.m[r + 2];
    out.m[r] = x * s.xx + y * s.xy + z * s.xz;
    out.m[r + 1] = x * s.xy + y * s.yy + z * s.yz;
    out.m[r + 2] = x * s.xz + y * s.yz + z * s.zz;
  }
  return out;
}
template <class F> RT_FN Vec3<F> operator*(const Sym3<F>& s, const Vec3<F>& v) {
  return {s.xx * v.x + s.xy * v.y + s.xz * v.z, s.xy * v.x + s.yy * v.y + s.yz * v.z,
          s.xz * v.x + s.yz * v.y + s.zz * v.z};
}
template <class F> RT_FN Sym3<F> bent(const Mat3<F>& a, const Sym3<F>& s) {  // a s a^T
  const Mat3<F> b = a * s;
  auto at = [&](int i, int j) {
    return b.m[i] * a.m[j] + b.m[i + 1] * a.m[j + 1] + b.m[i + 2] * a.m[j + 2];
  };
  return {at(0, 0), at(0, 3), at(0, 6), at(3, 3), at(3, 6), at(6, 6)};
}

// A Gaussian in the picture's plane. Its weight at a pixel d away is
// opacity * 2^-((l11 dx + l21 dy)^2 + (l22 dy)^2): a Cholesky factor keeps the digits that the
// quadratic form of a long thin Gaussian loses.
template <class F> struct Footprint {
  F u, v, l11, l21, l22;
  F log2_opacity;
  F reach_x, reach_y;  // beyond these it covers less than kLeastAlpha of a pixel; < 0: not drawn
  F flat;              // determinant over product of variances, the least that is divided by
};

template <class F>
RT_FN Footprint<F> footprint(const View& view, const Vec3<F>& p, F z, const Sym3<F>& s,
                             F log2_opacity) {
  const float* w = view.w;
  const F inverse = 1.0f / z;
  const F slope_x = (w[0] * p.x + w[1] * p.y + w[2] * p.z + view.t[0]) * inverse;
  const F slope_y = (w[3] * p.x + w[4] * p.y + w[5] * p.z + view.t[1]) * inverse;
  const F jx = least(most(slope_x, F{} + view.low_x), F{} + view.high_x);
  const F jy = least(most(slope_y, F{} + view.low_y), F{} + view.high_y);
  const F kx = view.fx * inverse, ky = view.fy * inverse;
  const Vec3<F> a = {kx * (w[0] - jx * w[6]), kx * (w[1] - jx * w[7]), kx * (w[2] - jx * w[8])};
  const Vec3<F> b = {ky * (w[3] - jy * w[6]), ky * (w[4] - jy * w[7]), ky * (w[5] - jy * w[8])};
  const Vec3<F> sa = s * a;
  const F exact_xx = dot(a, sa), xy = dot(b, sa), exact_yy = dot(b, s * b);
  const F xx = exact_xx + view.dilation, yy = exact_yy + view.dilation;
  const F determinant = xx * yy - xy * xy;
  Footprint<F> out;
  out.log2_opacity = log2_opacity;
  if (view.antialiased) {
    const F exact = most(exact_xx * exact_yy - xy * xy, F{} + 0.0f);
    out.log2_opacity += 0.5f * logarithm2(exact / determinant);
  }
  out.u = view.fx * slope_x + view.cx;
  out.v = view.fy * slope_y + view.cy;
  const F half = F{} + 0.849321800f;  // sqrt(log2(e) / 2)
  out.l11 = half * root(yy / determinant);
  out.l21 = F{} - out.l11 * (xy / yy);
  out.l22 = half / root(yy);
  // d^T C^-1 d <= 2 ln(255 opacity), and the farthest point of that ellipse along an axis.
  const F above = out.log2_opacity - kLog2LeastAlpha;
  const F reach = root(most(above, F{} + 0.0f) * (2.0f / kLog2E));
  out.reach_x = reach * root(xx);
  out.reach_y = reach * root(yy);
  // What is divided by: the exact determinant too, where it sets the opacity.
  out.flat = view.antialiased ? (exact_xx * exact_yy - xy * xy) / (exact_xx * exact_yy)
                              : determinant / (xx * yy);
  auto good = (z >= view.near) & (determinant > 0.0f) & (above >= 0.0f) & (xx > 0.0f) &
              (yy > 0.0f) & (out.reach_x < 3e38f) & (out.reach_y < 3e38f) & (out.l11 < 3e38f) &
              (out.u > -3e38f) & (out.u < 3e38f) & (out.v > -3e38f) & (out.v < 3e38f);
  out.reach_x = pick(good, out.reach_x, F{} - 1.0f);
  return out;
}

// Whether a float's footprint must be taken again in doubles.
template <class F> RT_FN auto coarse(const Footprint<F>& f) {
  return !((f.flat > kFlat) & (f.reach_x < kFarthest) & (f.reach_y < kFarthest));
}

// Real spherical harmonics of degree 0 to 3 in the basis of 3DGS files, on coefficients that
// `at(k, channel)` gives. Returns the colour, not below 0.
template <class F, class At> RT_FN Vec3<F> colour(const Vec3<F>& d, int degree, const At& at) {
  F out[3];
  for (int c = 0; c < 3; ++c) out[c] = 0.5f + 0.28209479177387814f * at(0, c);
  auto add = [&](int k, F basis) {
    for (int c = 0; c < 3; ++c) out[c] += basis * at(k, c);
  };
  if (degree > 0) {
    add(1, -0.4886025119029199f * d.y);
    add(2, 0.4886025119029199f * d.z);
    add(3, -0.4886025119029199f * d.x);
  }
  if (degree > 1) {
    const F xx = d.x * d.x, yy = d.y * d.y, zz = d.z * d.z;
    add(4, 1.0925484305920792f * (d.x * d.y));
    add(5, -1.0925484305920792f * (d.y * d.z));
    add(6, 0.31539156525252005f * (2.0f * zz - xx - yy));
    add(7, -1.0925484305920792f * (d.x * d.z));
    add(8, 0.5462742152960396f * (xx - yy));
    if (degree > 2) {
      add(9, -0.5900435899266435f * d.y * (3.0f * xx - yy));
      add(10, 2.890611442640554f * (d.x * d.y) * d.z);
      add(11, -0.4570457994644658f * d.y * (4.0f * zz - xx - yy));
      add(12, 0.3731763325901154f * d.z * (2.0f * zz - 3.0f * xx - 3.0f * yy));
      add(13, -0.4570457994644658f * d.x * (4.0f * zz - xx - yy));
      add(14, 1.445305721320277f * d.z * (xx - yy));
      add(15, -0.5900435899266435f * d.x * (xx - 3.0f * yy));
    }
  }
  return {most(out[0], F{} + 0.0f), most(out[1], F{} + 0.0f), most(out[2], F{} + 0.0f)};
}

// Unit vector from the camera; 0 where the camera stands in the Gaussian.
template <class F> RT_FN Vec3<F> ray(const View& view, const Vec3<F>& p) {
  const Vec3<F> d = {p.x - view.centre[0], p.y - view.centre[1], p.z - view.centre[2]};
  const F square = dot(d, d);
  return scaled(d, pick(square > 0.0f, 1.0f / root(square), F{} + 0.0f));
}

// The least of (l11 dx + l21 dy)^2 + (l22 dy)^2 over a box of offsets from the mean. The nearest
// point of a convex form lies on one of the two sides that face its centre; down_x and down_y are
// where the form falls along the other axis, l11 l21 / (l21^2 + l22^2) and l21 / l11.
template <class F>
RT_FN F nearest(F l11, F l21, F l22, F down_x, F down_y, F x0, F x1, F y0, F y1) {
  const F zero = F{} + 0.0f;
  const F ax = least(most(zero, x0), x1), ay = least(most(zero, y0), y1);
  const F by = least(most(zero - down_x * ax, y0), y1);
  const F bx = least(most(zero - down_y * ay, x0), x1);
  const F a = l11 * ax + l21 * by, b = l22 * by;
  const F c = l11 * bx + l21 * ay, d = l22 * ay;
  return least(a * a + b * b, c * c + d * d);
}

}  // namespace rt
