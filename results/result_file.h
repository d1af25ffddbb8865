// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "results/run_record.h"

// One run as one HDF5 file. results/README.md lists the groups and columns.
namespace orrery {

// 1: without energy, 2: without links.
inline constexpr std::uint64_t kResultSchemaVersion = 3;

// Most rows that a file may hold; what is written can be read again without more memory than this
// says.
struct ResultLimits {
  std::uint64_t ops = 1ULL << 20;
  std::uint64_t counters = 1ULL << 20;
  std::uint64_t links = 1ULL << 16;
  std::uint64_t events = 1ULL << 22;
  std::uint64_t timeline_values = 1ULL << 24;  // of one counter: components x bins
  std::uint64_t named = 4096;                  // summary values, timeline counters, histograms
  std::uint64_t timeline_components = 1ULL << 15;
  std::uint64_t histogram_bins = 1ULL << 16;
  std::uint64_t file_bytes = 1ULL << 30;
};
inline constexpr ResultLimits kResultLimits{};

// All or nothing, and never half a file under the final name. Throws InputError
// "path: cannot write: reason"; std::invalid_argument for a record that makes no sense
// (results/canonical.h).
void write_result(const RunRecord& record, const std::string& path);

// Returns canonical(record) of what was written. Throws InputError for a file that is missing, not
// a result, incomplete, damaged (its content does not give its hash) or of a later version.
RunRecord read_result(const std::string& path);

// The same with what the file says of itself.
struct StoredResult {
  RunRecord record;
  std::uint64_t schema_version = kResultSchemaVersion;
  std::string content_hash;  // of all but the provenance
};
StoredResult read_stored_result(const std::string& path);

}  // namespace orrery
