// The way back: from what pixels want of a Gaussian's footprint to what that means for its raw
// parameters at rest. Each function is the transpose of a forward step of gaussian.h or raw.h,
// derived from it by the chain rule; templates over the number, for both back ends.
//
// Symmetric matrices of gradients hold each off-diagonal entry once, as half the derivative to the
// number that the forward pass holds once: so d = sum over all nine entries of gradient * change.
#pragma once

#include "gaussian.h"

namespace rt {

constexpr float kLn2 = 0.693147181f;

// Sums over pixels. Within a footprint a pixel lies at (a, b) = (l11 dx + l21 dy, l22 dy), and its
// alpha is 2^p with p = log2_opacity - a^2 - b^2; g is the loss's derivative to p, which is
// kLn2 * alpha times that to alpha, or 0 where alpha is held at kMostAlpha or left out.
template <class F> struct Pull {
  F g, ga, gb, gaa, gab, gbb;
  F red, green, blue;  // sums of weight times the loss's derivative to the pixel's colour
};

// How a pixel behind pulls: `rest` is what all Gaussians behind this one add to the loss, the
// derivative to the final transmittance included. Returns the loss's derivative to alpha, where the
// Gaussian's own colour weighs `own` in the pixel and `clear` comes through to it.
template <class F> RT_FN F pull_of_alpha(F clear, F own, F rest, F alpha) {
  return clear * own - rest / (1.0f - alpha);
}

// The part of (du, dv), the gradient to the mean in pixels, of g at (a, b).
template <class F> RT_FN void pull_of_mean(F l11, F l21, F l22, F ga, F gb, F& du, F& dv) {
  du = 2.0f * l11 * ga;
  dv = 2.0f * (l21 * ga + l22 * gb);
}

// The transpose of footprint(): gradients to a Gaussian's place and covariance in the world. With
// antialiasing, and where `flat` is not above kFlat, floats are too coarse: take doubles.
template <class F>
RT_FN void footprint_back(const View& view, const Vec3<F>& p, F z, const Sym3<F>& s, F l11, F l21,
                          F l22, const Pull<F>& pull, Vec3<F>& d_place, Sym3<F>& d_covariance,
                          F& flat) {
  const float* w = view.w;
  const F inverse = 1.0f / z;
  const F slope_x = (w[0] * p.x + w[1] * p.y + w[2] * p.z + view.t[0]) * inverse;
  const F slope_y = (w[3] * p.x + w[4] * p.y + w[5] * p.z + view.t[1]) * inverse;
  const F jx = least(most(slope_x, F{} + view.low_x), F{} + view.high_x);
  const F jy = least(most(slope_y, F{} + view.low_y), F{} + view.high_y);
  const F kx = view.fx * inverse, ky = view.fy * inverse;
  const Vec3<F> a = {kx * (w[0] - jx * w[6]), kx * (w[1] - jx * w[7]), kx * (w[2] - jx * w[8])};
  const Vec3<F> b = {ky * (w[3] - jy * w[6]), ky * (w[4] - jy * w[7]), ky * (w[5] - jy * w[8])};
  const Vec3<F> sa = s * a, sb = s * b;

  // To the covariance in the picture: A^T M A, where A takes pixels to (a, b), M sums g (a, b)(a, b)^T.
  const F low = pull.gaa * l21 + pull.gab * l22;
  const F two = F{} + 2.0f * kLn2;
  F gxx = two * l11 * l11 * pull.gaa;
  F gxy = two * l11 * low;
  F gyy = two * (l21 * low + l22 * (pull.gab * l21 + pull.gbb * l22));
  flat = F{} + 1.0f;
  if (view.antialiased) {
    // log2_opacity gained half the logarithm of det C / det C'.
    const F xx = dot(a, sa), xy = dot(b, sa), yy = dot(b, sb);
    const F wide_xx = xx + view.dilation, wide_yy = yy + view.dilation;
    flat = (xx * yy - xy * xy) / (xx * yy);
    const F exact = 1.0f / (xx * yy - xy * xy), wide = 1.0f / (wide_xx * wide_yy - xy * xy);
    const F half = 0.5f * kLog2E * pull.g;
    // A Gaussian that is not seen (its determinants may be none) pulls at nothing.
    const auto some = (pull.g < 0.0f) | (pull.g > 0.0f);
    gxx += pick(some, half * (yy * exact - wide_yy * wide), F{} + 0.0f);
    gyy += pick(some, half * (xx * exact - wide_xx * wide), F{} + 0.0f);
    gxy += pick(some, half * xy * (wide - exact), F{} + 0.0f);
  }
  auto outer = [&](F ai, F aj, F bi, F bj) {
    return gxx * ai * aj + gyy * bi * bj + gxy * (ai * bj + aj * bi);
  };
  d_covariance = {outer(a.x, a.x, b.x, b.x), outer(a.x, a.y, b.x, b.y), outer(a.x, a.z, b.x, b.z),
                  outer(a.y, a.y, b.y, b.y), outer(a.y, a.z, b.y, b.z), outer(a.z, a.z, b.z, b.z)};
  auto along = [](F g1, const Vec3<F>& v1, F g2, const Vec3<F>& v2) -> Vec3<F> {
    return {2.0f * (g1 * v1.x + g2 * v2.x), 2.0f * (g1 * v1.y + g2 * v2.y),
            2.0f * (g1 * v1.z + g2 * v2.z)};
  };
  const Vec3<F> da = along(gxx, sa, gxy, sb), db = along(gxy, sa, gyy, sb);

  F du, dv;
  pull_of_mean(l11, l21, l22, pull.ga, pull.gb, du, dv);
  const Vec3<F> towards = {F{} + w[6], F{} + w[7], F{} + w[8]};
  // Beyond the margin the projection bends no more, so a and b do not follow the slopes.
  const F zero = F{} + 0.0f;
  const F dx = view.fx * du +
      pick((slope_x >= view.low_x) & (slope_x <= view.high_x), zero - kx * dot(da, towards), zero);
  const F dy = view.fy * dv +
      pick((slope_y >= view.low_y) & (slope_y <= view.high_y), zero - ky * dot(db, towards), zero);
  const F cx = dx * inverse, cy = dy * inverse;
  const F cz = zero - (dx * slope_x + dy * slope_y + dot(da, a) + dot(db, b)) * inverse;
  d_place = {w[0] * cx + w[3] * cy + w[6] * cz, w[1] * cx + w[4] * cy + w[7] * cz,
             w[2] * cx + w[5] * cy + w[8] * cz};
}

// The transpose of colour(): `seen` is the loss's derivative to the colour, 0 in channels that are
// held at 0. Calls put(k, basis) once for each harmonic, in order, whose three gradients are
// basis * seen; returns the gradient to the direction d.
template <class F, class At, class Put>
RT_FN Vec3<F> colour_back(const Vec3<F>& d, int degree, const Vec3<F>& seen, const At& at,
                          const Put& put) {
  const F zero = F{} + 0.0f;
  Vec3<F> out = {zero, zero, zero};
  const F x = d.x, y = d.y, z = d.z;
  auto add = [&](int k, F basis, F along_x, F along_y, F along_z) {
    put(k, basis);
    const F s = at(k, 0) * seen.x + at(k, 1) * seen.y + at(k, 2) * seen.z;
    out.x += s * along_x, out.y += s * along_y, out.z += s * along_z;
  };
  put(0, zero + 0.28209479177387814f);
  if (degree > 0) {
    const F c = zero + 0.4886025119029199f;
    add(1, zero - c * y, zero, zero - c, zero);
    add(2, c * z, zero, zero, c);
    add(3, zero - c * x, zero - c, zero, zero);
  }
  if (degree > 1) {
    const F c = zero + 1.0925484305920792f, e = zero + 0.31539156525252005f;
    const F xx = x * x, yy = y * y, zz = z * z;
    add(4, c * x * y, c * y, c * x, zero);
    add(5, zero - c * y * z, zero, zero - c * z, zero - c * y);
    add(6, e * (2.0f * zz - xx - yy), -2.0f * e * x, -2.0f * e * y, 4.0f * e * z);
    add(7, zero - c * x * z, zero - c * z, zero, zero - c * x);
    add(8, 0.5f * c * (xx - yy), c * x, zero - c * y, zero);
    if (degree > 2) {
      const F f = zero - 0.5900435899266435f, g = zero + 2.890611442640554f;
      const F h = zero - 0.4570457994644658f, i = zero + 0.3731763325901154f;
      const F ring = 4.0f * zz - xx - yy;
      add(9, f * y * (3.0f * xx - yy), 6.0f * f * x * y, 3.0f * f * (xx - yy), zero);
      add(10, g * x * y * z, g * y * z, g * x * z, g * x * y);
      add(11, h * y * ring, -2.0f * h * x * y, h * (ring - 2.0f * yy), 8.0f * h * y * z);
      add(12, i * z * (2.0f * zz - 3.0f * xx - 3.0f * yy), -6.0f * i * x * z, -6.0f * i * y * z,
          i * (6.0f * zz - 3.0f * xx - 3.0f * yy));
      add(13, h * x * ring, h * (ring - 2.0f * xx), -2.0f * h * x * y, 8.0f * h * x * z);
      add(14, 0.5f * g * z * (xx - yy), g * x * z, zero - g * y * z, 0.5f * g * (xx - yy));
      add(15, f * x * (xx - 3.0f * yy), 3.0f * f * (xx - yy), -6.0f * f * x * y, zero);
    }
  }
  return out;
}

// The transpose of ray(): what a gradient to the unit vector d from the camera is to the place p.
template <class F>
RT_FN Vec3<F> ray_back(const View& view, const Vec3<F>& p, const Vec3<F>& d, const Vec3<F>& g) {
  const Vec3<F> away = {p.x - view.centre[0], p.y - view.centre[1], p.z - view.centre[2]};
  const F square = dot(away, away), along = dot(d, g), zero = F{} + 0.0f;
  const F inverse = pick(square > 0.0f, 1.0f / root(square), zero);
  return {(g.x - along * d.x) * inverse, (g.y - along * d.y) * inverse,
          (g.z - along * d.z) * inverse};
}

// The transpose of bent(): a^T s a.
template <class F> RT_FN Sym3<F> unbent(const Mat3<F>& a, const Sym3<F>& s) {
  const F* m = a.m;
  return bent(Mat3<F>{{m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]}}, s);
}

// The transpose of spread(): of a covariance R diag(variance) R^T with `turn` R, the gradients to
// logarithms of scales, and to v at 0 where R becomes R exp([v]).
template <class F>
RT_FN void spread_back(const Mat3<F>& turn, const Vec3<F>& variance, const Sym3<F>& d_covariance,
                       Vec3<F>& d_log_scale, Vec3<F>& d_rotation) {
  const Sym3<F> h = unbent(turn, d_covariance);
  d_log_scale = {2.0f * variance.x * h.xx, 2.0f * variance.y * h.yy, 2.0f * variance.z * h.zz};
  d_rotation = {2.0f * (variance.y - variance.z) * h.yz, 2.0f * (variance.z - variance.x) * h.xz,
                2.0f * (variance.x - variance.y) * h.xy};
}

// The gradient to the logit of an opacity, of that to log2_opacity; hidden = 1 - opacity.
template <class F> RT_FN F logit_back(F g, F hidden) { return kLog2E * hidden * g; }

}  // namespace rt
