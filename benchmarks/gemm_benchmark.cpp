// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

int sc_main(int /*argc*/, char* /*argv*/[]) {
  return 1;
}

BENCHMARK_MAIN();
