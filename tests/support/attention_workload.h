// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "arch/chip_config.h"
#include "workloads/operator.h"

// Small workloads and chips for tests of kernels.
namespace orrery {

// A chip of MMA cores like a small GPU's, big enough for every tile that the tests ask for.
inline ChipConfig small_gpu() {
  ChipConfig chip;
  chip.name = "small_gpu";
  chip.core.count = 8;
  chip.core.max_contexts = 2;
  chip.core.tensor.flop_per_cycle.fill(4096);
  chip.core.tensor.instruction_m = 64;
  chip.core.tensor.instruction_n = 8;
  chip.core.tensor.instruction_k_bytes = 32;
  chip.core.tensor.accumulator_bytes = 128 * 1024;
  chip.core.scratchpad.capacity_bytes = 227 * 1024;
  chip.core.dma.outstanding_bytes = 128 * 1024;
  chip.dispatch.kernel_launch_fs = 2 * kFsPerMicrosecond;
  chip.dispatch.dependent_launch_fs = kFsPerMicrosecond;
  chip.dispatch.task_launch_fs = 300 * kFsPerNanosecond;
  chip.shared.kind = SharedMemoryKind::kL2;
  chip.shared.slices = 16;
  chip.shared.capacity_bytes = 4 << 20;
  chip.shared.latency_cycles = 200;
  chip.memory.capacity_bytes = std::uint64_t{16} << 30;
  chip.memory.bandwidth_bytes_per_s = 2'000'000'000'000;
  chip.memory.front_end_latency_fs = 300 * kFsPerNanosecond;
  return chip;
}

// A chip of systolic cores that know their tasks beforehand.
inline ChipConfig small_npu() {
  ChipConfig chip = small_gpu();
  chip.name = "small_npu";
  chip.core.count = 4;
  chip.core.max_contexts = 1;
  chip.core.tensor.kind = TensorUnitKind::kSystolic;
  chip.core.tensor.flop_per_cycle.fill(32768);
  chip.core.tensor.rows = chip.core.tensor.columns = 128;
  chip.core.tensor.accumulator_bytes = 4 << 20;
  chip.core.tensor.converts_output = true;
  chip.core.scratchpad.capacity_bytes = 32 << 20;
  chip.dispatch.policy = DispatchPolicy::kStatic;
  chip.shared.kind = SharedMemoryKind::kNone;
  return chip;
}

// Appends a tensor behind those that are there, at an aligned address.
inline TensorId add_tensor(Workload& workload,
                           std::uint64_t rows,
                           std::uint64_t columns,
                           Dtype dtype = Dtype::kBf16) {
  Tensor tensor;
  tensor.name = "t" + std::to_string(workload.tensors.size());
  tensor.rows = rows;
  tensor.columns = columns;
  tensor.dtype = dtype;
  if (!workload.tensors.empty()) {
    const Tensor& last = workload.tensors.back();
    tensor.address = round_up(last.address + last.bytes(), kTensorAlignmentBytes);
  }
  workload.tensors.push_back(tensor);
  return static_cast<TensorId>(workload.tensors.size() - 1);
}

// One attention operator: tensors 0 fused qkv, 1 k cache, 2 v cache, 3 output.
inline Workload attention_workload(const AttentionShape& shape, bool head_major = false) {
  Workload workload;
  workload.batch = shape.batch;
  const std::uint64_t tokens = shape.batch * shape.seq_q;
  const std::uint64_t kept = shape.batch * shape.seq_kv;
  Operator op;
  op.name = "attention";
  op.kind = "attention";
  op.shape = shape;
  const std::uint64_t qkv_columns = (shape.heads + 2 * shape.kv_heads) * shape.head_dim;
  op.inputs.push_back(add_tensor(workload, tokens, qkv_columns));
  for (int cache = 0; cache < 2; ++cache) {
    op.inputs.push_back(
        head_major ? add_tensor(workload, kept * shape.kv_heads, shape.head_dim, shape.kv_dtype)
                   : add_tensor(workload, kept, shape.kv_heads * shape.head_dim, shape.kv_dtype));
  }
  op.outputs.push_back(add_tensor(workload, tokens, shape.heads * shape.head_dim));
  workload.operators.push_back(op);
  return workload;
}

}  // namespace orrery
