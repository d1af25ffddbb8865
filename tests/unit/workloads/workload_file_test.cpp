// SPDX-License-Identifier: Apache-2.0
#include "workloads/workload_file.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"
#include "workloads/named_file.h"
#include "workloads/trace.h"
#include "workloads/trace_csv.h"

namespace orrery {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kConfigs = ORRERY_SOURCE_DIR "/configs";

class WorkloadFileTest : public ::testing::Test {
 protected:
  WorkloadFileTest() {
    folder_ = std::filesystem::temp_directory_path() /
              ("orrery-workload-file-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  ~WorkloadFileTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path) << text;
    return path;
  }
  static std::string error_of(const std::string& path,
                              const std::vector<std::string>& overrides = {}) {
    try {
      load_workload(path, kConfigs, overrides);
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }

  std::filesystem::path folder_;
};

TEST_F(WorkloadFileTest, EveryShippedWorkloadLoads) {
  const auto names = list_named_files({"workload", kConfigs + "/workloads", {".yaml", ".csv"}});
  EXPECT_GE(names.size(), 7U);
  for (const std::string& name : names) {
    EXPECT_GT(load_workload(name, kConfigs).operators.size(), 0U) << name;
  }
}

TEST_F(WorkloadFileTest, TheMainJobIsWhatItSays) {
  const Workload prefill = load_workload("llama-3.1-8b-prefill", kConfigs);
  EXPECT_EQ(prefill.name, "llama-3.1-8b-prefill");
  EXPECT_EQ(prefill.phase, "prefill");
  EXPECT_EQ(prefill.batch, 1U);
  EXPECT_EQ(prefill.new_tokens, 2048U);
  EXPECT_FALSE(prefill.warm_caches);
  const Workload decode = load_workload("llama-3.1-8b-decode", kConfigs);
  EXPECT_EQ(decode.phase, "decode");
  EXPECT_EQ(decode.batch, 32U);
  EXPECT_EQ(decode.context, 2048U);
  EXPECT_EQ(decode.new_tokens, 32U);
}

TEST_F(WorkloadFileTest, OverridesAreCheckedLikeAFile) {
  const Workload work =
      load_workload("llama-3.1-8b-decode", kConfigs, {"batch=4", "kv_dtype=fp8", "caches=warm"});
  EXPECT_EQ(work.batch, 4U);
  EXPECT_TRUE(work.warm_caches);
  EXPECT_THAT(error_of("llama-3.1-8b-decode", {"btach=4"}), HasSubstr("btach"));
  EXPECT_THAT(error_of("llama-3.1-8b-decode", {"phase=decoding"}),
              HasSubstr("expected one of: prefill, decode"));
  EXPECT_THAT(error_of("example-trace", {"batch=4"}), HasSubstr("is CSV"));
  EXPECT_EQ(std::get<GemmShape>(
                load_workload("gemm-4096", kConfigs, {"operators.0.m=7"}).operators[0].shape)
                .m,
            7U);
}

TEST_F(WorkloadFileTest, SourceTextGivesTheSameWorkloadAgain) {
  for (const char* name : {"llama-3.1-8b-decode", "gemm-4096", "attention-decode"}) {
    const Workload work = load_workload(name, kConfigs);
    const Workload again = load_workload(write(std::string(name) + ".yaml", work.source_text), "/");
    EXPECT_EQ(again.name, work.name);
    EXPECT_EQ(again.source_text, work.source_text);
    EXPECT_EQ(write_trace_csv(trace_of(again)), write_trace_csv(trace_of(work)));
  }
}

TEST_F(WorkloadFileTest, CommandLineAndFileMeanTheSame) {
  const Workload file = load_workload("llama-3.1-8b-decode", kConfigs);
  ModelRun run{.phase = Phase::kDecode, .batch = 32, .context = 2048};
  const Workload options = load_model_workload("llama-3.1-8b", kConfigs, run);
  EXPECT_EQ(options.name, "llama-3.1-8b-decode");
  EXPECT_EQ(options.source_text, file.source_text);
  EXPECT_EQ(options.tensors.size(), file.tensors.size());
}

TEST_F(WorkloadFileTest, AModelIsFoundBesideTheFile) {
  std::filesystem::copy_file(kConfigs + "/models/llama-3.1-70b.json", folder_ / "mine.json");
  const std::string path =
      write("w.yaml", "model: mine.json\nphase: prefill\nbatch: 1\ncontext: 8\n");
  EXPECT_EQ(load_workload(path, kConfigs).operators.size(), 1U + 80 * 11 + 2);
}

TEST_F(WorkloadFileTest, BadFilesAreLocated) {
  EXPECT_THAT(error_of("gemm-4097"), HasSubstr("did you mean 'gemm-4096'?"));
  EXPECT_THAT(error_of((folder_ / "none.yaml").string()), HasSubstr("no such workload file"));
  EXPECT_THAT(error_of(write("a.yaml", "phase: prefill\n")),
              AllOf(HasSubstr("a.yaml:1:1"), HasSubstr("'model' or a list 'operators'")));
  EXPECT_THAT(error_of(write("b.yaml", "model: lama\nphase: prefill\nbatch: 1\ncontext: 8\n")),
              AllOf(HasSubstr("b.yaml:1:8"), HasSubstr("no model 'lama'")));
  EXPECT_THAT(error_of(write("c.yaml", "model: llama-3.1-8b\nphase: prefill\nbatch: 0\n")),
              AllOf(HasSubstr("c.yaml:3:8"), HasSubstr("'batch' is '0'")));
  EXPECT_THAT(
      error_of(write("d.yaml", "model: llama-3.1-8b\nphase: prefill\nbatch: 1\ncontxt: 8\n")),
      HasSubstr("contxt"));
  EXPECT_THAT(error_of(write("e.yaml",
                             "model: llama-3.1-8b\nphase: prefill\nbatch: 1\n"
                             "context: 18446744073709551615\n")),
              AllOf(HasSubstr("e.yaml:"), HasSubstr("18446744073709551615")));
  EXPECT_THAT(error_of(write("f.yaml", "model: llama-3.1-8b\noperators: []\n")),
              HasSubstr("f.yaml:"));
}

}  // namespace
}  // namespace orrery
