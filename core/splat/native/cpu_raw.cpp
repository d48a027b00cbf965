// Raw Gaussians of the CPU back end: laid out for vectors, corrected, and made ready to be drawn.
#include "cpu.h"

namespace rt {
namespace {

// Cuts an array into columns, one after another.
template <class T> class Cutter {
 public:
  Cutter(T* begin, size_t padded) : next_(begin), padded_(padded) {}
  template <class Pointer, size_t N> void cut(Pointer (&columns)[N], size_t used = N) {
    for (size_t j = 0; j < used; ++j) columns[j] = next_, next_ += padded_;
  }
  template <class Pointer> void cut(Pointer& column) { column = next_, next_ += padded_; }

 private:
  T* next_;
  size_t padded_;
};

Columns columns_of(std::vector<float>& arrays, uint32_t padded, uint32_t k) {
  arrays.resize(size_t(padded) * (3 + 3 + 4 + 1 + 3 * k));
  Columns out{};
  Cutter<float> cutter(arrays.data(), padded);
  cutter.cut(out.position), cutter.cut(out.log_scale), cutter.cut(out.rotation);
  cutter.cut(out.logit), cutter.cut(out.harmonics, 3 * k);
  return out;
}

// Rows [begin, end) of `width` numbers into as many columns; what is padded becomes `filler`.
template <class T, class Pointer>
void turned(const T* rows, uint32_t width, uint32_t begin, uint32_t end, uint32_t count,
            const Pointer* columns, size_t offset, T filler) {
  for (uint32_t j = 0; j < width; ++j) {
    T* out = const_cast<T*>(columns[j]) + offset;
    for (uint32_t i = begin; i < end; ++i)
      out[i] = i < count ? rows[size_t(i) * width + j] : filler;
  }
}

}  // namespace

void Cpu::set_raw(const rt_raw& given) {
  const uint32_t n = given.gaussians, padded = padded_to_lanes(n);
  const uint32_t k = (given.degree + 1) * (given.degree + 1);
  if (n != scene_.count) mesh_ = Mesh();
  if (n != scene_.count || given.degree != scene_.degree || raw_arrays_.empty()) bases_ = Bases();
  last_.whole = false;
  scene_ = Scene();
  scene_.count = n, scene_.padded = padded, scene_.degree = given.degree;
  raw_ = columns_of(raw_arrays_, padded, k);
  arrays_.resize(size_t(padded) * (6 + 1 + 3 + 4 + 3 + 1));
  Cutter<float> cutter(arrays_.data(), padded);
  cutter.cut(derived_.covariance), cutter.cut(derived_.log2_opacity), cutter.cut(derived_.normal);
  cutter.cut(derived_.turn), cutter.cut(derived_.variance), cutter.cut(derived_.hidden);
  pool_.each(chunks(padded), [&](uint32_t chunk) {
    const uint32_t begin = chunk * kChunk, end = std::min(padded, begin + kChunk);
    auto turn = [&](const rt_in& source, uint32_t width, float* const* columns, float filler) {
      turned(as<float>(source), width, begin, end, n, columns, 0, filler);
    };
    turn(given.positions, 3, raw_.position, 0), turn(given.log_scales, 3, raw_.log_scale, 0);
    turn(given.rotations, 4, raw_.rotation, 1);
    turn(given.opacity_logits, 1, &raw_.logit, -kMostLog);  // what is padded is not drawn
    turn(given.harmonics, 3 * k, raw_.harmonics, 0);
  });
  show(raw_);
}

void Cpu::set_correctives(const rt_correctives& given) {
  const uint32_t padded = scene_.padded, k = (scene_.degree + 1) * (scene_.degree + 1);
  bases_ = Bases();
  if (!given.bases) {
    halfs_ = {};
    return;
  }
  Bases bases;
  bases.count = given.bases;
  const size_t stride = size_t(padded) * given.bases;
  const struct { const rt_in& array; uint32_t width; const uint16_t** columns; } channels[] = {
      {given.positions, 3, bases.position},
      {given.log_scales, 3, bases.log_scale},
      {given.rotations, 3, bases.rotation},
      {given.opacity_logits, 1, &bases.logit},
      {given.harmonics, 3 * k, bases.harmonics}};
  size_t columns = 0;
  for (const auto& channel : channels) columns += channel.array.data ? channel.width : 0;
  halfs_.resize(stride * columns);
  uint16_t* next = halfs_.data();
  for (const auto& channel : channels) {
    if (!channel.array.data) continue;
    for (uint32_t j = 0; j < channel.width; ++j) channel.columns[j] = next + j * stride;
    next += channel.width * stride;
  }
  const uint32_t n = scene_.count;
  pool_.each(given.bases, [&](uint32_t base) {
    for (const auto& channel : channels)
      if (channel.array.data)
        turned(as<uint16_t>(channel.array) + size_t(base) * n * channel.width, channel.width, 0,
               padded, n, channel.columns, size_t(base) * padded, uint16_t(0));
  });
  bases_ = bases;
}

void Cpu::correct(const float* coefficients) {
  last_.whole = false;
  if (!coefficients || !bases_.count) return show(raw_);
  const uint32_t padded = scene_.padded;
  corrected_ = columns_of(corrected_arrays_, padded, (scene_.degree + 1) * (scene_.degree + 1));
  Bases bases = bases_;
  bases.coefficients = coefficients;
  pool_.each(chunks(padded), [&](uint32_t chunk) {
    kernels_->correct(raw_, bases, padded, scene_.degree, chunk * kChunk,
                      std::min(padded, (chunk + 1) * kChunk), corrected_);
  });
  show(corrected_);
}

// Makes these what is drawn.
void Cpu::show(const Columns& columns) {
  pool_.each(chunks(scene_.padded), [&](uint32_t chunk) {
    kernels_->activate(columns, chunk * kChunk, std::min(scene_.padded, (chunk + 1) * kChunk),
                       derived_);
  });
  for (int j = 0; j < 3; ++j)
    scene_.position[j] = columns.position[j], scene_.normal[j] = derived_.normal[j];
  for (int j = 0; j < 6; ++j) scene_.covariance[j] = derived_.covariance[j];
  for (int j = 0; j < 4; ++j) scene_.turn[j] = nullptr;
  for (int j = 0; j < 48; ++j) scene_.harmonics[j] = columns.harmonics[j];
  scene_.log2_opacity = derived_.log2_opacity;
  if (mesh_.triangles) attach();
}

}  // namespace rt
