// SPDX-License-Identifier: Apache-2.0
#include "workloads/simulation.h"

#include <algorithm>

#include "power/governor.h"
#include "workloads/power_past.h"
#include "workloads/reuse.h"
#include "workloads/tensor_block.h"

namespace orrery {
namespace {

// Of sustained work: passes to find the clock at which it settles, and how close that must come.
constexpr int kMostPasses = 4;
constexpr std::uint64_t kSettledPart = 50;

// For each tensor the index of the last operator that touches it.
std::vector<std::size_t> last_uses(const Workload& workload) {
  std::vector<std::size_t> last(workload.tensors.size(), 0);
  for (std::size_t i = 0; i < workload.operators.size(); ++i) {
    for (const TensorId id : workload.operators[i].inputs) {
      last[id] = i;
    }
    for (const TensorId id : workload.operators[i].outputs) {
      last[id] = i;
    }
  }
  return last;
}

// What no operator from here on reads again is dead in a software-managed SRAM (the key-value cache
// is in memory too). The last operator's results live on.
void release_dead(Chip& chip,
                  const Workload& workload,
                  const std::vector<std::size_t>& last,
                  std::size_t index) {
  if (index + 1 == workload.operators.size()) {
    return;
  }
  for (TensorId id = 0; id < workload.tensors.size(); ++id) {
    const Tensor& tensor = workload.tensors[id];
    if (last[id] == index) {
      chip.release(tensor.address, tensor.address + tensor.bytes());
    }
  }
  const std::uint64_t workspace = workspace_address(workload);
  chip.release(workspace, ~std::uint64_t{0});
}

// What lies in shared memory before the first operator: activations and caches that no operator
// makes, as far as they fit.
void preload_inputs(Chip& chip, const Workload& workload) {
  std::vector<bool> known(workload.tensors.size(), false);
  for (const Operator& op : workload.operators) {
    for (const TensorId id : op.inputs) {
      const TensorRole role = workload.tensors[id].role;
      if (!known[id] && (role == TensorRole::kActivation || role == TensorRole::kKvCache)) {
        chip.preload(whole_tensor(workload.tensors[id]), false);
      }
      known[id] = true;
    }
    for (const TensorId id : op.outputs) {
      known[id] = true;
    }
  }
}

}  // namespace

Block whole_tensor(const Tensor& tensor) {
  return tensor_block(tensor, 0, tensor.rows, 0, tensor.columns);
}

namespace {

// The clock at which a chip goes on that has done this for long.
std::uint64_t clock_after(const ChipConfig& chip, const Activity& past) {
  PowerProtocol protocol;
  protocol.past = past;
  return Governor(*chip.power, chip.core.clock_hz, protocol).step_hz();
}

Activity half_way(const Activity& a, const Activity& b) {
  return {(a.core_uw + b.core_uw) / 2, (a.other_uw + b.other_uw) / 2};
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

SimulationResult simulate_once(Chip& chip,
                               const Workload& workload,
                               const SimulationOptions& options) {
  const std::size_t count = workload.operators.size();
  std::vector<std::uint32_t> sources(count);
  if (options.reuse) {
    sources = reuse_sources(workload, chip.config().shared.capacity_bytes);
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      sources[i] = static_cast<std::uint32_t>(i);
    }
  }
  const std::vector<std::size_t> last = last_uses(workload);
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
      row.tile = std::move(lowered.tile);
      row.candidates = std::move(lowered.candidates);
      release_dead(chip, workload, last, i);
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
  const bool is_new = chip.busy_until_fs() == 0 && chip.memory() != nullptr;
  SimulationResult result = simulate_once(chip, workload, options);
  const PowerProtocol& protocol = chip.power_protocol();
  if (!chip.config().power || protocol.mode == PowerMode::kBurst || protocol.past || !is_new) {
    return result;
  }
  // At another clock operators take other shares of the time and move data at another rate, so the
  // average is another one, too. From the third pass on it is met half way: it may swing.
  const PowerProtocol asked = protocol;
  std::uint64_t clock_hz = chip.config().core.clock_hz;
  std::optional<Activity> past;
  for (int pass = 1; pass < kMostPasses; ++pass) {
    const Activity seen = mean_activity(result.operators, *chip.config().power);
    past = past ? half_way(*past, seen) : seen;
    const std::uint64_t next_hz = clock_after(chip.config(), seen);
    const std::uint64_t change_hz = std::max(clock_hz, next_hz) - std::min(clock_hz, next_hz);
    if (change_hz <= clock_hz / kSettledPart) {
      break;
    }
    clock_hz = clock_after(chip.config(), *past);
    PowerProtocol sustained = asked;
    sustained.past = past;
    chip.reset();
    chip.set_power_protocol(sustained);
    result = simulate_once(chip, workload, options);
  }
  return result;
}

}  // namespace orrery
