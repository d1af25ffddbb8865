// SPDX-License-Identifier: Apache-2.0
#include "sweep/sweep_folder.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <system_error>
#include <thread>
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

// An open file that is locked. Throws InputError.
int take_lock(const SweepFolder& folder,
              const char* name,
              int kind,
              std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kPause{50};
  const std::string path = (folder.path() / name).string();
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) {
    throw InputError(
        fmt::format("{}: cannot write: {}", path, std::generic_category().message(errno)));
  }
  const auto end = std::chrono::steady_clock::now() + patience;
  while (flock(file, kind | LOCK_NB) != 0) {
    const int error = errno;
    const bool held = error == EWOULDBLOCK;
    if ((held && std::chrono::steady_clock::now() < end) || error == EINTR) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    ::close(file);
    throw InputError(
        held ? fmt::format("{}: another sweep is at work in this folder", folder.path().string())
             : fmt::format("{}: cannot lock: {}", path, std::generic_category().message(error)));
  }
  return file;
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

FolderLock::FolderLock(const SweepFolder& folder, FolderUse use) {
  // A sweep that was killed lets go when the last of its workers has ended, a moment later. Slurm
  // may start a chunk before the sweep has been submitted whole.
  constexpr std::chrono::seconds kMoment{2};
  constexpr std::chrono::seconds kPatience{60};
  constexpr std::chrono::seconds kPatienceOfChunk{600};  // sbatch itself tries for minutes
  file_ = take_lock(folder, "lock", use == FolderUse::kSweep ? LOCK_EX : LOCK_SH,
                    use == FolderUse::kChunk ? kPatienceOfChunk : kMoment);
  if (use == FolderUse::kCollection) {
    try {
      collection_ = take_lock(folder, "collection-lock", LOCK_EX, kPatience);
    } catch (...) {
      ::close(file_);
      throw;
    }
  }
}

FolderLock::~FolderLock() {
  ::close(file_);
  if (collection_ >= 0) {
    ::close(collection_);
  }
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
