// SPDX-License-Identifier: Apache-2.0
#include "sweep/slurm_sweep.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "results/sweep_file.h"
#include "sim/error.h"
#include "sweep/submission.h"
#include "tests/support/fake_programs.h"
#include "tests/support/sweep_plan.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::ThrowsMessage;

// Slurm is make-believe: jobs 1, 2, ... of the scripts that a test writes.
class SlurmSweepTest : public ::testing::Test {
 protected:
  SlurmSweepTest()
      : folder_(scratch_.file("it's $(mine)")),
        sweep_(prepare_sweep(tiny_plan(scratch_,
                                       "name: \"'; touch pwned; '\"\n"
                                       "axes: {core.clock: [1 GHz, 1.5 GHz, 2 GHz]}\n"),
                             false,
                             [](std::size_t, std::size_t) {})) {
    folder_.make();
    programs_.write("sbatch", "n=$(cat " + counter() + " 2> /dev/null || echo 0)\n" +
                                  "n=$((n + 1)); echo $n | tee " + counter());
    programs_.write("squeue", "exit 1");
    programs_.write("scancel", "");
  }
  std::string counter() const { return scratch_.file("jobs"); }
  SubmittedJobs submit(SlurmOptions options = {}) {
    return submit_sweep(sweep_, folder_, {}, options);
  }
  fs::path submission(int number) const {
    return fs::canonical(folder_.path()) / "slurm" / std::to_string(number);
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(
        std::distance(fs::recursive_directory_iterator(folder_.path()), {}));
  }

  ScratchFolder scratch_;
  FakePrograms programs_;
  SweepFolder folder_;
  PreparedSweep sweep_;
};

TEST_F(SlurmSweepTest, AnArrayAndAJobBehindItAreSubmitted) {
  const SubmittedJobs jobs = submit({"cpu", 4, 3});
  EXPECT_EQ(jobs.points, 6U);
  EXPECT_EQ(jobs.chunks, 4U);
  EXPECT_EQ(jobs.array, "1");
  EXPECT_EQ(jobs.collection, "2");
  EXPECT_EQ(jobs.folder, submission(1));
  const std::string arguments = programs_.arguments("sbatch");
  EXPECT_THAT(arguments, HasSubstr("--array=0-3\n--partition=cpu\n"));
  EXPECT_THAT(arguments, HasSubstr("--cpus-per-task=3\n"));
  EXPECT_THAT(arguments, HasSubstr("--dependency=afterany:1\n--partition=cpu\n"));
  EXPECT_THAT(arguments, HasSubstr("--job-name=orrery-___touch_pwned___\n"));
  EXPECT_EQ(read_sweep(folder_.points_file()).point_count(), 6U);
  const Submission read = read_submission(submission_file(submission(1)));
  EXPECT_THAT(read.chunks, SizeIs(4));
  EXPECT_EQ(read.jobs, 3U);
  EXPECT_EQ(sweep_of(submission(1)).path(), fs::canonical(folder_.path()));
  EXPECT_EQ(sweep_of(submission(1) / "").path(), fs::canonical(folder_.path()));
}

TEST_F(SlurmSweepTest, NoPathAndNoNameIsPartOfAScript) {
  submit();
  for (const char* const script : {"chunk.sh", "collect.sh"}) {
    const std::string text = file_text(submission(1) / script);
    EXPECT_THAT(text, Not(HasSubstr("mine")));
    EXPECT_THAT(text, Not(HasSubstr("pwned")));
    EXPECT_THAT(text, HasSubstr("exec \"$1\" sweep --"));
  }
}

TEST_F(SlurmSweepTest, ChunksAreSomeDozensOfPointsUnlessAsked) {
  EXPECT_EQ(submit().chunks, 1U);
  EXPECT_EQ(submit({"", 1000, 1}).chunks, 6U);
}

