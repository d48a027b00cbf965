// Raw Gaussians over vectors of RT_WIDTH floats; included after kernels.inl.
namespace rt {
namespace {

RT_FN Vec3<V> three(float* const* columns, uint32_t i) {
  return {load(columns[0] + i), load(columns[1] + i), load(columns[2] + i)};
}

RT_FN void put_three(float* const* columns, uint32_t i, const Vec3<V>& v) {
  store(columns[0] + i, v.x), store(columns[1] + i, v.y), store(columns[2] + i, v.z);
}

RT_FN Raw<V> raw_at(const Columns& c, uint32_t i) {
  return {three(c.position, i), three(c.log_scale, i),
          {load(c.rotation[0] + i), load(c.rotation[1] + i), load(c.rotation[2] + i),
           load(c.rotation[3] + i)},
          load(c.logit + i)};
}

void correct(const Columns& from, const Bases& bases, uint32_t padded, uint32_t degree,
             uint32_t begin, uint32_t end, const Columns& to) {
  for (uint32_t i = begin; i < end; i += W) {
    auto change = [&](const uint16_t* halfs_of) {
      V sum = all(0);
      for (uint32_t j = 0; halfs_of && j < bases.count; ++j)
        if (bases.coefficients[j] != 0)
          sum += bases.coefficients[j] * halfs(halfs_of + size_t(j) * padded + i);
      return sum;
    };
    auto changes = [&](const uint16_t* const* columns) -> Vec3<V> {
      return {change(columns[0]), change(columns[1]), change(columns[2])};
    };
    const Raw<V> moved = {changes(bases.position), changes(bases.log_scale), {}, change(bases.logit)};
    Raw<V> was = raw_at(from, i);
    const Raw<V> is = corrected(was, moved, changes(bases.rotation));
    put_three(to.position, i, is.position), put_three(to.log_scale, i, is.log_scale);
    const Quat<V>& q = bases.rotation[0] ? is.rotation : was.rotation;
    store(to.rotation[0] + i, q.w), store(to.rotation[1] + i, q.x);
    store(to.rotation[2] + i, q.y), store(to.rotation[3] + i, q.z);
    store(to.logit + i, is.logit);
    for (uint32_t c = 0; c < 3 * (degree + 1) * (degree + 1); ++c)
      store(to.harmonics[c] + i, load(from.harmonics[c] + i) + change(bases.harmonics[c]));
  }
}

void activated(const Columns& columns, uint32_t begin, uint32_t end, const Derived& out) {
  for (uint32_t i = begin; i < end; i += W) {
    const Activated<V> a = activate(raw_at(columns, i));
    const Sym3<V>& s = a.covariance;
    const V covariance[6] = {s.xx, s.xy, s.xz, s.yy, s.yz, s.zz};
    for (int j = 0; j < 6; ++j) store(out.covariance[j] + i, covariance[j]);
    put_three(out.normal, i, a.normal), put_three(out.variance, i, a.variance);
    store(out.log2_opacity + i, a.log2_opacity), store(out.hidden + i, a.hidden);
    store(out.turn[0] + i, a.rotation.w), store(out.turn[1] + i, a.rotation.x);
    store(out.turn[2] + i, a.rotation.y), store(out.turn[3] + i, a.rotation.z);
  }
}

}  // namespace
}  // namespace rt
