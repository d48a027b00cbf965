// The backward pass over vectors of RT_WIDTH floats; included after kernels.inl.
#include "gradient.h"

namespace rt {
namespace {

// Sums over the lanes of sixteen vectors.
#if RT_WIDTH == 16
RT_FN void add_lanes(const V* in, float* out) {
  __m512 pair[8], four[4], two[2];
  auto at = [&](int i) { return (__m512)in[i]; };
  for (int i = 0; i < 8; ++i)
    pair[i] = _mm512_add_ps(_mm512_unpacklo_ps(at(2 * i), at(2 * i + 1)),
                            _mm512_unpackhi_ps(at(2 * i), at(2 * i + 1)));
  for (int i = 0; i < 4; ++i) {
    const __m512d a = _mm512_castps_pd(pair[2 * i]), b = _mm512_castps_pd(pair[2 * i + 1]);
    four[i] = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)),
                            _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
  }
  for (int i = 0; i < 2; ++i)
    two[i] = _mm512_add_ps(_mm512_shuffle_f32x4(four[2 * i], four[2 * i + 1], 0x44),
                           _mm512_shuffle_f32x4(four[2 * i], four[2 * i + 1], 0xee));
  _mm512_store_ps(out, _mm512_add_ps(_mm512_shuffle_f32x4(two[0], two[1], 0x88),
                                     _mm512_shuffle_f32x4(two[0], two[1], 0xdd)));
}
#elif RT_WIDTH == 8
RT_FN void add_lanes(const V* in, float* out) {
  __m256 pair[8], four[4];
  auto at = [&](int i) { return (__m256)in[i]; };
  for (int i = 0; i < 8; ++i)
    pair[i] = _mm256_add_ps(_mm256_unpacklo_ps(at(2 * i), at(2 * i + 1)),
                            _mm256_unpackhi_ps(at(2 * i), at(2 * i + 1)));
  for (int i = 0; i < 4; ++i) {
    const __m256d a = _mm256_castps_pd(pair[2 * i]), b = _mm256_castps_pd(pair[2 * i + 1]);
    four[i] = _mm256_add_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(a, b)),
                            _mm256_castpd_ps(_mm256_unpackhi_pd(a, b)));
  }
  for (int i = 0; i < 2; ++i)
    _mm256_store_ps(out + 8 * i,
                    _mm256_add_ps(_mm256_permute2f128_ps(four[2 * i], four[2 * i + 1], 0x20),
                                  _mm256_permute2f128_ps(four[2 * i], four[2 * i + 1], 0x31)));
}
#else
RT_FN void add_lanes(const V* in, float* out) {
  for (int i = 0; i < 16; ++i) {
    float sum = 0;
    for (int l = 0; l < W; ++l) sum += in[i][l];
    out[i] = sum;
  }
}
#endif

// One tile's pixels on the way back: what comes through to them, what all that lies behind adds to
// the loss, and what they want.
struct alignas(64) Pixels {
  float clear[kBlocks][16], rest[kBlocks][16], red[kBlocks][16], green[kBlocks][16],
      blue[kBlocks][16], error[kBlocks][16];
};

// Returns the blocks that lie in the picture.
uint32_t gather_pixels(const View& view, int x0, int y0, const Wanted& wanted, Pixels& pixels) {
  std::memset(&pixels, 0, sizeof pixels);
  uint32_t live = 0;
  for (int b = 0; b < kBlocks; ++b)
    for (int i = 0; i < 16; ++i) {
      const int x = x0 + int(kBlockX.of[b]) + i % 4, y = y0 + int(kBlockY.of[b]) + i / 4;
      if (x >= view.width || y >= view.height) continue;
      const size_t at = size_t(y) * size_t(view.width) + size_t(x);
      const float *drawn = wanted.rgba + 4 * at, *d = wanted.d_rgba + 4 * at;
      live |= 1u << b;
      pixels.clear[b][i] = 1;
      pixels.red[b][i] = d[0], pixels.green[b][i] = d[1], pixels.blue[b][i] = d[2];
      pixels.rest[b][i] = d[0] * drawn[0] + d[1] * drawn[1] + d[2] * drawn[2] -
                          d[3] * (1.0f - drawn[3]);
      if (wanted.error) pixels.error[b][i] = wanted.error[at];
    }
  return live;
}

