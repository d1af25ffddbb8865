// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "results/hdf5.h"

// A column of words as small integers with the attributes `flag_values` and `flag_meanings`, as
// the CF conventions have it. Tools that know CF show the words.
namespace orrery {

// `first` lists words that keep their codes 0, 1, ... in every file; others follow in the order
// of appearance. Words must be flag_word()s. Throws hdf5::Error past 4096 distinct words.
hdf5::Dataset write_flags(hdf5::Group& group,
                          const std::string& name,
                          const std::vector<std::string>& words,
                          const std::vector<std::string>& first = {});

// Throws hdf5::Error when the attributes do not match or a code has no meaning.
std::vector<std::string> read_flags(const hdf5::Group& group,
                                    const std::string& name,
                                    const hdf5::Shape& expected);

}  // namespace orrery
