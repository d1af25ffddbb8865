// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/config_node.h"
#include "sim/error.h"
#include "tests/support/attention_workload.h"
#include "tests/support/chip_workload.h"

// Every number in a shipped chip matters: some change of it changes the time or a counter of some
// small workload. Most do when halved or doubled; a store that small workloads do not fill only
// when it is far smaller.
namespace orrery {
namespace {

struct Change {
  double factor = 1;
  double step = 0;
};
constexpr std::array<Change, 6> kChanges{{{0.5}, {2}, {4}, {1.0 / 64}, {1, 1}, {1, -1}}};

// "32 KiB" -> "64 KiB"; nothing for what is no number.
std::optional<std::string> changed(const std::string& value, const Change& change) {
  std::size_t digits = 0;
  while (digits < value.size() &&
         (std::isdigit(static_cast<unsigned char>(value[digits])) != 0 || value[digits] == '.')) {
    ++digits;
  }
  if (digits == 0) {
    return std::nullopt;
  }
  const double number = std::stod(value.substr(0, digits));
  const double other = number == 0 && change.step == 0 ? 100 : number * change.factor + change.step;
  if (other < 0) {
    return std::nullopt;
  }
  std::string text = std::to_string(other);
  while (text.back() == '0') {
    text.pop_back();
  }
  if (text.back() == '.') {
    text.pop_back();
  }
  return text + value.substr(digits);
}

std::vector<Workload> small_workloads(const ChipConfig& chip) {
  std::vector<Workload> all;
  for (std::size_t i = 0; i < kDtypeCount; ++i) {
    const auto dtype = static_cast<Dtype>(i);
    if (chip.core.tensor.rate(dtype) != 0) {
      all.push_back(gemm_workload({1, 512, 264, 1024}, dtype));
    }
  }
  const Dtype dtype = chip.core.tensor.rate(Dtype::kBf16) != 0 ? Dtype::kBf16 : Dtype::kFp16;
  all.push_back(gemm_workload({1, 1, 40, 5}, dtype));       // all padding
  all.push_back(gemm_workload({1, 16, 32, 16384}, dtype));  // split along k
  all.push_back(gemm_workload({1, 2048, 2048, 2048}, dtype));
  AttentionShape shape;
  shape.batch = 1;
  shape.seq_q = shape.seq_kv = 128;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_dim = 64;
  all.push_back(attention_workload(shape));
  allocate_tensors(all.back());
  all.push_back(rowwise_workload(RowwiseKind::kRmsNorm, "rms_norm", 256, 1024));
  all.push_back(rowwise_workload(RowwiseKind::kSiluGate, "silu_gate", 256, 1024));
  return all;
}

std::vector<ChipRun> runs_on(const ChipConfig& chip, const std::vector<Workload>& workloads) {
  std::vector<ChipRun> runs;
  for (const Workload& workload : workloads) {
    runs.push_back(run_on(chip, workload));
  }
  return runs;
}

bool differ(const ChipConfig& chip,
            const std::vector<Workload>& workloads,
            const std::vector<ChipRun>& base) {
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    const ChipRun run = run_on(chip, workloads[i]);
    if (run.result.duration_fs != base[i].result.duration_fs || run.counters != base[i].counters) {
      return true;
    }
  }
  return false;
}

// Paths whose numbers do nothing to these workloads.
std::vector<std::string> inert_knobs(const std::string& name,
                                     const std::vector<std::string>& smaller) {
  const ChipConfig chip = load_chip(name, kConfigFolder, smaller);
  const std::vector<Workload> workloads = small_workloads(chip);
  const std::vector<ChipRun> base = runs_on(chip, workloads);
  std::vector<std::string> inert;
  const ConfigNode root = load_config(kConfigFolder + "/chips/" + name + ".yaml", smaller);
  for (const auto& [path, value] : root.leaves()) {
    bool matters = false;
    bool is_number = false;
    for (const Change& change : kChanges) {
      const std::optional<std::string> other = changed(value, change);
      if (!other || matters) {
        continue;
      }
      is_number = true;
      std::vector<std::string> overrides = smaller;
      overrides.push_back(path + "=" + *other);
      try {
        matters = differ(load_chip(name, kConfigFolder, overrides), workloads, base);
      } catch (const InputError&) {
        continue;  // e.g. no longer a multiple of something: try the other way
      }
    }
    if (is_number && !matters) {
      inert.push_back(path);
    }
  }
  return inert;
}

// Only says whether a workload fits, which is an error and not a time.
const std::string kCapacity = "memory.capacity";
// No kernel does vector work in 16 bits yet.
const std::string kNarrowLanes = "core.vector.bf16";

// Numbers that must fit each other are changed together.
const std::map<std::string, std::vector<std::string>>& together() {
  static const std::map<std::string, std::vector<std::string>> all{
      {"core.count", {"core.count=32", "network.cores_per_cluster=2"}},
      {"network.cores_per_cluster", {"core.count=32", "network.cores_per_cluster=2"}},
      {"network.columns",
       {"network.columns=8", "network.cores_per_cluster=2", "shared_memory.banks=32"}},
      {"network.rows", {"network.rows=8", "network.cores_per_cluster=2", "shared_memory.banks=32"}},
      {"shared_memory.banks", {"core.count=128", "network.columns=8", "shared_memory.banks=32"}},
  };
  return all;
}

TEST(InertKnobTest, EveryNumberOfMaia100Matters) {
  const std::vector<std::string> inert = inert_knobs("maia100", {});
  const ChipConfig chip = load_chip("maia100", kConfigFolder);
  const std::vector<Workload> workloads = small_workloads(chip);
  const std::vector<ChipRun> base = runs_on(chip, workloads);
  std::vector<std::string> rest;
  for (const std::string& path : inert) {
    const auto shape = together().find(path);
    if (shape == together().end() ||
        !differ(load_chip("maia100", kConfigFolder, shape->second), workloads, base)) {
      rest.push_back(path);
    }
  }
  // An override cannot shorten the list of the stacks' positions.
  EXPECT_EQ(rest, (std::vector<std::string>{kNarrowLanes, "memory.stacks", kCapacity}));
  ChipConfig two_stacks = chip;
  two_stacks.memory.stacks = 2;
  two_stacks.network.memory_positions.resize(2);
  EXPECT_TRUE(differ(two_stacks, workloads, base));
}

TEST(InertKnobTest, EveryNumberOfTinyMatters) {
  EXPECT_EQ(inert_knobs("tiny", {}), (std::vector<std::string>{kNarrowLanes, kCapacity}));
}

TEST(InertKnobTest, EveryNumberOfNpu4Matters) {
  EXPECT_EQ(inert_knobs("npu4", {}), (std::vector<std::string>{kNarrowLanes, kCapacity}));
}

TEST(InertKnobTest, EveryNumberOfH100Matters) {
  EXPECT_EQ(inert_knobs("h100-sxm", {"core.count=8"}),
            (std::vector<std::string>{kNarrowLanes, kCapacity}));
}

}  // namespace
}  // namespace orrery
