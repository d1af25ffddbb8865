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

CoreClocks core_clocks(const RunRecord& record) {
  CoreClocks clocks;
  try {
    const ConfigNode root = parse_config(chip_text(record), "chip");
    if (root.has("core") && root.map("core").has("clock")) {
      const ConfigNode core = root.map("core");
      clocks.highest_hz = core.frequency_hz("clock");
      clocks.rated_hz =
          core.has("rated_clock") ? core.frequency_hz("rated_clock") : clocks.highest_hz;
    }
  } catch (const InputError&) {  // not a chip of this program
    return {};
  }
  return clocks;
}

}  // namespace orrery