void blend_back(const View& view, const Record* records, const uint32_t* list, uint32_t count,
                int tile_x, int tile_y, const Wanted& wanted, Partial* partials, uint8_t* touched) {
  if (!count) return;
  const int x0 = tile_x * kTile, y0 = tile_y * kTile;
  Pixels pixels;
  uint32_t live = gather_pixels(view, x0, y0, wanted, pixels);
  for (uint32_t n = 0; n < count; ++n) {
    // Where the forward pass stopped, so does this.
    for (uint32_t left = n % 16 ? 0 : live; left; left &= left - 1) {
      const int b = __builtin_ctz(left);
      uint32_t clear = 0;
      for (int h = 0; h < kParts; ++h) clear |= bits(load(&pixels.clear[b][h * W]) >= kDark);
      if (!clear) live &= ~(1u << b);
    }
    if (!live) break;
    if (n + 8 < count) __builtin_prefetch(records + list[n + 8]);
    const Record& r = records[list[n]];
    const float x = float(x0) - r.u, y = float(y0) - r.v;
    const float down_x = r.l11 * r.l21 / (r.l21 * r.l21 + r.l22 * r.l22), down_y = r.l21 / r.l11;
    const float enough = (r.log2_opacity - kLog2LeastAlpha) * 1.001f + 1e-3f;
    alignas(64) float step_u[kBlocks], step_v[kBlocks];
    uint32_t reached = 0;
    V u[kParts], v[kParts];
    for (int h = 0; h < kParts; ++h) {
      const V bx = load(kBlockX.of + h * W), by = load(kBlockY.of + h * W);
      store(step_u + h * W, bx * r.l11 + by * r.l21);
      store(step_v + h * W, by * r.l22);
      const V far = nearest<V>(all(r.l11), all(r.l21), all(r.l22), all(down_x), all(down_y),
                               bx + (x + 0.5f), bx + (x + 3.5f), by + (y + 0.5f), by + (y + 3.5f));
      reached |= bits(far <= enough) << (h * W);
      const V px = load(kPixelX.of + h * W) + x, py = load(kPixelY.of + h * W) + y;
      u[h] = px * r.l11 + py * r.l21;
      v[h] = py * r.l22;
    }
    if (!(reached &= live)) continue;
    V sums[16] = {}, largest = all(0);
    for (uint32_t left = reached; left; left &= left - 1) {
      const int b = __builtin_ctz(left);
      for (int h = 0; h < kParts; ++h) {
        const int at = h * W;
        const V du = u[h] + step_u[b], dv = v[h] + step_v[b];
        const V p = (r.log2_opacity - du * du) - dv * dv;
        const V whole = power2(p);
        const I within = p >= kLog2LeastAlpha;
        const V alpha = (V)((I)least(whole, all(kMostAlpha)) & within);
        const V clear = load(&pixels.clear[b][at]);
        const V weight = clear * alpha;
        store(&pixels.clear[b][at], clear - weight);
        const V red = load(&pixels.red[b][at]), green = load(&pixels.green[b][at]);
        const V blue = load(&pixels.blue[b][at]);
        const V own = red * r.red + green * r.green + blue * r.blue;
        const V rest = load(&pixels.rest[b][at]) - weight * own;
        store(&pixels.rest[b][at], rest);
        // Held at the most it can be, alpha follows nothing.
        const V moves = (V)((I)(alpha * kLn2) & (whole < kMostAlpha));
        const V g = moves * pull_of_alpha(clear, own, rest, alpha);
        const V ga = g * du, gb = g * dv;
        sums[0] += g, sums[1] += ga, sums[2] += gb;
        sums[3] += ga * du, sums[4] += ga * dv, sums[5] += gb * dv;
        sums[6] += weight * red, sums[7] += weight * green, sums[8] += weight * blue;
        sums[kAbsolute] += absolute(ga);
        sums[kAbsolute + 1] += absolute(ga * r.l21 + gb * r.l22);
        sums[kWeight] += weight;
        sums[kWrong] += weight * load(&pixels.error[b][at]);
        largest = most(largest, weight);
      }
    }
    add_lanes(sums, partials[n].of);
    partials[n].of[kLargest] = greatest(largest);
    touched[n] = 1;
  }
}

