// SPDX-License-Identifier: Apache-2.0
#include "results/whole_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "results/host_name.h"
#include "sim/error.h"

namespace orrery {

namespace {

[[noreturn]] void fail(const std::string& path, const char* doing, int error) {
  throw InputError(path + ": cannot " + doing + ": " + std::generic_category().message(error));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  int get() const { return fd_; }
  // Reports what a network file system may only say now.
  int close() { return ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

// Goes away unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) {
      ::unlink(path_.c_str());
    }
  }
  int rename_to(const std::string& target) {
    const int status = std::rename(path_.c_str(), target.c_str());
    if (status == 0) {
      path_.clear();
    }
    return status;
  }

 private:
  std::string path_;
};

// Where a rename must go so that a link stays a link.
std::string final_path(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno != ENOENT) {
      fail(path, "write", errno);
    }
    if (path.empty() || path.back() == '/') {
      fail(path, "write", path.empty() ? ENOENT : EISDIR);
    }
    return path;
  }
  if (S_ISDIR(found.st_mode)) {
    fail(path, "write", EISDIR);
  }
  if (!S_ISREG(found.st_mode)) {
    throw InputError(path + ": cannot write: not a regular file");
  }
  std::error_code error;
  const std::filesystem::path target = std::filesystem::canonical(path, error);
  if (error) {
    fail(path, "write", error.value());
  }
  return target.string();
}

int write_all(int fd, const std::vector<std::byte>& bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno != EINTR) {
      return -1;
    }
    done += count < 0 ? 0 : static_cast<std::size_t>(count);
  }
  return 0;
}

}  // namespace

void write_whole_file(const std::string& path, const std::vector<std::byte>& bytes) {
  const std::filesystem::path target = final_path(path);
  const std::string folder = target.has_parent_path() ? target.parent_path().string() : ".";
  const std::string temporary = folder + "/.orrery-" + process_name() + ".tmp";
  // A file of this name can only be left over from an earlier write of this process.
  ::unlink(temporary.c_str());
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0) {
    fail(path, "write", errno);
  }
  TemporaryFile guard(temporary);
  if (write_all(file.get(), bytes) != 0 || ::fsync(file.get()) != 0 || file.close() != 0 ||
      guard.rename_to(target.string()) != 0) {
    fail(path, "write", errno);
  }
  // The name, too; not every file system can, and the file is whole either way.
  const Descriptor place(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (place.get() >= 0) {
    ::fsync(place.get());
  }
}

std::vector<std::byte> read_whole_file(const std::string& path, std::uint64_t most_bytes) {
  // Non-blocking, so that a pipe without a writer does not hang the program.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat found {};
  if (file.get() < 0 || ::fstat(file.get(), &found) != 0) {
    fail(path, "read", errno);
  }
  if (S_ISDIR(found.st_mode)) {
    fail(path, "read", EISDIR);
  }
  if (!S_ISREG(found.st_mode)) {
    throw InputError(path + ": cannot read: not a regular file");
  }
  if (static_cast<std::uint64_t>(found.st_size) > most_bytes) {
    throw InputError(path + ": cannot read: larger than " + std::to_string(most_bytes) + " bytes");
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(found.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(file.get(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno != EINTR) {
      fail(path, "read", errno);
    }
    if (count == 0) {
      bytes.resize(done);  // it was cut while we read
    }
    done += count < 0 ? 0 : static_cast<std::size_t>(count);
  }
  return bytes;
}

}  // namespace orrery
