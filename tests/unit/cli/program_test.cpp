// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <sys/wait.h>

#include <gtest/gtest.h>

#include "tests/support/scratch_folder.h"

// The built program as a shell sees it: exit codes and standard streams that are not as usual.
namespace orrery {
namespace {

class ProgramTest : public ::testing::Test {
 protected:
  int shell(const std::string& command) const {
    const std::string line =
        "orrery() { " ORRERY_PROGRAM " \"$@\"; }; exec 2>" + folder_.file("err") + "; " + command;
    const int status = std::system(line.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string errors() const { return file_text(folder_.file("err")); }
  ScratchFolder folder_;
};

TEST_F(ProgramTest, SucceedsAndFailsWithItsExitCodes) {
  EXPECT_EQ(shell("orrery --version >/dev/null"), 0);
  EXPECT_EQ(shell("orrery --nonsense >/dev/null"), 2);
}

TEST_F(ProgramTest, TheReaderMayGoAwayEarly) {
  EXPECT_EQ(shell("( sleep 0.2; orrery --help; echo $? >&2 ) | true"), 0);
  EXPECT_EQ(errors(), "0\n");
  // More than a stream's buffer: the write that fails is not the last one.
  EXPECT_EQ(shell("( orrery show workload llama-3.1-8b-prefill --json; echo $? >&2 ) | head -1"),
            0);
  EXPECT_EQ(errors(), "0\n");
}

TEST_F(ProgramTest, SaysThatStandardOutputIsFullOrClosed) {
  EXPECT_EQ(shell("orrery --help >/dev/full"), 2);
  EXPECT_EQ(errors(), "orrery: cannot write to standard output: No space left on device\n");
  EXPECT_EQ(shell("orrery --help >&-"), 2);
  EXPECT_EQ(errors(), "orrery: cannot write to standard output: Bad file descriptor\n");
}

}  // namespace
}  // namespace orrery
