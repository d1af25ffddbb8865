// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "results/op_alignment.h"
#include "results/run_record.h"
#include "results/time_parts.h"

// Why run B takes another time than run A: its total, from A's to B's, in steps that add up. For
// each pair of operators the difference of every part of their time (time_parts.h); operators that
// only one run has, with all of their time; time between operators. The cores' time sums to the
// operators' by construction, so hardly a remainder is left; it is worked out all the same.
//
// A step says what the cores did longer or shorter, not what must change for it: a wait that goes
// may uncover another. Stages of a load share a wait by how long the load was in each, so a slower
// network takes over part of HBM's wait although the sum stays; read the three together.
namespace orrery {

struct WaterfallStep {
  std::string name;  // of a TimePart, or "only_a", "only_b", "between_operators"
  double a_fs = 0, b_fs = 0;

  // What the step's time is spent on where the record counts it: FLOP of the tensor unit, bytes of
  // the stages of loads. The difference is then due to another amount (at the mean of both times a
  // unit of it) and to another time a unit of it (at the mean of both amounts).
  std::string amount_unit;  // "FLOP", "byte"; "" where nothing is counted
  double amount_a = 0, amount_b = 0;
  double by_amount_fs = 0, by_rate_fs = 0;
  // Of the rate, what goes with the peaks of the chips: of the tensor units at the highest clock,
  // of HBM. The rest is another use of the peak. 0 where no peak is known.
  double by_peak_fs = 0;

  double difference_fs() const { return b_fs - a_fs; }
};

struct Waterfall {
  double a_fs = 0, b_fs = 0;  // totals of the runs
  std::vector<WaterfallStep> steps;
  double remainder_fs = 0;

  double difference_fs() const { return b_fs - a_fs; }
  // 1 where the steps add up to the difference; 1 as well where nothing differs.
  double explained() const;
};

// `pairs` of align_ops(a.ops, b.ops).
Waterfall explain_difference(const RunRecord& a,
                             const RunRecord& b,
                             const std::vector<OpPair>& pairs);

}  // namespace orrery
