// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace orrery {

// What a file says it is: the attribute `format` of its root, "orrery" for a run and "orrery-sweep"
// for a sweep. Throws InputError for a file that is missing, damaged or not HDF5, or has none.
std::string file_format(const std::string& path);

}  // namespace orrery
