// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "results/run_record.h"

namespace orrery {

// An operator of run A and the same one of run B; one side is missing where only the other run has
// it.
struct OpPair {
  std::optional<std::size_t> a, b;  // rows of /ops

  bool operator==(const OpPair&) const = default;
};

// Pairs operators of equal name and kind without crossing: a longest common subsequence. In the
// order of both runs; between two pairs first what only A has, then what only B has. Long lists
// that differ in their middle (more than 2^24 combinations) pair the n-th operator of a name with
// the n-th, which finds less where a name repeats.
std::vector<OpPair> align_ops(const std::vector<OpRow>& a, const std::vector<OpRow>& b);

}  // namespace orrery
