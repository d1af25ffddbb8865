// SPDX-License-Identifier: Apache-2.0
#include "sweep/sweep_folder.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

#include "results/sweep_file.h"
#include "sim/error.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

void make_folder(const fs::path& path) {
  std::error_code code;
  fs::create_directories(path, code);
  if (code) {
    throw InputError(fmt::format("{}: cannot make the folder: {}", path.string(), code.message()));
  }
}

bool is_empty_or_missing(const fs::path& path) {
  std::error_code code;
  if (!fs::exists(path, code)) {
    return true;
  }
  if (!fs::is_directory(path, code)) {
    throw InputError(fmt::format("{}: is not a folder", path.string()));
  }
  const bool empty = fs::is_empty(path, code);
  if (code) {
    throw InputError(fmt::format("{}: cannot read: {}", path.string(), code.message()));
  }
  return empty;
}

}  // namespace

bool SweepFolder::has_points() const {
  std::error_code code;
  return fs::exists(points_file(), code);
}

void SweepFolder::check(bool resume) const {
  // A folder with a lock alone is of a sweep that was killed before it began.
  std::error_code code;
  const bool begun = fs::exists(path_ / "lock", code) || has_points();
  if (!begun && !is_empty_or_missing(path_)) {
    throw InputError(fmt::format(
        "{}: holds other files and no sweep, expected a new or an empty folder", path_.string()));
  }
  if (has_points() && !resume) {
    throw InputError(
        fmt::format("{}: holds a sweep already; --resume goes on with it, also with a "
                    "plan that has grown",
                    path_.string()));
  }
  if (has_points()) {
    read_sweep(points_file());
  }
  fs::path there = fs::absolute(path_);
  while (!fs::exists(there, code) && there.has_relative_path()) {
    there = there.parent_path();
  }
  if (access(there.c_str(), W_OK | X_OK) != 0) {
    throw InputError(fmt::format("{}: cannot write: {}", there.string(),
                                 std::generic_category().message(errno)));
  }
}

void SweepFolder::make() const {
  make_folder(path_);
  make_folder(shards());
  make_folder(path_ / "results");
}

FolderLock::FolderLock(const SweepFolder& folder) {
  // A sweep that was killed lets go when the last of its workers has ended, a moment later.
  constexpr int kTries = 40;
  constexpr useconds_t kPause_us = 50'000;
  const std::string path = (folder.path() / "lock").string();
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0) {
    throw InputError(
        fmt::format("{}: cannot write: {}", path, std::generic_category().message(errno)));
  }
  for (int i = 0; i < kTries; ++i) {
    if (flock(file_, LOCK_EX | LOCK_NB) == 0) {
      return;
    }
    if (errno != EWOULDBLOCK && errno != EINTR) {
      break;
    }
    usleep(kPause_us);
  }
  const int error = errno;
  ::close(file_);
  throw InputError(
      error == EWOULDBLOCK
          ? fmt::format("{}: another sweep is at work in this folder", folder.path().string())
          : fmt::format("{}: cannot lock: {}", path, std::generic_category().message(error)));
}

FolderLock::~FolderLock() {
  ::close(file_);
}

ShardReport KnownPoints::read(const SweepFolder& folder) {
  return read_shards(folder.shards(), [&](PointRecord&& record) {
    PointRecord& known = records_[record.identity];
    if (known.identity.empty() || known.status == PointStatus::kFailed) {
      known = std::move(record);
    }
  });
}

const PointRecord* KnownPoints::find(const std::string& identity) const {
  const auto found = records_.find(identity);
  return found == records_.end() ? nullptr : &found->second;
}

bool KnownPoints::is_finished(const std::string& identity) const {
  const PointRecord* const record = find(identity);
  return record != nullptr && record->status != PointStatus::kFailed;
}

}  // namespace orrery
