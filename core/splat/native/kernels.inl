// The inner loops, over vectors of RT_WIDTH floats. Included by one source file for each set of
// instructions; everything here is in an unnamed namespace, so that no code for a newer processor
// is linked into what an older one runs.
#include <cstring>

#include "vector.inl"
#include "kernels.h"

namespace rt {
namespace {

// 2^p for p in about [-126, 0]; relative error below 4e-6. Adding 1.5 * 2^23 rounds to a whole
// number that then lies in the low bits, ready to become the exponent.
RT_FN V power2(V p) {
  const V shifted = p + 12582912.0f;
  const V f = p - (shifted - 12582912.0f);
  V e = all(9.5701019e-3f);
  e = e * f + 5.5917862e-2f;
  e = e * f + 2.4024745e-1f;
  e = e * f + 6.9312181e-1f;
  e = e * f + 0.99999926f;
  return (V)((U)e + ((U)shifted << 23));
}

void bend_all(const Surface& mesh, const float* vertices, uint32_t begin, uint32_t end, Line* out) {
  for (uint32_t i = begin; i < end; i += W) {
    alignas(64) float at[9][W];
    const int lanes = int(end - i) < W ? int(end - i) : W;
    for (int l = 0; l < W; ++l) {
      const int32_t* corner = mesh.corners + 3 * (i + uint32_t(l < lanes ? l : 0));
      for (int j = 0; j < 9; ++j) at[j][l] = vertices[3 * corner[j / 3] + j % 3];
    }
    auto corner = [&](int c) -> Vec3<V> {
      return {load(at[3 * c]), load(at[3 * c + 1]), load(at[3 * c + 2])};
    };
    Triangle<V> rest;
    for (int j = 0; j < 9; ++j) rest.rows.m[j] = load(mesh.rest[j] + i);
    rest.edge = load(mesh.rest[9] + i), rest.along = load(mesh.rest[10] + i);
    rest.across = load(mesh.rest[11] + i), rest.doubled = load(mesh.rest[12] + i);
    const Triangle<V> now = triangle_at<V>(corner(0), corner(1), corner(2));
    Quat<V> turn;
    Sym3<V> stretch;
    bend<V>(rest, now, turn, stretch);
    const auto sound = (rest.doubled > 0.0f) & (now.doubled > 0.0f);
    turn = pick_all<V>(sound, turn, {all(1), all(0), all(0), all(0)});
    const V whole[6] = {stretch.xx, stretch.xy, stretch.xz, stretch.yy, stretch.yz, stretch.zz};
    alignas(64) float rows[11][W];
    store(rows[0], turn.w), store(rows[1], turn.x), store(rows[2], turn.y), store(rows[3], turn.z);
    for (int j = 0; j < 6; ++j) store(rows[4 + j], pick(sound, whole[j], all(0)));
    store(rows[10], pick(sound, rest.doubled, all(0)));
    for (int l = 0; l < lanes; ++l) {
      float* line = out[i + uint32_t(l)].position;
      for (int j = 0; j < 11; ++j) line[3 + j] = rows[j][l];
    }
  }
}

void settle_all(const Surface& mesh, const float* vertices, const Line* bends, uint32_t begin,
                uint32_t end, Line* out) {
  for (uint32_t v = begin; v < end; ++v) {
    V sum[16 / W] = {};
    const int32_t* first = mesh.around + mesh.first[v];
    const int32_t* last = mesh.around + mesh.first[v + 1];
    for (const int32_t* t = first; t < last; ++t) {
      const Line& line = bends[*t];
      const float w = line.weight, s = alike(bends[*first].turn, line.turn) * w;
      alignas(64) const float weights[16] = {0, 0, 0, s, s, s, s, w, w, w, w, w, w, 1, 0, 0};
      for (int j = 0; j < 16 / W; ++j)
        sum[j] += load(weights + j * W) * load(line.position + j * W);
    }
    Line& line = out[v];
    for (int j = 0; j < 16 / W; ++j) store(line.position + j * W, sum[j]);
    for (int j = 0; j < 3; ++j) line.position[j] = vertices[3 * v + uint32_t(j)];
    settle(line);
  }
}

int tile_of(float pixel, int tiles) {
  const float tile = pixel * (1.0f / kTile), last = float(tiles - 1);
  return int(tile > 0 ? (tile < last ? tile : last) : 0);
}

size_t emit(const View& view, const Record* records, const uint64_t* keys, uint32_t& begin,
            uint32_t end, uint64_t* out, size_t room, uint32_t* histogram) {
  const int across = (view.width + kTile - 1) / kTile, down = (view.height + kTile - 1) / kTile;
  alignas(64) float lanes[W];
  for (int l = 0; l < W; ++l) lanes[l] = float(l * kTile);
  const V steps = load(lanes);
  size_t count = 0;
  for (; begin < end; ++begin) {
    if (begin + 8 < end) __builtin_prefetch(&records[uint32_t(keys[begin + 8])]);
    const uint32_t at = uint32_t(keys[begin]);
    const Record& r = records[at];
    const int left = tile_of(r.u - r.reach_x - 0.5f, across);
    const int right = tile_of(r.u + r.reach_x - 0.5f, across);
    const int top = tile_of(r.v - r.reach_y - 0.5f, down);
    const int bottom = tile_of(r.v + r.reach_y - 0.5f, down);
    const int wide = right - left + 1, tall = bottom - top + 1;
    if (count + size_t(wide) * size_t(tall) > room) break;
    if (wide * tall <= 2) {  // of so few tiles the ellipse's rectangle rarely reaches one in vain
      for (int y = top; y <= bottom; ++y)
        for (int x = left; x <= right; ++x) {
          const uint32_t tile = uint32_t(y * across + x);
          out[count++] = uint64_t(tile) << 32 | at;
          ++histogram[tile];
        }
      continue;
    }
    const float enough = (r.log2_opacity - kLog2LeastAlpha) * 1.001f + 1e-3f;
    const float down_x = r.l11 * r.l21 / (r.l21 * r.l21 + r.l22 * r.l22), down_y = r.l21 / r.l11;
    for (int y = top; y <= bottom; ++y) {
      const V y0 = all(float(y * kTile) - r.v + 0.5f);
      for (int x = left; x <= right; x += W) {
        const V x0 = steps + (float(x * kTile) - r.u + 0.5f);
        uint32_t reached = bits(nearest<V>(all(r.l11), all(r.l21), all(r.l22), all(down_x),
                                           all(down_y), x0, x0 + float(kTile - 1), y0,
                                           y0 + float(kTile - 1)) <= enough);
        if (right - x + 1 < W) reached &= (1u << (right - x + 1)) - 1;
        for (; reached; reached &= reached - 1) {
          const uint32_t tile = uint32_t(y * across + x + __builtin_ctz(reached));
          out[count++] = uint64_t(tile) << 32 | at;
          ++histogram[tile];
        }
      }
    }
  }
  return count;
}

// What a lane of Gaussians is after its mesh has moved.
struct Moved {
  Vec3<V> position, normal;
  Sym3<V> covariance;
  Mat3<V> turn, map;  // the map is that of space around it; none where it is unmoved
};

RT_FN Moved unmoved(const Scene& s, uint32_t i) {
  Moved m;
  m.position = {load(s.position[0] + i), load(s.position[1] + i), load(s.position[2] + i)};
  m.normal = {load(s.normal[0] + i), load(s.normal[1] + i), load(s.normal[2] + i)};
  m.covariance = {load(s.covariance[0] + i), load(s.covariance[1] + i), load(s.covariance[2] + i),
                  load(s.covariance[3] + i), load(s.covariance[4] + i), load(s.covariance[5] + i)};
  if (s.turn[0])
    m.turn = matrix(Quat<V>{load(s.turn[0] + i), load(s.turn[1] + i), load(s.turn[2] + i),
                            load(s.turn[3] + i)});
  return m;
}

RT_FN Moved moved(const Scene& s, uint32_t i) {
  // Each Gaussian blends three cache lines; its 13 numbers are then read across.
  alignas(64) float blended[W][16];
  for (int lane = 0; lane < W; ++lane) {
    const int32_t t = s.triangle[i + lane];
    const int32_t* corner = s.corners + 3 * t;
    const float b0 = s.barycentric[0][i + lane], b1 = s.barycentric[1][i + lane],
                b2 = s.barycentric[2][i + lane];
    const float* l0 = s.lines[corner[0]].position;
    const float* l1 = s.lines[corner[1]].position;
    const float* l2 = s.lines[corner[2]].position;
    const float s1 = b1 * s.signs[2 * t], s2 = b2 * s.signs[2 * t + 1];
    alignas(64) const float w1[16] = {b1, b1, b1, s1, s1, s1, s1, b1, b1, b1, b1, b1, b1, b1, b1, b1};
    alignas(64) const float w2[16] = {b2, b2, b2, s2, s2, s2, s2, b2, b2, b2, b2, b2, b2, b2, b2, b2};
    for (int j = 0; j < 16; j += W)
      store(blended[lane] + j,
            b0 * load(l0 + j) + load(w1 + j) * load(l1 + j) + load(w2 + j) * load(l2 + j));
  }
  alignas(64) float across[13][W];
  for (int j = 0; j < 13; ++j)
    for (int lane = 0; lane < W; ++lane) across[j][lane] = blended[lane][j];
  V column[13];
  for (int j = 0; j < 13; ++j) column[j] = load(across[j]);
  Quat<V> q = {column[3], column[4], column[5], column[6]};
  const V square = q.w * q.w + q.x * q.x + q.y * q.y + q.z * q.z;
  const V norm = 1.0f / root(most(square, all(1e-30f)));
  q = {q.w * norm, q.x * norm, q.y * norm, q.z * norm};
  const Sym3<V> stretch = {column[7], column[8], column[9], column[10], column[11], column[12]};
  Moved m;
  m.turn = matrix(q);
  const Mat3<V> a = m.map = m.turn * stretch;
  const Moved rest = unmoved(s, i);
  const Vec3<V> away =
      a * Vec3<V>{load(s.offset[0] + i), load(s.offset[1] + i), load(s.offset[2] + i)};
  m.position = {column[0] + away.x, column[1] + away.y, column[2] + away.z};
  m.covariance = bent(a, rest.covariance);
  m.normal = m.turn * rest.normal;
  return m;
}

template <bool Bound> uint32_t project_as(const Scene& s, const View& view, uint32_t begin,
                                          uint32_t end, Record* out) {
  const V right = all(float(view.width) - 0.5f), bottom = all(float(view.height) - 0.5f);
  uint32_t count = 0;
  for (uint32_t i = begin; i < end; i += W) {
    const Moved m = Bound ? moved(s, i) : unmoved(s, i);
    // The order of nearly equal depths decides what is seen: as exact as the reference's.
    V z;
    for (int l = 0; l < W; ++l) {
      const double depth = view.depth[0] * m.position.x[l] + view.depth[1] * m.position.y[l] +
                           view.depth[2] * m.position.z[l] + view.depth[3];
      z[l] = depth >= view.near_depth ? float(depth) : -1.0f;
    }
    const V opacity = load(s.log2_opacity + i);
    Footprint<V> f = footprint(view, m.position, z, m.covariance, opacity);
    uint32_t again = bits((I)coarse(f) & (z > 0.0f) & (opacity >= kLog2LeastAlpha));
    for (; again; again &= again - 1) {
      const int l = __builtin_ctz(again);
      const Footprint<double> d = footprint<double>(
          view, {m.position.x[l], m.position.y[l], m.position.z[l]}, z[l],
          {m.covariance.xx[l], m.covariance.xy[l], m.covariance.xz[l], m.covariance.yy[l],
           m.covariance.yz[l], m.covariance.zz[l]},
          opacity[l]);
      f.u[l] = float(d.u), f.v[l] = float(d.v);
      f.l11[l] = float(d.l11), f.l21[l] = float(d.l21), f.l22[l] = float(d.l22);
      f.log2_opacity[l] = float(d.log2_opacity);
      f.reach_x[l] = float(d.reach_x), f.reach_y[l] = float(d.reach_y);
    }
    // A little more, for what rounding takes.
    f.reach_x = f.reach_x * 1.0001f + 1e-3f, f.reach_y = f.reach_y * 1.0001f + 1e-3f;
    uint32_t seen = bits((f.reach_x > 0.0f) & (f.u + f.reach_x >= 0.5f) & (f.u - f.reach_x <= right) &
                         (f.v + f.reach_y >= 0.5f) & (f.v - f.reach_y <= bottom));
    if (!seen) continue;
    const Vec3<V> towards = ray(view, m.position);
    const bool turned = Bound || s.turn[0];
    const Vec3<V> rgb = colour<V>(turned ? back(m.turn, towards) : towards, int(s.degree),
                                  [&](int k, int c) { return load(s.harmonics[3 * k + c] + i); });
    const V side = pick(dot(m.normal, towards) > 0.0f, all(-1.0f), all(1.0f));
    alignas(64) float rows[15][W];
    const V columns[15] = {f.u, f.v, f.l11, f.l21, f.l22, f.log2_opacity, rgb.x, rgb.y, rgb.z, z,
                           m.normal.x * side, m.normal.y * side, m.normal.z * side, f.reach_x,
                           f.reach_y};
    for (int j = 0; j < 15; ++j) store(rows[j], columns[j]);
    for (; seen; seen &= seen - 1) {
      const int l = __builtin_ctz(seen);
      float numbers[16];
      for (int j = 0; j < 15; ++j) numbers[j] = rows[j][l];
      const uint32_t index = i + uint32_t(l);
      std::memcpy(numbers + 15, &index, 4);
      std::memcpy(static_cast<void*>(out + count++), numbers, sizeof(Record));
    }
  }
  return count;
}

uint32_t project(const Scene& s, const View& view, uint32_t begin, uint32_t end, Record* out) {
  return s.lines ? project_as<true>(s, view, begin, end, out)
                 : project_as<false>(s, view, begin, end, out);
}

constexpr int kBlocks = 16;  // of 4 x 4 pixels in a tile: small Gaussians fill them best
constexpr int kParts = 16 / W;

struct alignas(64) Numbers { float of[16]; };
constexpr Numbers kPixelX = {{.5f, 1.5f, 2.5f, 3.5f, .5f, 1.5f, 2.5f, 3.5f,
                              .5f, 1.5f, 2.5f, 3.5f, .5f, 1.5f, 2.5f, 3.5f}};
constexpr Numbers kPixelY = {{.5f, .5f, .5f, .5f, 1.5f, 1.5f, 1.5f, 1.5f,
                              2.5f, 2.5f, 2.5f, 2.5f, 3.5f, 3.5f, 3.5f, 3.5f}};
constexpr Numbers kBlockX = {{0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12}};
constexpr Numbers kBlockY = {{0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12}};

// Sums of one tile: [0] transmittance, then red, green, blue, depth and normal.
struct alignas(64) Sums { float of[8][kBlocks][16]; };

template <bool Extra>
RT_FN void accumulate(const View& view, const Record* records, const uint32_t* list, uint32_t count,
                      int x0, int y0, Sums& sums) {
  uint32_t live = 0;  // blocks that lie in the picture and are not yet opaque
  for (int b = 0; b < kBlocks; ++b)
    if (x0 + int(kBlockX.of[b]) < view.width && y0 + int(kBlockY.of[b]) < view.height)
      live |= 1u << b;
  for (uint32_t n = 0; n < count && live; ++n) {
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
    for (uint32_t left = reached & live; left; left &= left - 1) {
      const int b = __builtin_ctz(left);
      for (int h = 0; h < kParts; ++h) {
        const V du = u[h] + step_u[b], dv = v[h] + step_v[b];
        const V p = (r.log2_opacity - du * du) - dv * dv;
        const V covered = least(power2(p), all(kMostAlpha));
        const V alpha = (V)((I)covered & (p >= kLog2LeastAlpha));
        auto at = [&](int k) { return &sums.of[k][b][h * W]; };
        const V clear = load(at(0));
        const V weight = clear * alpha;
        store(at(0), clear - weight);
        store(at(1), load(at(1)) + weight * r.red);
        store(at(2), load(at(2)) + weight * r.green);
        store(at(3), load(at(3)) + weight * r.blue);
        if (Extra) {
          store(at(4), load(at(4)) + weight * r.z);
          for (int k = 0; k < 3; ++k) store(at(5 + k), load(at(5 + k)) + weight * r.normal[k]);
        }
      }
    }
    if (n % 16 == 15)
      for (uint32_t left = live; left; left &= left - 1) {
        const int b = __builtin_ctz(left);
        uint32_t clear = 0;
        for (int h = 0; h < kParts; ++h) clear |= bits(load(&sums.of[0][b][h * W]) >= kDark);
        if (!clear) live &= ~(1u << b);
      }
  }
}

void blend(const View& view, const Record* records, const uint32_t* list, uint32_t count,
           int tile_x, int tile_y, const Target& target) {
  const int x0 = tile_x * kTile, y0 = tile_y * kTile;
  const bool extra = target.depth || target.normals;
  Sums sums;
  std::memset(sums.of[1], 0, (extra ? 7 : 3) * sizeof sums.of[0]);
  for (int b = 0; b < kBlocks; ++b)
    for (int i = 0; i < 16; ++i) sums.of[0][b][i] = 1.0f;
  if (extra)
    accumulate<true>(view, records, list, count, x0, y0, sums);
  else
    accumulate<false>(view, records, list, count, x0, y0, sums);
  for (int b = 0; b < kBlocks; ++b)
    for (int row = 0; row < 4; ++row) {
      const int y = y0 + int(kBlockY.of[b]) + row, x = x0 + int(kBlockX.of[b]);
      if (y >= view.height || x >= view.width) break;
      const int columns = view.width - x < 4 ? view.width - x : 4;
      const size_t at = size_t(y) * size_t(view.width) + size_t(x);
      auto sum = [&](int k, int i) { return sums.of[k][b][4 * row + i]; };
      float pixels[16];
      for (int i = 0; i < 4; ++i) {
        pixels[4 * i] = sum(1, i), pixels[4 * i + 1] = sum(2, i), pixels[4 * i + 2] = sum(3, i);
        pixels[4 * i + 3] = 1.0f - sum(0, i);
      }
      for (float* picture : {target.rgba, target.kept})
        if (picture) std::memcpy(picture + 4 * at, pixels, size_t(columns) * 16);
      for (int i = 0; extra && i < columns; ++i) {
        const float weight = 1.0f - sum(0, i);
        if (target.depth)
          target.depth[at + size_t(i)] = weight > 0 ? sum(4, i) / weight : __builtin_inff();
        if (target.normals) {
          const float square =
              sum(5, i) * sum(5, i) + sum(6, i) * sum(6, i) + sum(7, i) * sum(7, i);
          const float scale = square > 0 ? 1.0f / __builtin_sqrtf(square) : 0.0f;
          for (int k = 0; k < 3; ++k)
            target.normals[3 * (at + size_t(i)) + size_t(k)] = sum(5 + k, i) * scale;
        }
      }
    }
}

}  // namespace
}  // namespace rt
