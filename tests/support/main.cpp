// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <systemc>

// libsystemc.so wants sc_main(); with a main() of our own it is never called.
int sc_main(int /*argc*/, char* /*argv*/[]) {
  return 1;
}

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
