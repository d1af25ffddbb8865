// SPDX-License-Identifier: Apache-2.0
#include "cli/measured_call.h"

#include <iterator>

#include "cli/measured_operators.h"
#include "sim/error.h"
#include "workloads/power_past.h"
#include "workloads/simulation.h"
#include "workloads/tensor_allocator.h"

namespace orrery {
namespace {

constexpr std::uint64_t kFlopOfOneCall = 500'000'000'000;

// What the calls before left behind: the oldest first.
void warm(Chip& chip, const Workload& workload, const std::vector<MeasuredCall>& calls) {
  for (const MeasuredCall& call : calls) {  // the first call's weights are the oldest
    const TensorId own = call.operators.back().inputs[1];
    if (workload.tensors[own].role == TensorRole::kWeight) {
      chip.preload(whole_tensor(workload.tensors[own]), false);
    }
  }
  for (const Tensor& tensor : workload.tensors) {
    if (tensor.role != TensorRole::kWeight) {
      chip.preload(whole_tensor(tensor), tensor.name == "y");
    }
  }
}

OperatorRun run_call(Chip& chip,
                     const Workload& workload,
                     const MeasuredCall& call,
                     const TileOverride& tile,
                     CallExplanation& explanation) {
  explanation = {};
  std::vector<std::unique_ptr<Kernel>> kernels;
  for (const Operator& op : call.operators) {
    const bool last = &op == &call.operators.back();
    LoweredOperator lowered = lower(workload, op, chip.config(), last ? tile : TileOverride{});
    explanation.add(lowered, chip.config());
    std::move(lowered.kernels.begin(), lowered.kernels.end(), std::back_inserter(kernels));
  }
  OperatorRun run = chip.run(kernels);
  explanation.run = run;
  return run;
}

// Brings the governor to where a series of calls like this one has brought it, if it has at all.
bool begins_slower(Chip& chip, const CallSeries& series, const OperatorRun& run) {
  OperatorActivity activity(*chip.config().power);
  activity.add(run, series.calls);
  activity.rest(series.rest_fs);
  PowerProtocol protocol = chip.power_protocol();
  protocol.mode = PowerMode::kSustained;
  protocol.past = settled_past(chip.config(), activity);
  if (clock_after(chip.config(), *protocol.past) == chip.config().core.clock_hz) {
    return false;
  }
  chip.set_power_protocol(protocol);
  return true;
}

// Some calls, one after another.
struct CallSums {
  Femtoseconds duration_fs = 0;
  double energy_fj = 0;
  double cycles = 0;  // mean clock x time

  void add(const OperatorRun& run) {
    duration_fs += run.duration_fs();
    energy_fj += static_cast<double>(run.total_energy_fj());
    cycles += static_cast<double>(run.mean_clock_hz) * static_cast<double>(run.duration_fs());
  }
  CallPower power() const {
    const auto time_fs = static_cast<double>(duration_fs);
    return {energy_fj / time_fs, static_cast<std::uint64_t>(cycles / time_fs)};  // fJ/fs are W
  }
};

}  // namespace

Femtoseconds measured_call_fs(Chip& chip,
                              const MeasuredRow& row,
                              const std::optional<CallSeries>& series,
                              const TileOverride& tile,
                              CallExplanation* explanation,
                              CallPower* power) {
  if (!row.compute_dtype) {
    throw InputError("no such dtype: " + row.dtype);
  }
  Workload workload;
  workload.name = row.text();
  const bool gemm = std::holds_alternative<GemmShape>(row.shape);
  const std::vector<MeasuredCall> calls = gemm ? measured_gemm(workload, row, chip.config())
                                               : measured_attention(workload, row, chip.config());
  check_fits(workload, chip.config().memory.capacity_bytes);
  allocate_tensors(workload);
  chip.forget_data();
  if (!row.flushed) {
    warm(chip, workload, calls);
  }
  std::uint64_t count = calls.front().flop() > kFlopOfOneCall ? 1 : 2;
  std::uint64_t next = 0;
  CallExplanation last;
  const auto call = [&] {
    if (row.flushed) {
      chip.forget_data();
    }
    return run_call(chip, workload, calls[next++ % calls.size()], tile, last);
  };
  if (chip.config().power && chip.power_protocol().mode == PowerMode::kSustained) {
    for (std::uint64_t i = 0; i < count; ++i) {
      call();
    }
  }
  OperatorRun run = call();
  if (chip.config().power && series && begins_slower(chip, *series, run)) {
    run = call();
    count = 1;  // these are long
  }
  CallSums sums;
  sums.add(run);
  for (std::uint64_t i = 1; i < count; ++i) {
    sums.add(call());
  }
  if (explanation != nullptr) {
    *explanation = std::move(last);
  }
  if (power != nullptr) {
    *power = sums.power();
  }
  return sums.duration_fs / count;
}

}  // namespace orrery
