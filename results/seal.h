// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace orrery {

// A line behind the end of an HDF5 file, where HDF5 does not look: a hash of every byte before it.
// HDF5 1.10 crashes on many a damaged file, so damage must be found before HDF5 reads it. A tool
// that edits the file cuts the seal off; such a file is read without.
void add_seal(std::vector<std::byte>& image);

// True when there is a seal and the bytes before it are not those that were sealed.
bool seal_is_broken(const std::vector<std::byte>& image);

// Whether it begins as an HDF5 file does.
bool is_hdf5(const std::vector<std::byte>& image);

}  // namespace orrery
