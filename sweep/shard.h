// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "results/sweep_record.h"

// What workers leave of their points: files that only grow, a line a point, each with a checksum,
// so that a process may be killed at any time and loses the line it was writing at most. A process
// never appends behind another's torn line: it begins a file of its own.
namespace orrery {

inline constexpr std::uint64_t kShardSchemaVersion = 1;

struct PointRecord {
  std::string identity;
  PointStatus status = PointStatus::kFailed;
  std::string reason;          // empty where complete
  std::vector<double> values;  // of sweep_metrics() where complete, else empty

  bool operator==(const PointRecord&) const = default;
};

class ShardWriter {
 public:
  // Begins a new file in `folder`. Throws InputError "path: cannot write: reason".
  explicit ShardWriter(const std::filesystem::path& folder);
  ~ShardWriter();
  ShardWriter(const ShardWriter&) = delete;
  ShardWriter& operator=(const ShardWriter&) = delete;

  // The whole line or, with an InputError, none of it that a reader would take.
  void append(const PointRecord& record);

 private:
  void write_line(const std::string& text);

  std::string path_;
  int file_ = -1;
};

// The line of a shard that holds `text`: its checksum, the text and a line end.
std::string shard_line(const std::string& text);

struct ShardReport {
  std::uint64_t records = 0;
  std::uint64_t torn = 0;  // lines without end or with a wrong checksum, which were left out
};

// Reads every shard of `folder`, in the order of their names, which says nothing of the order in
// which points were run. Metrics are matched by name, those that this program does not know left
// out. Throws InputError for a folder that cannot be read and for a shard of another version.
ShardReport read_shards(const std::filesystem::path& folder,
                        const std::function<void(PointRecord&&)>& take);

}  // namespace orrery
