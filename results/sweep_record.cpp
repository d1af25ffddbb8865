// SPDX-License-Identifier: Apache-2.0
#include "results/sweep_record.h"

namespace orrery {

const std::vector<std::string>& point_status_names() {
  static const std::vector<std::string> names{"complete", "infeasible", "failed"};
  return names;
}

const SweepColumn* find_column(const SweepRecord& record, const std::string& name) {
  for (const std::vector<SweepColumn>* columns : {&record.axes, &record.metrics}) {
    for (const SweepColumn& column : *columns) {
      if (column.name == name) {
        return &column;
      }
    }
  }
  return nullptr;
}

}  // namespace orrery
