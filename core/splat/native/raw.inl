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

// One Gaussian plus `by`, which is laid out as a row is.
void correct_one(const Columns& from, uint32_t i, const float* by, uint32_t numbers,
                 const Columns& to) {
  auto three_of = [&](const float* at) -> Vec3<float> { return {at[0], at[1], at[2]}; };
  auto column = [&](float* const* columns) -> Vec3<float> {
    return {columns[0][i], columns[1][i], columns[2][i]};
  };
  const Raw<float> was = {column(from.position), column(from.log_scale),
                          {from.rotation[0][i], from.rotation[1][i], from.rotation[2][i],
                           from.rotation[3][i]},
                          from.logit[i]};
  const Raw<float> change = {three_of(by), three_of(by + kLogScale), {1, 0, 0, 0}, by[kLogit]};
  const Raw<float> is = corrected(was, change, three_of(by + kRotation));
  to.position[0][i] = is.position.x, to.position[1][i] = is.position.y;
  to.position[2][i] = is.position.z;
  to.log_scale[0][i] = is.log_scale.x, to.log_scale[1][i] = is.log_scale.y;
  to.log_scale[2][i] = is.log_scale.z;
  to.rotation[0][i] = is.rotation.w, to.rotation[1][i] = is.rotation.x;
  to.rotation[2][i] = is.rotation.y, to.rotation[3][i] = is.rotation.z;
  to.logit[i] = is.logit;
  for (uint32_t c = 0; c < numbers; ++c)
    to.harmonics[c][i] = from.harmonics[c][i] + by[kHarmonics + c];
}

bool correct(const Columns& from, const Bases& bases, const float* coefficients,
             const float* before, uint32_t first, uint32_t last, const Columns& to) {
  bool any = false;
  for (uint32_t row = first, next; row < last; row = next) {
    const uint32_t i = bases.gaussian[row];
    bool differs = false;
    for (next = row; next < last && bases.gaussian[next] == i; ++next)
      differs |= coefficients[bases.basis[next]] != before[bases.basis[next]];
    if (!differs) continue;
    any = true;
    alignas(64) float by[kMostNumbers];
    for (uint32_t j = 0; j < bases.stride; j += W) {
      V sum = all(0);
      for (uint32_t r = row; r < next; ++r) {
        const float amount = coefficients[bases.basis[r]];
        if (amount != 0) sum += amount * halfs(bases.rows + size_t(r) * bases.stride + j);
      }
      store(by + j, sum);
    }
    correct_one(from, i, by, bases.numbers, to);
  }
  return any;
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
