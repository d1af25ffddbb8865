// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace orrery {

// The whole program: returns the exit code. Nothing escapes as an exception.
int run_command_line(int argc, char** argv);

// The same without the process around it; `arguments` start after the program's name.
// An InputError becomes one line "orrery: message" on `streams.err`.
int run_arguments(const std::vector<std::string>& arguments, const Streams& streams);

// Within a handler: says on `streams.err` what the exception was and returns the exit code for it.
int report_failure(const Streams& streams);

}  // namespace orrery
