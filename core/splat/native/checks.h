// What the C ABI makes sure of before anything is done, and how it answers.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include "backend.h"

namespace rt {

constexpr uint32_t kMostPixels = 16384;

inline void say(const rt_text& text, const char* words) {
  if (!text.data || !text.count) return;
  const size_t size = std::min<size_t>(std::strlen(words), text.count - 1);
  std::memcpy(text.data, words, size);
  text.data[size] = 0;
}

template <class Work> int32_t guarded(const rt_text& text, const Work& work) {
  try {
    say(text, "");
    work();
    return RT_OK;
  } catch (const Error& error) {
    say(text, error.what());
    return error.code;
  } catch (const std::bad_alloc&) {
    say(text, "not enough memory: use fewer Gaussians or a smaller picture");
    return RT_MEMORY;
  } catch (const std::exception& error) {
    say(text, error.what());
    return RT_FAULT;
  } catch (...) {
    say(text, "unknown fault");
    return RT_FAULT;
  }
}

[[noreturn]] inline void refuse(const std::string& words) { throw Error(RT_ARGUMENT, words); }

template <class Array>
bool expect(const Array& array, uint64_t count, const char* name, bool optional, uintptr_t size = 4) {
  if (!array.data && !array.count && (optional || !count)) return false;
  if (array.count != count)
    refuse(std::string(name) + " has " + std::to_string(array.count) + " numbers, not " +
           std::to_string(count));
  if (count && !array.data) refuse(std::string(name) + " is missing");
  if (reinterpret_cast<uintptr_t>(array.data) % size) refuse(std::string(name) + " is not aligned");
  return true;
}

// Exponents of all ones, found without a branch so that the loop runs over vectors.
inline void expect_finite(const rt_in& array, const char* name) {
  const uint32_t* bits = static_cast<const uint32_t*>(array.data);
  uint32_t bad = 0;
  for (uint64_t i = 0; i < array.count; ++i) bad |= (bits[i] & 0x7f800000u) == 0x7f800000u;
  if (bad) refuse(std::string(name) + " have numbers that are not finite");
}

// Rows in the order of their Gaussians, of Gaussians and bases that there are.
inline void expect_rows(const rt_correctives& given, uint32_t gaussians) {
  const uint32_t* gaussian = static_cast<const uint32_t*>(given.gaussian.data);
  const uint32_t* basis = static_cast<const uint32_t*>(given.basis.data);
  bool known = true, ordered = true;
  for (uint32_t i = 0; i < given.rows; ++i) {
    known &= gaussian[i] < gaussians && basis[i] < given.bases;
    ordered &= i == 0 || gaussian[i - 1] <= gaussian[i];
  }
  if (!known) refuse("a row of correctives is of a Gaussian or a basis that there is not");
  if (!ordered) refuse("rows of correctives are not in the order of their Gaussians");
}

template <class T> void versioned(const T* given, const char* name) {
  if (!given) refuse(std::string(name) + " is missing");
  if (reinterpret_cast<uintptr_t>(given) % alignof(T)) refuse(std::string(name) + " is not aligned");
  if (given->bytes != sizeof(T))
    refuse(std::string(name) + " has " + std::to_string(given->bytes) + " bytes, not " +
           std::to_string(sizeof(T)) + ": the library is of another version; build it again");
}

inline View view_of(const rt_frame& frame) {
  const double numbers[] = {frame.fx, frame.fy, frame.cx, frame.cy, frame.near_, frame.dilation,
                            frame.margin};
  bool good = true;
  for (double number : numbers) good = good && std::isfinite(number) && std::fabs(number) < 1e30;
  for (double number : frame.rotation) good = good && std::fabs(number) <= 1e6;
  for (double number : frame.translation) good = good && std::fabs(number) < 1e30;
  if (!good) refuse("the camera has a number that is not finite or too large");
  if (frame.width > kMostPixels || frame.height > kMostPixels)
    refuse("a picture has at most 16384 x 16384 pixels");
  if (!(frame.fx > 0 && frame.fy > 0 && frame.near_ > 0 && frame.dilation >= 0))
    refuse("focal lengths and near must be above 0, dilation not below");
  View view{};
  for (int i = 0; i < 9; ++i) view.w[i] = float(frame.rotation[i]);
  for (int i = 0; i < 3; ++i) {
    view.t[i] = float(frame.translation[i]);
    view.depth[i] = frame.rotation[6 + i];
    double centre = 0;
    for (int j = 0; j < 3; ++j) centre -= frame.rotation[3 * j + i] * frame.translation[j];
    view.centre[i] = float(centre);
  }
  view.depth[3] = frame.translation[2], view.near_depth = frame.near_;
  view.fx = float(frame.fx), view.fy = float(frame.fy);
  view.cx = float(frame.cx), view.cy = float(frame.cy);
  const double w = frame.width, h = frame.height, m = frame.margin;
  view.low_x = float((-frame.cx - m * w) / frame.fx);
  view.high_x = float((w - frame.cx + m * w) / frame.fx);
  view.low_y = float((-frame.cy - m * h) / frame.fy);
  view.high_y = float((h - frame.cy + m * h) / frame.fy);
  view.near = float(frame.near_), view.dilation = float(frame.dilation);
  view.antialiased = frame.antialiased != 0;
  view.width = int32_t(frame.width), view.height = int32_t(frame.height);
  return view;
}

}  // namespace rt
