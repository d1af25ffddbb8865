// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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
  enum class Origin : std::uint8_t { kTotal, kSummary, kOperatorTime, kCounter, kOperator };
  Origin origin = Origin::kSummary;

  // (b - a) / |a|; infinite where A has 0 or nothing, or B nothing.
  double relative() const;
};

// Those with |b - a| > tolerance x |a|, and those that only one run has, in the order of Origin and
// there by how far they moved: operators' times by time, all else by relative(). `pairs` of
// align_ops(a.ops, b.ops).
std::vector<MovedValue> moved_values(const RunRecord& a,
                                     const RunRecord& b,
                                     const std::vector<OpPair>& pairs,
                                     double tolerance);

// One value for the operators of all layers, as layers_name() has them: the first, with the number
// of them in its name, "layer*.qkv time (32)".
std::vector<MovedValue> layers_together(const std::vector<MovedValue>& moved);

}  // namespace orrery
