// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <string>
#include <utility>
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

// Every family of a library's kernels, on eight cores: more tasks than cores, and for the packed
// ones also the largest group on a grid of half of the cores.
void add_library_attention(std::vector<Workload>& all) {
  const auto add = [&](std::uint64_t batch, std::uint64_t queries, std::uint64_t keys,
                       std::uint64_t heads, std::uint64_t kv_heads, Dtype dtype, Dtype kv_dtype) {
    all.push_back(attention_workload({batch, queries, keys, heads, kv_heads, 128, true, kv_dtype}));
    all.back().operators[0].dtype = dtype;
    allocate_tensors(all.back());
  };
  add(4, 128, 128, 4, 2, Dtype::kBf16, Dtype::kBf16);
  add(1, 128, 128, 4, 2, Dtype::kFp8, Dtype::kFp8);
  for (const Dtype cache : {Dtype::kBf16, Dtype::kFp8}) {
    add(16, 1, 300, 4, 2, Dtype::kBf16, cache);
    add(1, 1, 256, 64, 2, Dtype::kBf16, cache);
  }
  add(16, 1, 8, 4, 4, Dtype::kBf16, Dtype::kBf16);
}

Workload quantize_workload() {
  Workload workload;
  workload.name = "quantize";
  workload.tensors = {tensor_of("x", 256, 1024, Dtype::kBf16),
                      tensor_of("y", 256, 1024, Dtype::kFp8)};
  Operator op;
  op.name = op.kind = "quantize";
  op.output_dtype = Dtype::kFp8;
  op.shape = RowwiseShape{.kind = RowwiseKind::kQuantize, .rows = 256, .columns = 1024};
  op.inputs = {0};
  op.outputs = {1};
  workload.operators = {op};
  allocate_tensors(workload);
  return workload;
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
  if (chip.software.attention) {
    add_library_attention(all);
  }
  all.push_back(rowwise_workload(RowwiseKind::kRmsNorm, "rms_norm", 256, 1024));
  all.push_back(rowwise_workload(RowwiseKind::kSiluGate, "silu_gate", 256, 1024));
  if (chip.software.quantize_8bit) {
    all.push_back(quantize_workload());
  }
  return all;
}

bool differ(const ChipRun& a, const ChipRun& b) {
  const auto energies = [](const ChipRun& run) {
    std::vector<EnergySplit> all;
    for (const OperatorResult& op : run.result.operators) {
      all.push_back(op.run.energy_fj);
    }
    return all;
  };
  return a.result.duration_fs != b.result.duration_fs || a.counters != b.counters ||
         energies(a) != energies(b);
}

// What the workloads do on a chip in one choice of tiers.
class Tier {
 public:
  // `part`: the paths whose numbers this tier is asked about.
  Tier(std::string part, std::string memory, std::string network)
      : part_(std::move(part)),
        overrides_{"memory.fidelity=" + memory, "network.fidelity=" + network} {}

  // Whether a workload runs otherwise than on the chip as it is.
  bool differs(const std::string& chip,
               const std::vector<std::string>& base,
               const std::vector<std::string>& changed,
               const std::vector<Workload>& workloads) {
    const ChipConfig config = load(chip, changed);
    for (std::size_t i = 0; i < workloads.size(); ++i) {
      if (base_.size() == i) {
        base_.push_back(run_on(load(chip, base), workloads[i]));
      }
      if (differ(run_on(config, workloads[i]), base_[i])) {
        return true;
      }
    }
    return false;
  }
  bool asks(const std::string& path) const { return path.starts_with(part_); }

 private:
  ChipConfig load(const std::string& chip, std::vector<std::string> overrides) const {
    overrides.insert(overrides.end(), overrides_.begin(), overrides_.end());
    return load_chip(chip, kConfigFolder, overrides);
  }

  std::string part_;
  std::vector<std::string> overrides_;
  std::vector<ChipRun> base_;  // of the first workloads, as far as they were needed
};

// A chip in all tiers. The detailed ones take longer and are only asked about their own numbers.
class Runs {
 public:
  Runs(const std::string& name, const std::vector<std::string>& overrides)
      : name_(name),
        overrides_(overrides),
        workloads_(small_workloads(load_chip(name, kConfigFolder, overrides))) {}

  // Whether other overrides change anything.
  bool differ_with(const std::vector<std::string>& changed, const std::string& path) {
    return std::any_of(tiers_.begin(), tiers_.end(), [&](Tier& tier) {
      return tier.asks(path) && tier.differs(name_, overrides_, changed, workloads_);
    });
  }

 private:
  std::string name_;
  std::vector<std::string> overrides_;
  std::vector<Workload> workloads_;
  std::vector<Tier> tiers_{{"network.router.", "fast", "detailed"},
                           {"", "fast", "fast"},
                           {"memory.", "detailed", "fast"}};
};

using Together = std::map<std::string, std::vector<std::string>>;

