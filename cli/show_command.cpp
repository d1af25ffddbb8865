// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace orrery {

namespace {

// What can be shown. Adding one: its file and its line here.
const std::vector<Subcommand>& topics() {
  static const std::vector<Subcommand> table{
      show_chip(),
      show_workload(),
      show_mapping(),
      show_result(),
  };
  return table;
}

std::string help_text() {
  return "orrery show - explains an input or a result\n"
         "\n"
         "usage: orrery show WHAT [ARGUMENTS]\n"
         "\n" +
         command_list(topics()) +
         "\n"
         "`orrery show WHAT --help` explains one, with examples.\n";
}

int run_show(const std::vector<std::string>& arguments, const Streams& streams) {
  return dispatch("orrery show", help_text(), topics(), arguments, streams);
}

}  // namespace

Subcommand show_command() {
  return {"show", "explains a chip, a workload, a mapping or a result", run_show};
}

}  // namespace orrery
