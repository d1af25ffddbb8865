// SPDX-License-Identifier: Apache-2.0
#include "results/run_record.h"

namespace orrery {

const std::vector<std::string>& stall_category_names() {
  static const std::vector<std::string> names{"tensor",      "vector",       "load_hbm",
                                              "load_shared", "load_network", "store",
                                              "sync",        "launch",       "idle"};
  return names;
}

}  // namespace orrery
