// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

// libsystemc.so wants sc_main(); with a main() of our own it is never called.
extern "C" int sc_main(int /*argc*/, char* /*argv*/[]) {
  return 3;
}

int main(int argc, char** argv) {
  return orrery::run_command_line(argc, argv);
}
