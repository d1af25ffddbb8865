// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "results/sweep_record.h"

// A sweep as one HDF5 file. results/README.md lists the groups and columns.
namespace orrery {

inline constexpr std::uint64_t kSweepSchemaVersion = 1;

struct SweepLimits {
  std::uint64_t points = 1ULL << 22;
  std::uint64_t columns = 2048;
  std::uint64_t words = 4096;  // of one column
  std::uint64_t file_bytes = 1ULL << 30;
};
inline constexpr SweepLimits kSweepLimits{};

// Over everything but the provenance, as in results/canonical.h.
std::string content_hash(const SweepRecord& record);

// All or nothing, as write_result. Texts are cleaned (results/clean_text.h). Throws InputError
// "path: cannot write: reason"; std::invalid_argument for a record that makes no sense: columns of
// other lengths, indices beyond the words, a name that comes twice.
void write_sweep(const SweepRecord& record, const std::filesystem::path& path);

// Throws InputError for a file that is missing, not a sweep, incomplete, damaged (its content does
// not give its hash) or of another version.
SweepRecord read_sweep(const std::filesystem::path& path);

}  // namespace orrery
