// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "results/counter_totals.h"
#include "results/op_alignment.h"
#include "results/run_record.h"

// What a check with a tolerance holds run B to: every value of the summary, of each operator its
// time, FLOP, bytes and energy, and every counter, summed over equal parts.
namespace orrery {

// "total_time", "layer0.qkv time", "counter chip.hbm.read_bytes"; a side that has none is empty.
struct MovedValue : ComparedValue {
  // (b - a) / |a|; infinite where A has 0 or nothing, or B nothing.
  double relative() const;
};

// Those with |b - a| > tolerance x |a|, and those that only one run has. The total first, then by
// how far they moved. `pairs` of align_ops(a.ops, b.ops).
std::vector<MovedValue> moved_values(const RunRecord& a,
                                     const RunRecord& b,
                                     const std::vector<OpPair>& pairs,
                                     double tolerance);

}  // namespace orrery
