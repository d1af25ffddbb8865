// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

// Exit codes.
inline constexpr int kSuccess = 0;
inline constexpr int kFailedCheck = 1;  // the comparison or validation failed
inline constexpr int kBadInput = 2;     // bad usage or input
inline constexpr int kInternalError = 3;

// Where a command writes: results to `out`, progress and remarks to `err`.
struct Streams {
  std::ostream& out;
  std::ostream& err;
};

// A subcommand. `run` gets the words after its name, returns an exit code, and throws InputError
// for bad usage or input.
struct Subcommand {
  std::string_view name;
  std::string_view purpose;  // one line of `orrery --help`
  int (*run)(const std::vector<std::string>& arguments, const Streams& streams);
};

// One file each: cli/<name>_command.cpp. The table in command_line.cpp says which there are.
Subcommand run_command();
Subcommand show_command();
Subcommand sweep_command();
Subcommand compare_command();
Subcommand validate_command();
Subcommand probe_command();
Subcommand report_command();

// What `orrery show` can show, one file each: cli/show_<name>.cpp. The table is in
// show_command.cpp.
Subcommand show_chip();
Subcommand show_workload();
Subcommand show_mapping();
Subcommand show_result();

// What `orrery probe` can probe, one file each: cli/probe_<name>.cpp. The table is in
// probe_command.cpp.
Subcommand probe_hbm();
Subcommand probe_noc();

// Finds `arguments[0]` in `commands` and runs it with the rest; `prefix` is "orrery" or
// "orrery show". Answers --help itself. Throws InputError for no or an unknown name, with the
// nearest known one.
int dispatch(std::string_view prefix,
             const std::string& help,
             const std::vector<Subcommand>& commands,
             const std::vector<std::string>& arguments,
             const Streams& streams);

// "  name  purpose" lines for a help text.
std::string command_list(const std::vector<Subcommand>& commands);

}  // namespace orrery
