// SPDX-License-Identifier: Apache-2.0
#include "cli/measured_call.h"

#include <algorithm>
#include <iterator>

#include "sim/error.h"
#include "workloads/simulation.h"
#include "workloads/tensor_allocator.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMostCopies = 5;
constexpr std::uint64_t kFlopOfOneCall = 500'000'000'000;
constexpr int kMostRounds = 3;  // after the first
constexpr std::uint64_t kWindowsOfALongCall = 16;

// A call in the making: operators that run together, over tensors of a workload.
struct Call {
  std::vector<Operator> operators;
  std::uint64_t flop() const { return operators.back().flop(); }
};

TensorId add_tensor(Workload& workload, Tensor tensor) {
  workload.tensors.push_back(std::move(tensor));
  return static_cast<TensorId>(workload.tensors.size() - 1);
}

std::uint64_t copies_that_fit(const Workload& workload, const Tensor& w, std::uint64_t capacity) {
  const std::uint64_t others = memory_need(workload).total_bytes();
  const std::uint64_t left = capacity > others ? capacity - others : 0;
  const std::uint64_t each = w.bytes() + 2 * kTensorAlignmentBytes;
  return std::clamp<std::uint64_t>(left / each, 1, kMostCopies);
}

// A call for each copy of the weights.
std::vector<Call> gemm_calls(Workload& workload, const MeasuredRow& row, const ChipConfig& chip) {
  const GemmShape& shape = std::get<GemmShape>(row.shape);
  const Dtype dtype = *row.compute_dtype;
  const bool narrow = bits_of(dtype) < bits_of(Dtype::kBf16);
  Tensor given{"x", shape.m, shape.k, Dtype::kBf16, TensorRole::kActivation};
  given.dtype = narrow ? Dtype::kBf16 : dtype;
  const TensorId wide_x = add_tensor(workload, given);
  TensorId x = wide_x;
  if (narrow) {
    x = add_tensor(workload, {"x.narrow", shape.m, shape.k, dtype, TensorRole::kActivation});
  }
  const TensorId y =
      add_tensor(workload, {"y", shape.m, shape.n, given.dtype, TensorRole::kActivation});
  const Tensor w{"w", shape.n, shape.k, dtype, TensorRole::kWeight};
  const std::uint64_t copies = copies_that_fit(workload, w, chip.memory.capacity_bytes);
  std::vector<Call> calls(copies);
  for (Call& call : calls) {
    if (narrow) {
      call.operators.push_back({"quantize",
                                "quantize",
                                RowwiseShape{RowwiseKind::kQuantize, shape.m, shape.k},
                                given.dtype,
                                dtype,
                                {wide_x},
                                {x}});
    }
    call.operators.push_back(
        {"gemm", "gemm", shape, dtype, given.dtype, {x, add_tensor(workload, w)}, {y}});
  }
  return calls;
}

std::vector<Call> attention_calls(Workload& workload, const MeasuredRow& row) {
  const AttentionShape& shape = std::get<AttentionShape>(row.shape);
  const Dtype dtype = *row.compute_dtype;
  const bool narrow = bits_of(dtype) < bits_of(Dtype::kBf16);
  const Dtype wide = narrow ? Dtype::kBf16 : dtype;
  const std::uint64_t tokens = shape.batch * shape.seq_q;
  const std::uint64_t columns = (shape.heads + 2 * shape.kv_heads) * shape.head_dim;
  workload.batch = shape.batch;  // how the rotary's rows divide into sequences
  const TensorId qkv =
      add_tensor(workload, {"qkv", tokens, columns, wide, TensorRole::kActivation});
  TensorId q = qkv;
  if (narrow) {  // the rotary would write it; it is as long as what the rotary writes in place
    q = add_tensor(workload,
                   {"q", tokens, shape.heads * shape.head_dim, dtype, TensorRole::kActivation});
  }
  const Tensor cache{"cache", shape.batch * shape.seq_kv, shape.kv_heads * shape.head_dim,
                     shape.kv_dtype, TensorRole::kKvCache};
  const TensorId k = add_tensor(workload, cache);
  const TensorId v = add_tensor(workload, cache);
  const TensorId y = add_tensor(
      workload, {"y", tokens, shape.heads * shape.head_dim, wide, TensorRole::kActivation});
  RowwiseShape rotary{RowwiseKind::kRotary, tokens, columns};
  rotary.heads = shape.heads;
  rotary.kv_heads = shape.kv_heads;
  rotary.head_dim = shape.head_dim;
  Call call;
  call.operators.push_back({"rotary", "rotary", rotary, wide, wide, {qkv}, {qkv, k, v}});
  call.operators.push_back({"attention", "attention", shape, dtype, wide, {q, k, v}, {y}});
  return {call};
}

// What the calls before left behind: the oldest first.
void warm(Chip& chip, const Workload& workload, const std::vector<Call>& calls) {
  for (const Call& call : calls) {  // the first call's weights are the oldest
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

OperatorRun run_call(Chip& chip, const Workload& workload, const Call& call) {
  std::vector<std::unique_ptr<Kernel>> kernels;
  for (const Operator& op : call.operators) {
    LoweredOperator lowered = lower(workload, op, chip.config());
    std::move(lowered.kernels.begin(), lowered.kernels.end(), std::back_inserter(kernels));
  }
  return chip.run(kernels);
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

// Whether more calls would do as these: of a long call its start hardly counts.
bool is_settled(const Chip& chip, const CallSums& sums, std::uint64_t start_hz) {
  return !chip.config().power || chip.power_protocol().mode == PowerMode::kBurst ||
         chip.clock_hz() == start_hz ||
         sums.duration_fs > kWindowsOfALongCall * chip.config().power->window_fs;
}

}  // namespace

Femtoseconds measured_call_fs(Chip& chip, const MeasuredRow& row, CallPower* power) {
  if (!row.compute_dtype) {
    throw InputError("no such dtype: " + row.dtype);
  }
  Workload workload;
  workload.name = row.text();
  const bool gemm = std::holds_alternative<GemmShape>(row.shape);
  const std::vector<Call> calls =
      gemm ? gemm_calls(workload, row, chip.config()) : attention_calls(workload, row);
  check_fits(workload, chip.config().memory.capacity_bytes);
  allocate_tensors(workload);
  chip.forget_data();
  warm(chip, workload, calls);
  const std::uint64_t count = calls.front().flop() > kFlopOfOneCall ? 1 : 2;
  std::uint64_t next = 0;
  const auto round = [&] {
    CallSums sums;
    for (std::uint64_t i = 0; i < count; ++i) {
      sums.add(run_call(chip, workload, calls[next++ % calls.size()]));
    }
    return sums;
  };
  std::uint64_t start_hz = chip.clock_hz();
  CallSums sums = round();
  for (int more = 0; more < kMostRounds && !is_settled(chip, sums, start_hz); ++more) {
    start_hz = chip.clock_hz();
    sums = round();
  }
  if (power != nullptr) {
    *power = sums.power();
  }
  return sums.duration_fs / count;
}

}  // namespace orrery
