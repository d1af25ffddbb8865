// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "results/counter_totals.h"
#include "results/op_alignment.h"
#include "results/op_groups.h"
#include "results/result_file.h"
#include "results/run_aspects.h"
#include "results/run_config.h"
#include "results/waterfall.h"

namespace orrery {

// Two results side by side, as plain values.
struct Comparison {
  std::vector<AspectDifference> aspects;      // what is not alike
  std::vector<ConfigDifference> chip_values;  // of the resolved chips, that differ
  std::vector<OpPair> pairs;
  Waterfall waterfall;
  std::vector<OpGroup> groups;  // operators, those of all layers together
  std::vector<ComparedValue> summary;
  std::vector<ComparedValue> counters;

  bool of_another_kind() const;  // any of the aspects
};

Comparison compare_results(const StoredResult& a, const StoredResult& b);

}  // namespace orrery