template <class To, class From> RT_FN Sym3<To> lane_of(const Sym3<From>& s, int l) {
  return {s.xx[l], s.xy[l], s.xz[l], s.yy[l], s.yz[l], s.zz[l]};
}

// The footprints' transpose; where floats are too coarse for the opacity of antialiasing, in
// doubles.
RT_FN void to_space(const View& view, const Moved& m, const float (*rows)[W], const Pull<V>& pull,
                    uint32_t seen, Vec3<V>& place, Sym3<V>& covariance) {
  const V z = load(rows[17]), l11 = load(rows[14]), l21 = load(rows[15]), l22 = load(rows[16]);
  V flat;
  footprint_back(view, m.position, z, m.covariance, l11, l21, l22, pull, place, covariance, flat);
  if (!view.antialiased) return;
  for (seen &= bits((I) !(flat > kFlat)); seen; seen &= seen - 1) {
    const int l = __builtin_ctz(seen);
    const Pull<double> one = {pull.g[l],   pull.ga[l],  pull.gb[l],    pull.gaa[l], pull.gab[l],
                              pull.gbb[l], pull.red[l], pull.green[l], pull.blue[l]};
    Vec3<double> at;
    Sym3<double> s;
    double flatness;
    footprint_back<double>(view, {m.position.x[l], m.position.y[l], m.position.z[l]}, z[l],
                           lane_of<double>(m.covariance, l), l11[l], l21[l], l22[l], one, at, s,
                           flatness);
    place.x[l] = float(at.x), place.y[l] = float(at.y), place.z[l] = float(at.z);
    covariance.xx[l] = float(s.xx), covariance.xy[l] = float(s.xy);
    covariance.xz[l] = float(s.xz), covariance.yy[l] = float(s.yy);
    covariance.yz[l] = float(s.yz), covariance.zz[l] = float(s.zz);
  }
}

template <bool Bound>
RT_FN void chain_group(const Scene& s, const Derived& d, const View& view, uint32_t i,
                       uint32_t seen, float (*rows)[W], const GradientOut& out) {
  const Moved m = Bound ? moved(s, i) : unmoved(s, i);
  const Pull<V> pull = {load(rows[0]), load(rows[1]), load(rows[2]), load(rows[3]), load(rows[4]),
                        load(rows[5]), load(rows[6]), load(rows[7]), load(rows[8])};
  Vec3<V> place;
  Sym3<V> covariance;
  to_space(view, m, rows, pull, seen, place, covariance);

  const bool turned = Bound || s.turn[0];
  const int k = int((s.degree + 1) * (s.degree + 1));
  const Vec3<V> towards = ray(view, m.position);
  const Vec3<V> local = turned ? back(m.turn, towards) : towards;
  alignas(64) float basis[16][W];
  Vec3<V> d_local = colour_back(
      local, int(s.degree), Vec3<V>{pull.red, pull.green, pull.blue},
      [&](int j, int c) { return load(s.harmonics[3 * j + c] + i); },
      [&](int j, V value) { store(basis[j], value); });
  if (turned) d_local = m.turn * d_local;
  const Vec3<V> seen_from = ray_back(view, m.position, towards, d_local);
  place = {place.x + seen_from.x, place.y + seen_from.y, place.z + seen_from.z};
  if (Bound) place = back(m.map, place), covariance = unbent(m.map, covariance);

  Vec3<V> log_scale, rotation;
  spread_back(matrix(Quat<V>{load(d.turn[0] + i), load(d.turn[1] + i), load(d.turn[2] + i),
                             load(d.turn[3] + i)}),
              three(d.variance, i), covariance, log_scale, rotation);
  const V logit = logit_back(pull.g, load(d.hidden + i));
  V l11 = load(rows[14]);
  const V across = 2.0f * absolute(l11) * load(rows[kAbsolute]);
  const V down = 2.0f * load(rows[kAbsolute + 1]);
  const V score = root(across * across + down * down);

  alignas(64) float result[11][W];
  const V columns[11] = {place.x,    place.y,    place.z,    log_scale.x, log_scale.y, log_scale.z,
                         rotation.x, rotation.y, rotation.z, logit,       score};
  for (int j = 0; j < 11; ++j) store(result[j], columns[j]);
  for (; seen; seen &= seen - 1) {
    const int l = __builtin_ctz(seen);
    const size_t at = i + uint32_t(l);
    for (int c = 0; c < 3; ++c) {
      if (out.position) out.position[3 * at + size_t(c)] = result[c][l];
      if (out.log_scale) out.log_scale[3 * at + size_t(c)] = result[3 + c][l];
      if (out.rotation) out.rotation[3 * at + size_t(c)] = result[6 + c][l];
    }
    if (out.logit) out.logit[at] = result[9][l];
    if (out.scores) {
      float* scores = out.scores + 4 * at;
      scores[0] = result[10][l];
      for (int c = 0; c < 3; ++c) scores[1 + c] = rows[kWeight + c][l];
    }
    if (out.harmonics)
      for (int j = 0; j < k; ++j)
        for (int c = 0; c < 3; ++c)
          out.harmonics[3 * (at * size_t(k) + size_t(j)) + size_t(c)] = basis[j][l] * rows[6 + c][l];
  }
}

