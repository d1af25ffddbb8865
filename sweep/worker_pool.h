// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "sweep/shard.h"

namespace orrery {

// Points that one process works on, one after another.
using Chunk = std::vector<std::size_t>;

struct PoolOptions {
  std::size_t jobs = 1;
  double timeout_s = 600;  // of a point, wall-clock
};

// What a worker does for a point; runs in a process of its own. What it throws ends the whole
// sweep: a disk that is full. Points that fail are records.
using PointWork = std::function<PointRecord(std::size_t point)>;

// Runs chunks, `jobs` at a time, each in a process forked for it: a process holds one SystemC
// kernel, and one that dies takes no other with it. Every record is appended to a shard in `shards`
// before the next point starts. A point that takes too long or kills its process is tried once more
// in a new one, then recorded as failed; behind a point that is not complete the rest of its chunk
// goes on in a new process, too. Workers die with this process. `ended` hears of every record's
// status. The caller must hold no SystemC object and no other thread. `identity` names a point that
// cannot speak for itself. Throws InputError where a record cannot be written (what has been
// written stays), std::runtime_error when the system gives no process.
void run_pool(const std::vector<Chunk>& chunks,
              const PoolOptions& options,
              const std::filesystem::path& shards,
              const PointWork& work,
              const std::function<std::string(std::size_t point)>& identity,
              const std::function<void(PointStatus)>& ended);

}  // namespace orrery
