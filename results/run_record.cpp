// SPDX-License-Identifier: Apache-2.0
#include "results/run_record.h"

namespace orrery {

const std::vector<std::string>& stall_category_names() {
  static const std::vector<std::string> names{"tensor",      "vector",       "load_hbm",
                                              "load_shared", "load_network", "store",
                                              "sync",        "launch",       "idle"};
  return names;
}

const std::vector<std::string>& energy_part_names() {
  static const std::vector<std::string> names{"tensor", "vector", "scratchpad", "network",
                                              "shared", "hbm",    "static"};
  return names;
}

double OpRow::total_energy_j() const {
  double sum = 0;
  for (const double part : energy_j) {
    sum += part;
  }
  return sum;
}

double OpRow::power_w() const {
  return end_fs > start_fs ? total_energy_j() / to_seconds(end_fs - start_fs) : 0;
}

}  // namespace orrery