RT_FN void fetch(const Gathered& g, uint32_t record) {
  const Share share = g.shares[record];
  for (uint32_t j = share.first; j < share.first + share.count; ++j)
    __builtin_prefetch(&g.partials[g.places[j]]);
}

// Sums what tiles said of a Gaussian, in the order of the tiles. Returns whether any did.
RT_FN bool summed(const Gathered& g, uint32_t record, float* line) {
  const Share share = g.shares[record];
  V sum[kParts] = {};
  float largest = 0;
  bool any = false;
  for (uint32_t j = share.first; j < share.first + share.count; ++j) {
    const uint32_t place = g.places[j];
    if (!g.touched[place]) continue;
    any = true;
    const float* from = g.partials[place].of;
    for (int h = 0; h < kParts; ++h) sum[h] += load(from + h * W);
    largest = from[kLargest] > largest ? from[kLargest] : largest;
  }
  for (int h = 0; h < kParts; ++h) store(line + h * W, sum[h]);
  line[kLargest] = largest;
  return any;
}

void chain(const Scene& s, const Derived& d, const View& view, uint32_t begin, uint32_t end,
           const Gathered& gathered, uint32_t count, const GradientOut& out) {
  uint32_t next = 0;
  for (uint32_t i = begin; i < end; i += W) {
    // Rows: what tiles said, then three numbers of the footprint and the depth.
    alignas(64) float rows[18][W] = {}, line[16];
    for (int l = 0; l < W; ++l) rows[17][l] = 1;
    uint32_t seen = 0;
    for (; next < count && gathered.records[next].index < i + W; ++next) {
      const Record& r = gathered.records[next];
      if (next + 8 < count) fetch(gathered, next + 8);
      if (!summed(gathered, next, line)) continue;
      const int l = int(r.index - i);
      // Colours that are held at 0 follow nothing.
      const float colour[3] = {r.red, r.green, r.blue};
      for (int j = 0; j < 14; ++j)
        rows[j][l] = j >= 6 && j < 9 && !(colour[j - 6] > 0) ? 0 : line[j];
      rows[14][l] = r.l11, rows[15][l] = r.l21, rows[16][l] = r.l22, rows[17][l] = r.z;
      seen |= 1u << l;
    }
    if (!seen) continue;
    if (s.lines)
      chain_group<true>(s, d, view, i, seen, rows, out);
    else
      chain_group<false>(s, d, view, i, seen, rows, out);
  }
}

}  // namespace
}  // namespace rt
