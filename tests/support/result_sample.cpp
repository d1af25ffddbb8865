// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>

#include "results/result_file.h"
#include "tests/support/sample_record.h"

// libsystemc.so wants sc_main(); it is never called.
int sc_main(int /*argc*/, char* /*argv*/[]);
int sc_main(int /*argc*/, char* /*argv*/[]) {
  return EXIT_FAILURE;
}

// result_sample FILE [HOST]: writes the sample record, so that a test in another language has a
// result to read. HOST changes the provenance and nothing else.
int main(int argc, char** argv) {
  if (argc < 2) {
    return EXIT_FAILURE;
  }
  try {
    orrery::RunRecord record = orrery::sample_record();
    if (argc > 2) {
      record.provenance.host = argv[2];
    }
    orrery::write_result(record, argv[1]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
