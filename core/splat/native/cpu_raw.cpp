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
  bases_ = Bases(), amounts_.clear();
  if (!given.bases) return;
  const size_t rows = given.rows;
  const uint32_t numbers = given.sh.data ? 3 * given.harmonics : 0;
  const struct { const rt_in& array; uint32_t at, width; } channels[] = {
      {given.positions, 0, 3}, {given.log_scales, kLogScale, 3}, {given.rotations, kRotation, 3},
      {given.opacity_logits, kLogit, 1}, {given.sh, kHarmonics, numbers}};
  Bases bases;
  bases.count = given.bases, bases.numbers = numbers;
  bases.stride = padded_to_lanes(kHarmonics + numbers);
  halfs_.assign(rows * bases.stride, 0), whom_.resize(2 * rows);
  std::copy_n(as<uint32_t>(given.gaussian), rows, whom_.begin());
  std::copy_n(as<uint32_t>(given.basis), rows, whom_.begin() + std::ptrdiff_t(rows));
  for (const auto& channel : channels)
    for (size_t i = 0; channel.array.data && i < rows; ++i)
      std::copy_n(as<uint16_t>(channel.array) + i * channel.width, channel.width,
                  halfs_.data() + i * bases.stride + channel.at);
  begins_.assign(size_t(chunks(scene_.padded)) + 1, 0);
  for (size_t i = 0; i < rows; ++i) ++begins_[whom_[i] / kChunk + 1];
  for (size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
  bases.gaussian = whom_.data(), bases.basis = whom_.data() + rows, bases.rows = halfs_.data();
  bases_ = bases;
}

void Cpu::correct(const float* coefficients) {
  last_.whole = false;
  if (!bases_.count || (!coefficients && amounts_.empty())) return show(raw_);
  const bool fresh = amounts_.empty();
  std::vector<float> amounts(bases_.count, 0);
  if (fresh) {
    corrected_ = columns_of(corrected_arrays_, scene_.padded,
                            (scene_.degree + 1) * (scene_.degree + 1));
    amounts_.assign(bases_.count, 0);
  }
  if (coefficients) std::copy_n(coefficients, bases_.count, amounts.begin());
  pool_.each(chunks(scene_.padded), [&](uint32_t chunk) {
    if (fresh) {
      const uint32_t begin = chunk * kChunk, end = std::min(scene_.padded, begin + kChunk);
      for (size_t at = 0; at < raw_arrays_.size(); at += scene_.padded)
        std::copy(raw_arrays_.data() + at + begin, raw_arrays_.data() + at + end,
                  corrected_arrays_.data() + at + begin);
    }
    if (kernels_->correct(raw_, bases_, amounts.data(), amounts_.data(), begins_[chunk],
                          begins_[chunk + 1], corrected_) || fresh)
      activate(corrected_, chunk);
  });
  amounts_.swap(amounts);
  use(corrected_);
}

// What is drawn of a chunk of Gaussians.
void Cpu::activate(const Columns& columns, uint32_t chunk) {
  kernels_->activate(columns, chunk * kChunk, std::min(scene_.padded, (chunk + 1) * kChunk),
                     derived_);
}

// Makes all of these what is drawn, and forgets what they were corrected by.
void Cpu::show(const Columns& columns) {
  amounts_.clear();
  pool_.each(chunks(scene_.padded), [&](uint32_t chunk) { activate(columns, chunk); });
  use(columns);
}

void Cpu::use(const Columns& columns) {
  for (int j = 0; j < 3; ++j)
    scene_.position[j] = columns.position[j], scene_.normal[j] = derived_.normal[j];
  for (int j = 0; j < 6; ++j) scene_.covariance[j] = derived_.covariance[j];
  for (int j = 0; j < 4; ++j) scene_.turn[j] = nullptr;
  for (int j = 0; j < 48; ++j) scene_.harmonics[j] = columns.harmonics[j];
  scene_.log2_opacity = derived_.log2_opacity;
  if (mesh_.triangles) attach();
}

}  // namespace rt
