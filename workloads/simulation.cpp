// SPDX-License-Identifier: Apache-2.0
#include "workloads/simulation.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "workloads/liveness.h"
#include "workloads/power_past.h"
#include "workloads/reuse.h"
#include "workloads/tensor_block.h"

namespace orrery {
namespace {

// Of sustained work: passes to find the clock at which it settles, how close that must come, and
// the part of the work (in percent of its estimated time) that tells.
constexpr int kMostPasses = 4;
constexpr std::uint64_t kSettledPart = 50;
constexpr std::uint64_t kTellingPercent = 95;

// A software-managed SRAM forgets what is dead. (The key-value cache is in memory, too.)
void release_dead(Chip& chip, const Workload& workload, const std::vector<TensorId>& dead) {
  for (const TensorId id : dead) {
    const Tensor& tensor = workload.tensors[id];
    chip.release(tensor.address, tensor.address + tensor.bytes());
  }
  const std::uint64_t workspace = workspace_address(workload);
  chip.release(workspace, ~std::uint64_t{0});
}

// What tasks that were left out would have written is there for the next operators, as far as it
// finds room. (A cache is aged instead, see ChipSampler.)
void complete_outputs(Chip& chip, const Workload& workload, const Operator& op) {
  if (chip.config().shared.kind != SharedMemoryKind::kSram) {
    return;
  }
  for (const TensorId id : op.outputs) {
    if (workload.tensors[id].role == TensorRole::kActivation) {
      chip.preload(whole_tensor(workload.tensors[id]), true, kManyReads);
    }
  }
}

// What lies in shared memory before the first operator: activations and caches that no operator
// makes, as far as they fit.
void preload_inputs(Chip& chip, const Workload& workload) {
  for (const TensorId id : inputs_from_outside(workload)) {
    chip.preload(whole_tensor(workload.tensors[id]), false);
  }
}

}  // namespace

Block whole_tensor(const Tensor& tensor) {
  return tensor_block(tensor, 0, tensor.rows, 0, tensor.columns);
}

namespace {

// No operator is faster: a roof, in a unit that is the same for all operators of a chip.
std::uint64_t roof_fs(const ChipConfig& chip, const Workload& workload, const Operator& op) {
  std::uint64_t bytes = 0;
  for (const auto* ids : {&op.inputs, &op.outputs}) {
    for (const TensorId id : *ids) {
      const Tensor& tensor = workload.tensors[id];
      bytes += tensor.role == TensorRole::kTable ? 0 : tensor.bytes();
    }
  }
  const double peak = chip.peak_flop_per_s(op.dtype);
  const double compute_s = peak > 0 ? static_cast<double>(op.flop()) / peak : 0;
  const double memory_s = static_cast<double>(bytes) / chip.peak_memory_bytes_per_s();
  return static_cast<std::uint64_t>(std::max(compute_s, memory_s) * 1e15);
}

// Whether sustained work runs at the clock at which it will have settled. Operators that are alike
// draw alike, so that the first ones of each kind tell of all.
class Settling {
 public:
  Settling(const ChipConfig& chip, const Workload& workload)
      : chip_(chip), classes_(operator_classes(workload)), kinds_(classes_.size()) {
    for (std::size_t i = 0; i < classes_.size(); ++i) {
      Kind& kind = kinds_[classes_[i]];
      ++kind.operators;
      const std::uint64_t time_fs = roof_fs(chip, workload, workload.operators[i]);
      kind.time_fs += time_fs;
      all_fs_ += time_fs;
    }
  }

  void restart() {
    seen_fs_ = 0;
    for (Kind& kind : kinds_) {
      kind.last.reset();
    }
  }
  void add(std::size_t index, const OperatorRun& run) {
    Kind& kind = kinds_[classes_[index]];
    seen_fs_ += kind.last ? 0 : kind.time_fs;
    kind.last = run;
  }
  bool tells() const { return seen_fs_ >= all_fs_ / 100 * kTellingPercent; }
  Activity past() const {
    OperatorActivity activity(*chip_.power);
    for (const Kind& kind : kinds_) {
      if (kind.last) {
        activity.add(*kind.last, kind.operators);
      }
    }
    return settled_past(chip_, activity);
  }

 private:
  struct Kind {
    std::uint64_t operators = 0;
    std::uint64_t time_fs = 0;  // of all of them
    std::optional<OperatorRun> last;
  };
  const ChipConfig& chip_;
  std::vector<std::uint32_t> classes_;
  std::vector<Kind> kinds_;
  std::uint64_t all_fs_ = 0;
  std::uint64_t seen_fs_ = 0;
};

bool is_close(std::uint64_t a_hz, std::uint64_t b_hz, std::uint64_t step_hz) {
  return std::max(a_hz, b_hz) - std::min(a_hz, b_hz) <= std::max(step_hz, a_hz / kSettledPart);
}

// Sums up what links carry, operator by operator.
class LinkTotals {
 public:
  explicit LinkTotals(const Chip& chip) : chip_(chip), seen_(chip.link_loads()), totals_(seen_) {
    for (LinkLoad& total : totals_) {
      total.request_bytes = total.response_bytes = 0;
      total.request_busy_fs = total.response_busy_fs = 0;
    }
  }

