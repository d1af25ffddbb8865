// SPDX-License-Identifier: Apache-2.0
#include "results/whole_file.h"

#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

using ::testing::ThrowsMessage;

std::vector<std::byte> some_bytes(std::size_t count) {
  return std::vector<std::byte>(count, std::byte{42});
}

// While it lives, files can grow to `bytes` only: a full disk without a disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*signal_)(int);
};

class WholeFileTest : public ::testing::Test {
 protected:
  void expect_refused(const std::string& path, const std::string& reason) {
    EXPECT_THAT([&] { write_whole_file(path, some_bytes(10)); },
                ThrowsMessage<InputError>(path + ": cannot write: " + reason));
  }
  ScratchFolder folder_;
};

TEST_F(WholeFileTest, WritesAndReadsBytes) {
  write_whole_file(folder_.file("a"), some_bytes(1000));
  EXPECT_EQ(read_whole_file(folder_.file("a"), 1000), some_bytes(1000));
}

TEST_F(WholeFileTest, ReplacesAFileThatIsThere) {
  write_text(folder_.file("a"), "old");
  write_whole_file(folder_.file("a"), some_bytes(3));
  EXPECT_EQ(file_text(folder_.file("a")), "***");
}

TEST_F(WholeFileTest, RefusesAFolderThatIsMissingAndAPathBelowAFile) {
  write_text(folder_.file("file"), "");
  expect_refused(folder_.file("missing/a"), "No such file or directory");
  expect_refused(folder_.file("file/a"), "Not a directory");
  expect_refused(folder_.file("missing/"), "Is a directory");
  expect_refused("", "No such file or directory");
}

TEST_F(WholeFileTest, RefusesAFolderAndADeviceAsTheFile) {
  std::filesystem::create_directory(folder_.file("sub"));
  expect_refused(folder_.file("sub"), "Is a directory");
  expect_refused("/dev/null", "not a regular file");
}

TEST_F(WholeFileTest, AFullDiskLeavesNothingBehind) {
  const std::string path = folder_.file("a");
  {
    const FileSizeLimit limit(4096);
    EXPECT_THAT([&] { write_whole_file(path, some_bytes(10'000)); },
                ThrowsMessage<InputError>(path + ": cannot write: File too large"));
  }
  EXPECT_TRUE(folder_.empty());
}

TEST_F(WholeFileTest, AFullDiskLeavesTheOldFile) {
  const std::string path = folder_.file("a");
  write_text(path, "old");
  {
    const FileSizeLimit limit(4096);
    EXPECT_THROW(write_whole_file(path, some_bytes(10'000)), InputError);
  }
  EXPECT_EQ(file_text(path), "old");
}

TEST_F(WholeFileTest, WritesThroughALink) {
  write_text(folder_.file("target"), "old");
  std::filesystem::create_symlink("target", folder_.file("link"));
  write_whole_file(folder_.file("link"), some_bytes(2));
  EXPECT_TRUE(std::filesystem::is_symlink(folder_.file("link")));
  EXPECT_EQ(file_text(folder_.file("target")), "**");
}

TEST_F(WholeFileTest, ReadingSaysWhyItCannot) {
  const auto refused = [](const std::string& path, const std::string& reason) {
    EXPECT_THAT([&] { read_whole_file(path, 100); },
                ThrowsMessage<InputError>(path + ": cannot read: " + reason));
  };
  write_text(folder_.file("large"), std::string(101, 'x'));
  ASSERT_EQ(::mkfifo(folder_.file("pipe").c_str(), 0600), 0);
  refused(folder_.file("missing"), "No such file or directory");
  refused(folder_.file("."), "Is a directory");
  refused(folder_.file("large"), "larger than 100 bytes");
  refused(folder_.file("pipe"), "not a regular file");
}

}  // namespace
}  // namespace orrery
