// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/units.h"

namespace orrery {

// Element types of tensors and of the tensor unit's rates. mx9 and mx6 are the shared-exponent
// formats of Maia 100 (9 and 6 bits an element, scales included); fp4 is e2m1 without its scales.
enum class Dtype : std::uint8_t { kFp32, kTf32, kBf16, kFp16, kFp8, kInt8, kMx9, kMx6, kFp4 };
inline constexpr std::size_t kDtypeCount = 9;

struct DtypeInfo {
  std::string_view name;
  std::uint32_t bits;  // an element takes in memory
};

inline constexpr std::array<DtypeInfo, kDtypeCount> kDtypes{{{"fp32", 32},
                                                             {"tf32", 32},
                                                             {"bf16", 16},
                                                             {"fp16", 16},
                                                             {"fp8", 8},
                                                             {"int8", 8},
                                                             {"mx9", 9},
                                                             {"mx6", 6},
                                                             {"fp4", 4}}};

constexpr std::string_view name_of(Dtype dtype) {
  return kDtypes[static_cast<std::size_t>(dtype)].name;
}
constexpr std::uint32_t bits_of(Dtype dtype) {
  return kDtypes[static_cast<std::size_t>(dtype)].bits;
}
// Memory that `elements` in a row take, padded to a whole byte.
constexpr std::uint64_t bytes_of(Dtype dtype, std::uint64_t elements) {
  return ceil_div(elements * bits_of(dtype), 8);
}
constexpr std::optional<Dtype> dtype_from(std::string_view name) {
  for (std::size_t i = 0; i < kDtypeCount; ++i) {
    if (kDtypes[i].name == name) {
      return static_cast<Dtype>(i);
    }
  }
  return std::nullopt;
}

}  // namespace orrery
