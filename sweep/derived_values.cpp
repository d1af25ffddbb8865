// SPDX-License-Identifier: Apache-2.0
#include "sweep/derived_values.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "arch/chip_area.h"
#include "sim/dtype.h"
#include "sim/error.h"

namespace orrery {
namespace {

const std::string kPeak = "peak.";

Amount in_unit(double value, const char* unit_text) {
  const Unit unit = *find_unit(unit_text);
  return {value * unit.factor, unit.dimension};
}

Value peak(const ChipConfig& chip, const std::string& of) {
  if (of == "memory") {
    return in_unit(chip.peak_memory_bytes_per_s(), "B/s");
  }
  return in_unit(chip.peak_flop_per_s(*dtype_from(of)), "FLOP/s");
}

}  // namespace

const std::vector<std::string>& derived_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all{"die_area", "chip_cost", kPeak + "memory"};
    for (const DtypeInfo& dtype : kDtypes) {
      all.push_back(kPeak + std::string(dtype.name));
    }
    return all;
  }();
  return names;
}

bool is_derived(const std::string& name) {
  const std::vector<std::string>& names = derived_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

Value derived_value(const ChipConfig& chip, const std::string& name) {
  if (name.starts_with(kPeak)) {
    return peak(chip, name.substr(kPeak.size()));
  }
  const std::optional<ChipArea> area = chip_area(chip);
  if (!area) {
    throw InputError(
        fmt::format("{} has no map 'area', from which '{}' would follow", chip.name, name));
  }
  if (name == "die_area") {
    return in_unit(area->total_mm2, "mm2");
  }
  return in_unit(area->cost ? area->cost->total_usd() : std::numeric_limits<double>::infinity(),
                 "USD");
}

}  // namespace orrery