TEST_F(SlurmSweepTest, ARefusalLeavesNothing) {
  const std::size_t before = entries();
  programs_.write("sbatch", "echo 'sbatch: error: no' >&2; exit 1");
  EXPECT_THAT([&] { submit(); },
              ThrowsMessage<InputError>("sbatch refuses: error: no (exit code 1)"));
  EXPECT_EQ(entries(), before);
  EXPECT_FALSE(folder_.has_points());
}

TEST_F(SlurmSweepTest, WithoutItsCollectionTheArrayIsCancelled) {
  const std::size_t before = entries();
  programs_.write("sbatch", "case \"$*\" in *--dependency*) exit 1;; esac; echo 41");
  EXPECT_THAT([&] { submit(); }, ThrowsMessage<InputError>(HasSubstr("sbatch refuses")));
  EXPECT_EQ(programs_.arguments("scancel"), "41\n");
  EXPECT_EQ(entries(), before);
}

TEST_F(SlurmSweepTest, AnArrayThatCannotBeCancelledIsToldOf) {
  programs_.write("sbatch", "case \"$*\" in *--dependency*) exit 1;; esac; echo 41");
  programs_.write("scancel", "echo 'scancel: error: no controller' >&2; exit 1");
  EXPECT_THAT([&] { submit(); },
              ThrowsMessage<InputError>(AllOf(
                  HasSubstr("sbatch refuses"),
                  HasSubstr("; scancel fails: error: no controller (exit code 1), so do `scancel "
                            "41` by hand"))));
}

TEST_F(SlurmSweepTest, SubmissionsThatCannotBeListedAreNotTakenForNone) {
  std::ofstream(folder_.submissions()) << "not a folder";
  EXPECT_THAT([&] { submit(); }, ThrowsMessage<InputError>(HasSubstr("slurm: cannot read: ")));
}

TEST_F(SlurmSweepTest, WhatIsFinishedIsNotSubmittedAgain) {
  submit();
  {
    ShardWriter shard(folder_.shards());
    for (const std::size_t point : {0U, 1U, 4U}) {
      shard.append({sweep_.points.identities[point], PointStatus::kComplete, "", {}});
    }
    shard.append({sweep_.points.identities[2], PointStatus::kFailed, "it died", {}});
  }
  const SubmittedJobs again = submit({"", 2, 1});
  EXPECT_EQ(again.points, 3U);
  EXPECT_EQ(again.folder, submission(2));
  std::vector<std::string> identities;
  for (const auto& chunk : read_submission(submission_file(submission(2))).chunks) {
    for (const SubmittedPoint& point : chunk) {
      identities.push_back(point.identity);
    }
  }
  const std::vector<std::string>& all = sweep_.points.identities;
  EXPECT_EQ(identities, (std::vector<std::string>{all[2], all[3], all[5]}));
  ShardWriter shard(folder_.shards());
  for (const std::string& identity : identities) {
    shard.append({identity, PointStatus::kComplete, "", {}});
  }
  const SubmittedJobs none = submit();
  EXPECT_EQ(none.points, 0U);
  EXPECT_EQ(none.array, "");
  EXPECT_FALSE(fs::exists(submission(3)));
}

TEST_F(SlurmSweepTest, JobsThatAreQueuedAreNotSubmittedTwice) {
  submit();
  programs_.write("squeue", "echo \"" + std::string("$FOLDER") + "\"");
  ::setenv("FOLDER", submission(1).c_str(), 1);
  EXPECT_THAT([&] { submit(); },
              ThrowsMessage<InputError>(HasSubstr("job 1 of this sweep is still queued; wait for "
                                                  "it, or scancel 1")));
  ::setenv("FOLDER", "/another/slurm/1", 1);  // jobs of an earlier life of the controller
  EXPECT_EQ(submit().array, "3");
  ::unsetenv("FOLDER");
}

TEST_F(SlurmSweepTest, ABackslashIsRefusedForSlurmDropsIt) {
  const SweepFolder odd(scratch_.file("a\\b"));
  odd.make();
  EXPECT_THAT([&] { submit_sweep(sweep_, odd, {}, {}); },
              ThrowsMessage<InputError>(HasSubstr("a path with a backslash")));
}

}  // namespace
}  // namespace orrery