// Paths whose numbers do nothing to these workloads. Numbers that must fit each other are changed
// `together`.
std::vector<std::string> inert_knobs(const std::string& name,
                                     const std::vector<std::string>& smaller,
                                     const Together& together) {
  Runs runs(name, smaller);
  std::vector<std::string> inert;
  const ConfigNode root = load_config(kConfigFolder + "/chips/" + name + ".yaml", smaller);
  for (const auto& [path, value] : root.leaves()) {
    if (path.starts_with("fitted.") || path.starts_with("assumed.")) {
      continue;  // said of other numbers
    }
    if (path.starts_with("area.")) {
      continue;  // of the die, whose tests are those of power/ and arch/
    }
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
        matters = runs.differ_with(overrides, path);
      } catch (const InputError&) {
        continue;  // e.g. no longer a multiple of something: try the other way
      }
    }
    const auto others = together.find(path);
    if (is_number && !matters && others != together.end()) {
      matters = runs.differ_with(others->second, path);
    }
    if (is_number && !matters) {
      inert.push_back(path);
    }
  }
  return inert;
}

// Eight cores share no operand of a GEMM in clusters: looked at on all cores below.
const std::string kMaxCluster = "dispatch.max_cluster";
// Only says whether a workload fits, which is an error and not a time.
const std::string kCapacity = "memory.capacity";
// Where there is a shared memory, results of small workloads stay there: no writes queue up.
const std::string kWriteQueue = "memory.controller.write_queue";
const std::string kWriteBatch = "memory.write_batch";
// Only a library's unpacked decode does vector work in 16 bits.
const std::string kNarrowLanes = "core.vector.bf16";
// Stated beside results, but decides none.
const std::string kRatedClock = "core.rated_clock";
// Operands are random here; tests/property/workloads/power_test.cpp has zeros.
const std::string kZeros = "power.zeros";

TEST(InertKnobTest, EveryNumberOfMaia100Matters) {
  const std::vector<std::string> mesh{"network.columns=8", "network.cores_per_cluster=2",
                                      "shared_memory.banks=32"};
  const std::vector<std::string> clusters{"core.count=32", "network.cores_per_cluster=2"};
  const std::vector<std::string> pins{"memory.pin_rate=1.758 GHz", "memory.clock=0.879 GHz",
                                      "memory.timing.refi=3428 clk"};
  const Together together{
      {"core.count", clusters},
      {"network.cores_per_cluster", clusters},
      {"network.columns", mesh},
      {"network.rows", {"network.rows=8", "network.cores_per_cluster=2", "shared_memory.banks=32"}},
      {"shared_memory.banks", {"core.count=128", "network.columns=8", "shared_memory.banks=32"}},
      {"memory.pin_rate", pins},
      {"memory.clock", pins},
      {"power.voltage.1.clock",
       {"power.cap=135 W", "power.window=4 us", "power.voltage.1.clock=0.9 GHz"}},
  };
  // An override cannot shorten the list of the stacks' positions.
  // A cap that moves the clock over its whole range, and a window that such short work fills.
  EXPECT_EQ(
      inert_knobs("maia100", {"power.cap=135 W", "power.window=4 us"}, together),
      (std::vector<std::string>{kNarrowLanes, kWriteQueue, "memory.stacks", kCapacity, kZeros}));
  ChipConfig chip = load_chip("maia100", kConfigFolder);
  const std::vector<Workload> workloads = small_workloads(chip);
  const ChipRun base = run_on(chip, workloads.front());
  chip.memory.stacks = 2;
  chip.network.memory_positions.resize(2);
  EXPECT_TRUE(differ(run_on(chip, workloads.front()), base));
}

TEST(InertKnobTest, EveryNumberOfTinyMatters) {
  const std::vector<std::string> rate{"memory.pin_rate=2 GHz", "memory.clock=1 GHz",
                                      "memory.timing.refi=3900 clk"};
  const std::vector<std::string> channels{"memory.channels_per_stack=4", "memory.pins=512",
                                          "memory.stack_capacity=4 GiB"};
  EXPECT_EQ(inert_knobs("tiny", {},
                        {{"memory.pin_rate", rate},
                         {"memory.clock", rate},
                         {"memory.channels_per_stack", channels},
                         {"memory.pins", channels},
                         {"memory.stack_capacity", channels}}),
            (std::vector<std::string>{kNarrowLanes, kCapacity}));
}

TEST(InertKnobTest, EveryNumberOfNpu4Matters) {
  EXPECT_EQ(inert_knobs("npu4", {}, {}), (std::vector<std::string>{kNarrowLanes, kCapacity}));
}

TEST(InertKnobTest, EveryNumberOfH100Matters) {
  // Whether a kernel rotates says what a caller need not launch beside it.
  // No split sum of this model would take more than one wave of eight cores.
  EXPECT_EQ(inert_knobs(
                "h100-sxm",
                {"core.count=8", "power.cap=105 W", "power.peak=110 W", "power.window=40 us"}, {}),
            (std::vector<std::string>{kRatedClock, kMaxCluster, kWriteQueue, kCapacity, kWriteBatch,
                                      kZeros, "software.gemm.split_waves",
                                      "software.attention.packed_decode.rotary_head_dim",
                                      "software.attention.packed_narrow_decode.rotary_head_dim"}));
  const Workload gemm = gemm_workload({1, 2048, 2048, 2048}, Dtype::kBf16);
  EXPECT_TRUE(
      differ(run_on(load_chip("h100-sxm", kConfigFolder), gemm),
             run_on(load_chip("h100-sxm", kConfigFolder, {"dispatch.max_cluster=1"}), gemm)));
}

}  // namespace
}  // namespace orrery
