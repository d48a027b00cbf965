// Numbers of 16 bits, as far as the renderer reads them.
#pragma once

#include <cstdint>
#include <cstring>

struct __half { uint16_t bits; };

inline float __half2float(__half half) {
  const uint32_t sign = uint32_t(half.bits & 0x8000) << 16, rest = half.bits & 0x7fff;
  if (!rest) return 0;
  float out;
  if (rest < 0x400) {  // below the least normal number: whole multiples of 2^-24
    out = float(rest) * 5.9604644775390625e-8f;
    return sign ? -out : out;
  }
  const uint32_t bits = sign | (rest >= 0x7c00 ? 0x7f800000u | (rest & 0x3ff) << 13
                                               : (rest << 13) + (112u << 23));
  std::memcpy(&out, &bits, 4);
  return out;
}
