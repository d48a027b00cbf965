// What raw Gaussians are once their logarithms, logits and quaternions are taken, and how they are
// corrected. Templates over the number, for both back ends; the rules are those of
// core/splat/gaussians.py, posed.py and correctives.py.
#pragma once

#include "gaussian.h"

namespace rt {

constexpr float kMostLog = 30.0f;  // bound on log-scales and logits

RT_FN float exponential(float a) { return expf(a); }
RT_FN double exponential(double a) { return ::exp(a); }
RT_FN float sine(float a) { return sinf(a); }
RT_FN float cosine(float a) { return cosf(a); }

template <class F> struct Raw {
  Vec3<F> position, log_scale;
  Quat<F> rotation;
  F logit;
};

template <class F> struct Activated {
  Quat<F> rotation;  // unit
  Vec3<F> variance, normal;
  Sym3<F> covariance;
  F log2_opacity;    // -1000 where it is below kLeastAlpha
  F hidden;          // 1 - opacity, with all digits where opacity is nearly 1
};

template <class F> RT_FN Quat<F> unit(const Quat<F>& q) {
  const F s = 1.0f / root(q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z);
  return {q.w * s, q.x * s, q.y * s, q.z * s};
}

// R diag(variance) R^T.
template <class F> RT_FN Sym3<F> spread(const Mat3<F>& r, const Vec3<F>& variance) {
  const F *m = r.m, x = variance.x, y = variance.y, z = variance.z;
  auto at = [&](int i, int j) {
    return m[i] * m[j] * x + m[i + 1] * m[j + 1] * y + m[i + 2] * m[j + 2] * z;
  };
  return {at(0, 0), at(0, 3), at(0, 6), at(3, 3), at(3, 6), at(6, 6)};
}

template <class F> RT_FN Activated<F> activate(const Raw<F>& raw) {
  Activated<F> out;
  out.rotation = unit(raw.rotation);
  const Vec3<F>& log = raw.log_scale;
  out.variance = {exponential(2.0f * log.x), exponential(2.0f * log.y), exponential(2.0f * log.z)};
  const Mat3<F> r = matrix(out.rotation);
  out.covariance = spread(r, out.variance);
  // The shortest axis is the normal; of equal ones the first.
  const auto y = log.y < log.x;
  const F least_xy = pick(y, log.y, log.x);
  const auto z = log.z < least_xy;
  const F* m = r.m;
  out.normal = {pick(z, m[2], pick(y, m[1], m[0])), pick(z, m[5], pick(y, m[4], m[3])),
                pick(z, m[8], pick(y, m[7], m[6]))};
  const F e = exponential(F{} - raw.logit);
  const F log2_opacity = F{} - logarithm2(1.0f + e);
  out.log2_opacity = pick(log2_opacity >= kLog2LeastAlpha, log2_opacity, F{} - 1e3f);
  out.hidden = e / (1.0f + e);
  return out;
}

template <class F> RT_FN F within(F a) { return least(most(a, F{} - kMostLog), F{} + kMostLog); }

// The rotation `second`, then `first`.
template <class F> RT_FN Quat<F> operator*(const Quat<F>& a, const Quat<F>& b) {
  return {a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z,
          a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
          a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
          a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w};
}

// exp(v): the unit quaternion of a rotation vector.
template <class F> RT_FN Quat<F> rotation(const Vec3<F>& v) {
  const F half = 0.5f * root(dot(v, v));
  // sin(x) / x where x is nought, too.
  const F sinc = pick(half > 1e-4f, sine(half) / most(half, F{} + 1e-4f), F{} + 1.0f);
  const F s = 0.5f * sinc;
  return {cosine(half), v.x * s, v.y * s, v.z * s};
}

// Raw Gaussians plus differences (rotation vectors in `turn`).
template <class F> RT_FN Raw<F> corrected(const Raw<F>& a, const Raw<F>& change, const Vec3<F>& turn) {
  return {{a.position.x + change.position.x, a.position.y + change.position.y,
           a.position.z + change.position.z},
          {within(a.log_scale.x + change.log_scale.x), within(a.log_scale.y + change.log_scale.y),
           within(a.log_scale.z + change.log_scale.z)},
          a.rotation * rotation(turn),
          within(a.logit + change.logit)};
}

}  // namespace rt
