// SPDX-License-Identifier: Apache-2.0
#include "sweep/slurm.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "tests/support/fake_programs.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

SlurmJob some_job() {
  SlurmJob job;
  job.name = "orrery-x";
  job.script = "/d/slurm/1/chunk.sh";
  job.arguments = {"/bin/orrery", "/d/it's $(here)/slurm/1"};
  job.folder = "/d/100% mine/slurm/1";
  job.log = "chunk-%a.log";
  job.array = 12;
  job.cpus = 4;
  job.partition = "cpu";
  return job;
}

TEST(SlurmTest, AnArrayIsWhatSbatchIsAskedFor) {
  EXPECT_THAT(
      sbatch_words(some_job()),
      ElementsAre("sbatch", "--parsable", "--job-name=orrery-x", "--array=0-11", "--partition=cpu",
                  "--requeue", "--open-mode=append", "--nodes=1", "--ntasks=1", "--cpus-per-task=4",
                  "--chdir=/d/100% mine/slurm/1", "--output=/d/100%% mine/slurm/1/chunk-%a.log",
                  "/d/slurm/1/chunk.sh", "/bin/orrery", "/d/it's $(here)/slurm/1"));
}

TEST(SlurmTest, AJobBehindAnotherRunsWhateverBecameOfThat) {
  SlurmJob job = some_job();
  job.array = 0;
  job.after = "77";
  job.partition.clear();
  const std::vector<std::string> words = sbatch_words(job);
  EXPECT_THAT(words, IsSupersetOf({"--dependency=afterany:77"}));
  for (const std::string& word : words) {
    EXPECT_THAT(word, Not(StartsWith("--array")));
    EXPECT_THAT(word, Not(StartsWith("--partition")));
  }
}

TEST(SlurmTest, TheNumberOfTheJobIsWhatSbatchAnswers) {
  const FakePrograms programs;
  programs.write("sbatch", "echo 123");
  EXPECT_EQ(submit_job(some_job()), "123");
  EXPECT_THAT(programs.arguments("sbatch"), HasSubstr("\n/d/it's $(here)/slurm/1\n"));
  programs.write("sbatch", "echo '124;east'");
  EXPECT_EQ(submit_job(some_job()), "124");
}

TEST(SlurmTest, ARefusalIsToldInOneLine) {
  const FakePrograms programs;
  programs.write("sbatch",
                 "echo 'sbatch: error: invalid partition specified: cpu' >&2\n"
                 "echo 'sbatch: error: Batch job submission failed' >&2\nexit 1");
  EXPECT_THAT([] { submit_job(some_job()); },
              ThrowsMessage<InputError>("sbatch refuses: error: invalid partition specified: cpu; "
                                        "error: Batch job submission failed (exit code 1)"));
  programs.write("sbatch", "exit 3");
  EXPECT_THAT([] { check_slurm(); },
              ThrowsMessage<InputError>("sbatch refuses: it says nothing (exit code 3)"));
}

TEST(SlurmTest, RubbishIsNoJob) {
  const FakePrograms programs;
  for (const char* const rubbish :
       {"echo Submitted batch job 7", "echo", "true", "echo 7x", "echo -- -1", "echo ';7'"}) {
    programs.write("sbatch", rubbish);
    EXPECT_THAT([] { submit_job(some_job()); },
                ThrowsMessage<InputError>(HasSubstr("expected the number of a job")))
        << rubbish;
  }
}

TEST(SlurmTest, AMachineWithoutSlurmIsToldWhatIsMissing) {
  const FakePrograms programs;
  programs.hide_others();
  EXPECT_THAT([] { check_slurm(); },
              ThrowsMessage<InputError>("sbatch: cannot run: No such file or directory; --slurm "
                                        "needs Slurm's commands on the PATH"));
}

TEST(SlurmTest, AJobIsQueuedWhereItsFolderIsTheSame) {
  const FakePrograms programs;
  programs.write("squeue", "echo /d/slurm/1; echo /d/slurm/1");
  EXPECT_TRUE(is_queued("12", "/d/slurm/1"));
  EXPECT_THAT(programs.arguments("squeue"), HasSubstr("--jobs=12\n"));
  EXPECT_FALSE(is_queued("12", "/d/slurm"));
  EXPECT_FALSE(is_queued("12", "/slurm/1"));
  EXPECT_FALSE(is_queued("12 --all", "/d/slurm/1"));
  programs.write("squeue", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
  EXPECT_FALSE(is_queued("12", "/d/slurm/1"));
}

}  // namespace
}  // namespace orrery
