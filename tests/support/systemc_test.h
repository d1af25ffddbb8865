// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <systemc>

#include "tests/support/fresh_kernel.h"

namespace orrery {

// Gives each test a kernel, so that tests may run in any order in one process. Declare modules as
// members of the derived fixture or locals of the test.
class SystemCTest : public ::testing::Test {
 private:
  FreshKernel kernel_;
};

}  // namespace orrery
