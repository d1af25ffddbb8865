// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "arch/core_config.h"
#include "arch/program.h"
#include "sim/units.h"

namespace orrery {

// Cycles of the vector unit of a core. Ordinary lanes and the special-function unit issue side by
// side, so a command takes the longer of the two (exp, 16 a clock and SM, is what bounds attention
// on Hopper: FlashAttention-4's authors).
class VectorUnit {
 public:
  explicit VectorUnit(const VectorUnitConfig& config) : config_(config) {}

  std::uint64_t cycles(const VectorWork& work) const {
    const bool narrow = work.dtype == Dtype::kBf16 || work.dtype == Dtype::kFp16;
    const std::uint64_t rate = narrow ? config_.bf16_ops_per_cycle : config_.fp32_ops_per_cycle;
    return config_.startup_cycles +
           std::max(ceil_div(work.alu_ops, rate),
                    ceil_div(work.special_ops, config_.special_ops_per_cycle));
  }

 private:
  VectorUnitConfig config_;
};

}  // namespace orrery
