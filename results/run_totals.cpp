// SPDX-License-Identifier: Apache-2.0
#include "results/run_totals.h"

#include <algorithm>
#include <cmath>

#include "results/run_config.h"
#include "sim/config_node.h"

namespace orrery {

double summary_value(const RunRecord& record, const std::string& name, double otherwise) {
  for (const SummaryValue& value : record.summary) {
    if (value.name == name) {
      return value.value;
    }
  }
  return otherwise;
}

Femtoseconds total_time_fs(const RunRecord& record) {
  const double stored = summary_value(record, "total_time", -1);
  if (stored >= 0 && stored < 1.8e19) {  // a double that fits Femtoseconds
    return static_cast<Femtoseconds>(std::round(stored));
  }
  Femtoseconds end_fs = 0;
  for (const OpRow& op : record.ops) {
    end_fs = std::max(end_fs, op.end_fs);
  }
  return end_fs;
}

std::uint64_t highest_clock_hz(const RunRecord& record) {
  try {
    const ConfigNode root = parse_config(chip_text(record), "chip");
    return root.has("core") && root.map("core").has("clock")
               ? root.map("core").frequency_hz("clock")
               : 0;
  } catch (const InputError&) {  // not a chip of this program
    return 0;
  }
}

}  // namespace orrery
