// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <exception>
#include <iostream>
#include <new>

#include "cli/standard_streams.h"
#include "cli/terminal_text.h"
#include "sim/error.h"

namespace orrery {

namespace {

// The subcommands, in the order of the help. Adding one: its file and its line here.
const std::vector<Subcommand>& commands() {
  static const std::vector<Subcommand> table{
      run_command(),      show_command(),  sweep_command(),  compare_command(),
      validate_command(), probe_command(), report_command(),
  };
  return table;
}

std::string help_text() {
  return "orrery - a cycle-approximate simulator of AI accelerators\n"
         "\n"
         "usage: orrery COMMAND [ARGUMENTS]\n"
         "       orrery --help | --version\n"
         "\n"
         "commands:\n" +
         command_list(commands()) +
         "\n"
         "`orrery COMMAND --help` explains one, with examples.\n"
         "Exit code: 0 success, 1 a check failed, 2 bad usage or input, 3 internal error.\n";
}

int fail(const Streams& streams, const std::string& message, int code) {
  streams.err << "orrery: " << message << '\n';
  return code;
}

}  // namespace

int run_arguments(const std::vector<std::string>& arguments, const Streams& streams) {
  try {
    if (!arguments.empty() && arguments[0] == "--version") {
      if (arguments.size() > 1) {
        throw InputError("unexpected word '" + arguments[1] + "' after --version");
      }
      streams.out << "orrery " << ORRERY_VERSION << '\n';
      return kSuccess;
    }
    return dispatch("orrery", help_text(), commands(), arguments, streams);
  } catch (...) {
    return report_failure(streams);
  }
}

int report_failure(const Streams& streams) {
  try {
    throw;
  } catch (const InputError& error) {
    return fail(streams, printable(error.what()), kBadInput);
  } catch (const DeadlockError& error) {  // a chain of waits, a line each
    return fail(streams, error.what(), kInternalError);
  } catch (const std::bad_alloc&) {
    return fail(streams, "out of memory", kInternalError);
  } catch (const std::exception& error) {
    return fail(streams, std::string("internal error: ") + error.what(), kInternalError);
  }
}

int run_command_line(int argc, char** argv) {
  prepare_standard_streams();
  const int code = run_arguments({argv + (argc > 0 ? 1 : 0), argv + argc}, {std::cout, std::cerr});
  return finish_standard_output(code);
}

}  // namespace orrery
