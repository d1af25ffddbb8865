// SPDX-License-Identifier: Apache-2.0
#include "results/file_format.h"

#include "results/hdf5.h"
#include "results/result_file.h"
#include "results/seal.h"
#include "results/whole_file.h"
#include "sim/error.h"

namespace orrery {

std::string file_format(const std::string& path) {
  const std::vector<std::byte> image = read_whole_file(path, kResultLimits.file_bytes);
  if (!is_hdf5(image)) {
    throw InputError(path + ": not a result of orrery: not an HDF5 file");
  }
  if (seal_is_broken(image)) {
    throw InputError(path + ": not a result of orrery: the file was changed or damaged");
  }
  try {
    const hdf5::File file = hdf5::File::open(image);
    return file.root().text("format");
  } catch (const hdf5::Error& error) {
    throw InputError(path + ": not a result of orrery: " + error.what());
  }
}

}  // namespace orrery
