// SPDX-License-Identifier: Apache-2.0
#include "results/comparison.h"

#include <algorithm>

namespace orrery {

bool Comparison::of_another_kind() const {
  return std::any_of(aspects.begin(), aspects.end(),
                     [](const AspectDifference& aspect) { return aspect.of_another_kind; });
}

Comparison compare_results(const StoredResult& a, const StoredResult& b) {
  Comparison comparison;
  comparison.aspects = aspect_differences(a, b);
  comparison.chip_values = differences_of(chip_values(a.record), chip_values(b.record));
  comparison.pairs = align_ops(a.record.ops, b.record.ops);
  comparison.waterfall = explain_difference(a.record, b.record, comparison.pairs);
  comparison.groups = group_ops(a.record, b.record, comparison.pairs);
  comparison.summary = compare_summaries(a.record, b.record);
  comparison.counters = compare_counters(a.record, b.record);
  return comparison;
}

}  // namespace orrery
