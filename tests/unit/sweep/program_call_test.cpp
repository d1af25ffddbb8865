// SPDX-License-Identifier: Apache-2.0
#include "sweep/program_call.h"

#include <csignal>
#include <fcntl.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"

namespace orrery {
namespace {

using ::testing::ThrowsMessage;

TEST(ProgramCallTest, WordsArriveAsTheyAre) {
  const ProgramAnswer answer =
      call_program({"printf", "%s|", "a b", "$(exit 3)", "'\"", "", "x\ny;", "*"});
  EXPECT_EQ(answer.exit_code, 0);
  EXPECT_EQ(answer.out, "a b|$(exit 3)|'\"||x\ny;|*|");
  EXPECT_EQ(answer.err, "");
}

TEST(ProgramCallTest, BothStreamsAndTheExitCodeAreTold) {
  const ProgramAnswer answer = call_program({"sh", "-c", "echo out; echo err >&2; exit 7"});
  EXPECT_EQ(answer.exit_code, 7);
  EXPECT_EQ(answer.out, "out\n");
  EXPECT_EQ(answer.err, "err\n");
  EXPECT_EQ(call_program({"sh", "-c", "kill -9 $$"}).exit_code, 128 + 9);
}

TEST(ProgramCallTest, MuchIsReadWholeAndNothingIsThereToRead) {
  EXPECT_EQ(call_program({"sh", "-c", "yes | head -n 200000"}).out.size(), 400'000U);
  EXPECT_EQ(call_program({"cat"}).out, "");
}

TEST(ProgramCallTest, TheExitCodeIsToldAlsoWhereEndsOfChildrenAreIgnored) {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(call_program({"sh", "-c", "exit 7"}).exit_code, 7);
  EXPECT_EQ(std::signal(SIGCHLD, before), SIG_IGN);
}

TEST(ProgramCallTest, AClosedStandardStreamTakesNothingAway) {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const int kept = fcntl(stream, F_DUPFD_CLOEXEC, 10);
    close(stream);
    const ProgramAnswer answer = call_program({"sh", "-c", "echo out; echo err >&2; cat"});
    dup2(kept, stream);
    close(kept);
    EXPECT_EQ(answer.exit_code, 0) << stream;
    EXPECT_EQ(answer.out, "out\n") << stream;
    EXPECT_EQ(answer.err, "err\n") << stream;
  }
}

TEST(ProgramCallTest, AProgramThatIsNotThereIsSaidToBeSo) {
  EXPECT_THAT([] { call_program({"no-such-program"}); },
              ThrowsMessage<InputError>("no-such-program: cannot run: No such file or directory"));
}

}  // namespace
}  // namespace orrery
