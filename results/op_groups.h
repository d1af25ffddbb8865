// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "results/op_alignment.h"
#include "results/run_record.h"
#include "results/time_parts.h"

namespace orrery {

// Operators that are the same in every layer, and where their time went.
struct OpGroup {
  std::string name;  // "layer*.qkv"
  std::string kind;
  std::size_t count_a = 0, count_b = 0;
  TimeParts a_fs{}, b_fs{};

  double difference_fs() const { return sum_of(b_fs) - sum_of(a_fs); }
};

// "layer17.qkv" is "layer*.qkv": numbers within a name tell layers apart.
std::string layers_name(const std::string& op_name);

// `pairs` of align_ops(a.ops, b.ops), grouped by layers_name() and kind in the order in which they
// first appear; what only one run has is in groups of its own.
std::vector<OpGroup> group_ops(const RunRecord& a,
                               const RunRecord& b,
                               const std::vector<OpPair>& pairs);

// The same with a group a pair.
std::vector<OpGroup> single_ops(const RunRecord& a,
                                const RunRecord& b,
                                const std::vector<OpPair>& pairs);

}  // namespace orrery