  // What they carried since the last call, for an operator that ran and stands for `count`.
  void add(const OperatorRun& run, std::uint64_t count) {
    std::vector<LinkLoad> now = chip_.link_loads();
    const double simulated = static_cast<double>(run.duration_fs() - run.credited_fs);
    const double all = static_cast<double>(run.duration_fs());
    const auto whole = [&](std::uint64_t amount) {
      return run.credited_fs == 0 || simulated <= 0
                 ? amount
                 : static_cast<std::uint64_t>(static_cast<double>(amount) * all / simulated);
    };
    for (std::size_t i = 0; i < totals_.size(); ++i) {
      const auto add_to = [&](std::uint64_t LinkLoad::*member) {
        totals_[i].*member += count * whole(now[i].*member - seen_[i].*member);
      };
      add_to(&LinkLoad::request_bytes);
      add_to(&LinkLoad::response_bytes);
      add_to(&LinkLoad::request_busy_fs);
      add_to(&LinkLoad::response_busy_fs);
    }
    seen_ = std::move(now);
  }
  std::vector<LinkLoad> take() { return std::move(totals_); }

 private:
  const Chip& chip_;
  std::vector<LinkLoad> seen_;
  std::vector<LinkLoad> totals_;
};

// How many operators each one that is simulated stands for, itself included.
std::vector<std::uint64_t> repeats(const std::vector<std::uint32_t>& sources) {
  std::vector<std::uint64_t> counts(sources.size());
  std::vector<std::uint32_t> simulated = sources;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    simulated[i] = sources[i] == i ? sources[i] : simulated[sources[i]];
    ++counts[simulated[i]];
  }
  return counts;
}

// `goes_on` is asked after each operator that was simulated; false: the rest is of no interest.
using GoesOn = std::function<bool(std::size_t, const OperatorRun&)>;

std::optional<SimulationResult> simulate_once(Chip& chip,
                                              const Workload& workload,
                                              const SimulationOptions& options,
                                              const GoesOn& goes_on) {
  const std::size_t count = workload.operators.size();
  std::vector<std::uint32_t> sources(count);
  if (options.reuse) {
    sources = reuse_sources(workload, chip.config().shared);
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      sources[i] = static_cast<std::uint32_t>(i);
    }
  }
  const std::vector<std::vector<TensorId>> dead = dead_after(workload);
  const std::vector<std::uint64_t> counts = repeats(sources);
  LinkTotals links(chip);
  const ChipConfig& compiled_for = options.compiled_for ? *options.compiled_for : chip.config();

  if (workload.warm_caches) {
    preload_inputs(chip, workload);
  }
  SimulationResult result;
  Femtoseconds clock_fs = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Operator& op = workload.operators[i];
    OperatorResult row;
    if (sources[i] == i) {
      if (options.progress) {
        options.progress(i, count, op.name);
      }
      LoweredOperator lowered = lower(workload, op, compiled_for, options.tile);
      row.run = chip.run(lowered.kernels, static_cast<std::uint32_t>(i));
      links.add(row.run, counts[i]);
      row.simulated_start_fs = row.run.start_fs;
      if (row.run.credited_fs > 0) {
        complete_outputs(chip, workload, op);
      }
      row.tile = std::move(lowered.tile);
      row.candidates = std::move(lowered.candidates);
      if (i + 1 < count) {
        release_dead(chip, workload, dead[i]);
      }
      if (!goes_on(i, row.run)) {
        return std::nullopt;
      }
    } else {
      row = result.operators[sources[i]];
      row.reused = true;
    }
    const Femtoseconds duration_fs = row.run.duration_fs();
    row.run.start_fs = clock_fs;
    row.run.end_fs = clock_fs += duration_fs;
    result.operators.push_back(std::move(row));
  }
  chip.drain();
  result.duration_fs = clock_fs;
  result.final_writeback_bytes = chip.flush_bytes();
  result.links = links.take();
  return result;
}

}  // namespace

SimulationResult simulate(Chip& chip, const Workload& workload, const SimulationOptions& options) {
  const PowerProtocol asked = chip.power_protocol();
  const bool is_new = chip.busy_until_fs() == 0 && chip.memory() != nullptr;
  if (!chip.config().power || asked.mode == PowerMode::kBurst || asked.past || !is_new) {
    return *simulate_once(chip, workload, options,
                          [](std::size_t, const OperatorRun&) { return true; });
  }
  // At another clock operators take other shares of the time and move data at another rate, so the
  // average is another one, too: what is expected of it may need to be corrected.
  Settling settling(chip.config(), workload);
  std::uint64_t clock_hz = chip.config().core.clock_hz;
  for (int pass = 1;; ++pass) {
    std::optional<Activity> past;  // to begin again with
    const auto look = [&] {
      const Activity settled = settling.past();
      if (pass < kMostPasses && !is_close(clock_hz, clock_after(chip.config(), settled),
                                          chip.config().power->clock_step_hz)) {
        past = settled;
      }
      return !past;
    };
    bool has_told = false;
    settling.restart();
    std::optional<SimulationResult> result =
        simulate_once(chip, workload, options, [&](std::size_t index, const OperatorRun& run) {
          settling.add(index, run);
          if (has_told || !settling.tells()) {
            return true;
          }
          has_told = true;
          return look();
        });
    if (result && look()) {
      return std::move(*result);
    }
    clock_hz = clock_after(chip.config(), *past);
    PowerProtocol sustained = asked;
    sustained.past = past;
    chip.reset();
    chip.set_power_protocol(sustained);
  }
}

}  // namespace orrery
