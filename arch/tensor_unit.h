// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "arch/core_config.h"
#include "arch/program.h"

namespace orrery {

// Cycles and operand traffic of the matrix unit of a core. Stateless but for whether its pipe is
// full: commands that follow each other without a gap pay the fill once.
//
// MMA: m, n and k are padded to the least instruction shape, then computed at the dtype's rate.
// Systolic, R rows x C columns, after SCALE-Sim (reference set `systolic`), without its -1 (it
// numbers the last cycle, we count cycles), with a = ceil, per fold of the stationary operand:
//   weight stationary  a(K/R) a(N/C) folds of 2R + C + M - 2
//   output stationary  a(M/R) a(N/C) folds of K + R + C - 2
//   input stationary   a(K/R) a(M/C) folds of 2R + C + N - 2
// of which R cycles load the stationary operand (none for output stationary), R + C - 2 are the
// skew of the wavefront, and the rest streams. FoldOverlap says which of these hide.
class TensorUnit {
 public:
  explicit TensorUnit(const TensorUnitConfig& config) : config_(config) {}

  // `pipe_is_full`: another command ended in the cycle in which this one starts.
  std::uint64_t cycles(const MatmulWork& work, bool pipe_is_full) const;
  // What the unit reads from the scratchpad: each operand once per command for an MMA unit; a
  // systolic array streams the moving operand once for every fold across it.
  std::uint64_t operand_bytes(const MatmulWork& work) const;
  // Multiply-accumulates done, padding included, times two.
  std::uint64_t padded_flop(const MatmulWork& work) const;

 private:
  struct Folds {
    std::uint64_t count, preload, skew, stream;
  };
  Folds folds(const MatmulWork& work) const;

  TensorUnitConfig config_;
};

}  // namespace orrery
