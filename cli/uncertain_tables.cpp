// SPDX-License-Identifier: Apache-2.0
#include "cli/uncertain_tables.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace orrery {

Table uncertain_table(const std::vector<UncertainConstant>& constants) {
  const bool fitted = std::any_of(constants.begin(), constants.end(),
                                  [](const UncertainConstant& c) { return !c.on.empty(); });
  std::vector<TableColumn> columns{{"constant", Align::kLeft}, {"value"}, {"possible range"}};
  if (fitted) {
    columns.push_back({"fitted on", Align::kLeft});
  }
  Table table(columns);
  for (const UncertainConstant& constant : constants) {
    std::vector<std::string> cells{constant.path, constant.value,
                                   constant.least + " to " + constant.most};
    if (fitted) {
      cells.push_back(constant.on);
    }
    table.add_row(std::move(cells));
  }
  return table;
}

nlohmann::ordered_json uncertain_json(const std::vector<UncertainConstant>& constants) {
  auto json = nlohmann::ordered_json::array();
  for (const UncertainConstant& constant : constants) {
    json.push_back({{"constant", constant.path},
                    {"value", constant.value},
                    {"least", constant.least},
                    {"most", constant.most}});
    if (!constant.on.empty()) {
      json.back()["on"] = constant.on;
    }
  }
  return json;
}

}  // namespace orrery
