// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "results/sweep_record.h"
#include "sweep/shard.h"

namespace orrery {

// The folder of a sweep:
//
//   points.h5    the points, as a sweep without metrics: what is to be run
//   shards/      what workers have found so far
//   results/     whole results that the plan keeps, <identity>.h5
//   sweep.h5     all of it collected
//   slurm/       a folder for each submission to Slurm, 1, 2, ...: see sweep/submission.h
//   lock, collection-lock   held while processes work here, and while one collects
class SweepFolder {
 public:
  explicit SweepFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path points_file() const { return path_ / "points.h5"; }
  std::filesystem::path shards() const { return path_ / "shards"; }
  std::filesystem::path result_file(const std::string& identity) const {
    return path_ / "results" / (identity + ".h5");
  }
  std::filesystem::path submissions() const { return path_ / "slurm"; }
  std::filesystem::path sweep_file() const { return path_ / "sweep.h5"; }

  // Changes nothing. Throws InputError for a folder that holds other files and no sweep, one that
  // cannot be written, a sweep of another version, and for a sweep where `resume` is false.
  void check(bool resume) const;
  void make() const;  // what is missing of it; throws InputError

  bool has_points() const;

 private:
  std::filesystem::path path_;
};

// What a process holds a folder for. A sweep wants it alone. Chunks that Slurm runs, on any node,
// and those who collect share it with each other; of the latter there is one at a time, so that
// what was read earlier never replaces what was read later.
enum class FolderUse { kSweep, kChunk, kCollection };

// Holds a folder for a process and its workers. Throws InputError where another holds it and, after
// two seconds, still does; a chunk, which nobody waits for, has more patience.
class FolderLock {
 public:
  FolderLock(const SweepFolder& folder, FolderUse use);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_ = -1;
  int collection_ = -1;
};

// What is known of points, by identity. Of several records of one point a complete or infeasible
// one counts, whichever it is: they are equal.
class KnownPoints {
 public:
  ShardReport read(const SweepFolder& folder);
  const PointRecord* find(const std::string& identity) const;
  // Whether there is nothing to run: failed points are tried again.
  bool is_finished(const std::string& identity) const;

 private:
  std::map<std::string, PointRecord> records_;
};

}  // namespace orrery
