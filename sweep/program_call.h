// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace orrery {

// What a program that has ended leaves.
struct ProgramAnswer {
  int exit_code = 0;  // 128 + its number where a signal ended it
  std::string out;
  std::string err;
};

// Runs `words[0]`, which is looked for on the PATH, with the other words as they are: no shell sees
// them. It has nothing to read. Throws InputError "NAME: cannot run: reason".
ProgramAnswer call_program(const std::vector<std::string>& words);

}  // namespace orrery
