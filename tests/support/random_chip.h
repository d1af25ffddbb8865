// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <rapidcheck.h>
#include <string>

#include "tests/support/chip_workload.h"
#include "workloads/operator_kind.h"
#include "workloads/operator_tensors.h"

// Small chips of all kinds, and operators of all kinds that take them some microseconds.
namespace orrery {

// A shared memory that suits the network: banks go with routers, two partitions with two crossbars.
inline void any_shared_memory(ChipConfig& chip) {
  SharedMemoryConfig& shared = chip.shared;
  const TopologyKind topology = chip.network.topology;
  const bool mesh = topology == TopologyKind::kMesh || topology == TopologyKind::kClusterMesh;
  shared.kind = mesh ? *rc::gen::element(SharedMemoryKind::kNone, SharedMemoryKind::kSram)
                     : *rc::gen::element(SharedMemoryKind::kNone, SharedMemoryKind::kL2,
                                         SharedMemoryKind::kL2, SharedMemoryKind::kSram);
  shared.clock_hz = *rc::gen::element<std::uint64_t>(800'000'000, 1'000'000'000, 1'755'000'000);
  shared.latency_cycles = *rc::gen::inRange<std::uint64_t>(1, 200);
  shared.capacity_bytes = *rc::gen::element<std::uint64_t>(256, 1024, 8192) * 1024;
  shared.fill_outstanding_bytes = *rc::gen::element<std::uint64_t>(32, 256) * 1024;
  shared.partitions = topology == TopologyKind::kPartitionedCrossbar ? 2 : 1;
  shared.slices = shared.partitions * *rc::gen::inRange<std::uint32_t>(1, 9);
  shared.slice_bytes_per_cycle = *rc::gen::element<std::uint64_t>(16, 64);
  shared.ways = *rc::gen::element<std::uint32_t>(4, 8, 16);
  shared.keep_far_copies = *rc::gen::arbitrary<bool>();
  shared.banks = mesh ? chip.network.columns * chip.network.rows : *rc::gen::inRange(1U, 5U);
  shared.bank_bytes_per_cycle = *rc::gen::element<std::uint64_t>(32, 128);
}

inline void any_network(ChipConfig& chip) {
  NetworkConfig& network = chip.network;
  network.topology = *rc::gen::element(TopologyKind::kIdeal, TopologyKind::kCrossbar,
                                       TopologyKind::kCrossbar, TopologyKind::kPartitionedCrossbar,
                                       TopologyKind::kMesh, TopologyKind::kClusterMesh);
  network.clock_hz = *rc::gen::element<std::uint64_t>(800'000'000, 1'000'000'000, 1'755'000'000);
  network.core_port_bytes_per_cycle = *rc::gen::element<std::uint64_t>(32, 64, 128);
  network.memory_port_bytes_per_cycle = *rc::gen::element<std::uint64_t>(32, 64, 512);
  network.hop_cycles = *rc::gen::inRange<std::uint64_t>(0, 60);
  network.header_bytes = *rc::gen::element<std::uint64_t>(0, 32);
  network.partition_link_bytes_per_cycle = *rc::gen::element<std::uint64_t>(32, 256);
  network.partition_link_cycles = *rc::gen::inRange<std::uint64_t>(0, 60);
  network.columns = *rc::gen::inRange(1U, 4U);
  network.rows = *rc::gen::inRange(1U, 3U);
  network.cores_per_cluster =
      network.topology == TopologyKind::kClusterMesh ? *rc::gen::inRange(1U, 4U) : 1;
  network.link_bytes_per_cycle = *rc::gen::element<std::uint64_t>(32, 128);
}

inline ChipConfig any_small_chip() {
  const auto* const base = *rc::gen::element("tiny", "npu4", "h100-sxm", "maia100");
  ChipConfig chip = load_chip(base, kConfigFolder);
  chip.core.max_contexts = *rc::gen::inRange(1U, 3U);
  chip.core.dma.outstanding_bytes = *rc::gen::element<std::uint64_t>(32, 128) * 1024;
  chip.core.dma.max_transfer_bytes = *rc::gen::element<std::uint64_t>(4, 16) * 1024;
  chip.dispatch.policy = *rc::gen::element(DispatchPolicy::kDynamic, DispatchPolicy::kStatic);
  chip.dispatch.kernel_launch_fs = *rc::gen::inRange<Femtoseconds>(0, 2) * kFsPerMicrosecond;

  HbmConfig& memory = chip.memory;
  memory.stacks = *rc::gen::inRange(1U, 4U);
  memory.channels_per_stack = *rc::gen::inRange(1U, 9U);
  memory.pseudo_channels = 1;
  memory.node_per_channel = *rc::gen::arbitrary<bool>();
  memory.bandwidth_bytes_per_s = memory.channels() * *rc::gen::element<std::uint64_t>(5, 20, 40) *
                                 std::uint64_t{1'000'000'000};

  any_network(chip);
  const NetworkConfig& network = chip.network;
  const bool mesh =
      network.topology == TopologyKind::kMesh || network.topology == TopologyKind::kClusterMesh;
  chip.core.count =
      mesh ? network.columns * network.rows * network.cores_per_cluster : *rc::gen::inRange(1U, 9U);
  chip.dispatch.max_cluster = std::min(*rc::gen::element(1U, 2U, 4U), chip.core.count);
  any_shared_memory(chip);
  chip.network.memory_positions.clear();
  for (std::uint32_t i = 0; mesh && i < memory.node_count(); ++i) {
    chip.network.memory_positions.push_back(
        {*rc::gen::inRange(0U, network.columns), *rc::gen::inRange(0U, network.rows)});
  }
  chip.name = fmt::format("{} cores of {}, network {}, shared {}", chip.core.count, base,
                          static_cast<int>(network.topology), static_cast<int>(chip.shared.kind));
  return chip;
}

inline GemmShape any_gemm() {
  const auto side = rc::gen::weightedOneOf<std::uint64_t>(
      {{2, rc::gen::inRange<std::uint64_t>(1, 300)},
       {1, rc::gen::element<std::uint64_t>(1, 16, 64, 128, 256)}});
  const auto depth =
      rc::gen::weightedOneOf<std::uint64_t>({{3, rc::gen::inRange<std::uint64_t>(1, 600)},
                                             {1, rc::gen::element<std::uint64_t>(2048, 4097)}});
  return {*rc::gen::inRange<std::uint64_t>(1, 4), *side, *side, *depth};
}

inline AttentionShape any_small_attention() {
  AttentionShape shape;
  shape.batch = *rc::gen::inRange<std::uint64_t>(1, 4);
  shape.seq_q = *rc::gen::weightedOneOf<std::uint64_t>(
      {{1, rc::gen::just<std::uint64_t>(1)}, {1, rc::gen::inRange<std::uint64_t>(1, 200)}});
  shape.causal = *rc::gen::arbitrary<bool>();
  shape.seq_kv = shape.seq_q + *rc::gen::inRange<std::uint64_t>(0, 400);
  shape.kv_heads = *rc::gen::inRange<std::uint64_t>(1, 3);
  shape.heads = shape.kv_heads * *rc::gen::inRange<std::uint64_t>(1, 5);
  shape.head_dim = *rc::gen::element<std::uint64_t>(32, 64, 128);
  return shape;
}

inline RowwiseShape any_rowwise() {
  RowwiseShape shape;
  shape.kind =
      *rc::gen::element(RowwiseKind::kRmsNorm, RowwiseKind::kLayerNorm, RowwiseKind::kSiluGate,
                        RowwiseKind::kGeluGate, RowwiseKind::kResidualAdd, RowwiseKind::kQuantize);
  shape.rows = *rc::gen::inRange<std::uint64_t>(1, 300);
  shape.columns = *rc::gen::inRange<std::uint64_t>(1, 3000);
  return shape;
}

// One operator with tensors of its own.
inline Workload any_operator() {
  Operator op;
  op.kind = *rc::gen::element<std::string>("gemm", "attention", "rowwise");
  if (op.kind == "gemm") {
    op.shape = any_gemm();
  } else if (op.kind == "attention") {
    op.shape = any_small_attention();
  } else {
    const RowwiseShape shape = any_rowwise();
    op.shape = shape;
    op.kind = name_of(shape.kind);
    op.output_dtype = shape.kind == RowwiseKind::kQuantize ? Dtype::kFp8 : Dtype::kBf16;
  }
  op.name = op.kind;
  const OperatorTensors tensors = tensors_for(op);
  Workload workload;
  workload.name = shape_text(op);
  const auto add = [&](const Tensor& tensor, std::vector<TensorId>& ids) {
    ids.push_back(static_cast<TensorId>(workload.tensors.size()));
    workload.tensors.push_back(tensor);
  };
  for (const Tensor& tensor : tensors.inputs) {
    add(tensor, op.inputs);
  }
  for (const Tensor& tensor : tensors.outputs) {
    add(tensor, op.outputs);
  }
  workload.batch = 1;
  workload.operators = {op};
  allocate_tensors(workload);
  return workload;
}

}  // namespace orrery
