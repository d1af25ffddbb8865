// SPDX-License-Identifier: Apache-2.0
#include "tests/support/page_sample.h"

#include <cmath>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <limits>
#include <string>

#include "results/result_file.h"
#include "results/sweep_file.h"

// libsystemc.so wants sc_main(); it is never called.
int sc_main(int /*argc*/, char* /*argv*/[]);
int sc_main(int /*argc*/, char* /*argv*/[]) {
  return EXIT_FAILURE;
}

// page_sample KIND FILE: writes what a page is made of, for tests that open it in a browser.
int main(int argc, char** argv) {
  if (argc != 3) {
    return EXIT_FAILURE;
  }
  const std::string kind = argv[1];
  const std::string file = argv[2];
  try {
    if (kind == "run") {
      orrery::write_result(orrery::page_run(), file);
    } else if (kind == "hostile-run") {
      orrery::write_result(orrery::hostile_run(), file);
    } else if (kind == "long-run") {
      orrery::write_result(orrery::long_run(20'000), file);
    } else if (kind == "sweep") {
      orrery::write_sweep(orrery::grid_sweep(6, 5, 4), file);
    } else if (kind == "hostile-sweep") {
      orrery::write_sweep(orrery::hostile_sweep(), file);
    } else if (kind == "large-sweep") {
      orrery::write_sweep(orrery::grid_sweep(50, 50, 20), file);
    } else {
      std::cerr << "page_sample: unknown kind " << kind << '\n';
      return EXIT_FAILURE;
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
