// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace orrery {
namespace {

// What can be probed. Adding one: its file and its line here.
const std::vector<Subcommand>& topics() {
  static const std::vector<Subcommand> table{
      probe_hbm(),
      probe_noc(),
  };
  return table;
}

std::string help_text() {
  return "orrery probe - runs fixed traffic through one part of a chip\n"
         "\n"
         "usage: orrery probe WHAT [ARGUMENTS]\n"
         "\n" +
         command_list(topics()) +
         "\n"
         "`orrery probe WHAT --help` explains one, with examples.\n";
}

int run_probe(const std::vector<std::string>& arguments, const Streams& streams) {
  return dispatch("orrery probe", help_text(), topics(), arguments, streams);
}

}  // namespace

Subcommand probe_command() {
  return {"probe", "runs fixed traffic through one part of a chip", run_probe};
}

}  // namespace orrery
