// SPDX-License-Identifier: Apache-2.0
#include "workloads/attention_library.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <iterator>

#include "arch/tensor_unit.h"
#include "sim/clock.h"
#include "workloads/attention_combine_kernel.h"
#include "workloads/attention_mapping.h"
#include "workloads/attention_prefill_kernel.h"
#include "workloads/helper_kernel.h"
#include "workloads/unpacked_decode_kernel.h"

namespace orrery {
namespace {

constexpr std::uint64_t kTokensPerSplit = 128;

constexpr std::uint64_t kMostWaves = 8;
constexpr std::uint64_t kMostPartialSequences = 6000;
constexpr std::uint64_t kPackedRingBytes = 128 * 1024;  // of a core; half of it for K
constexpr std::uint64_t kThreadsPerCore = 1024;         // by registers
constexpr std::uint64_t kRegistersPerCore = 64 * 1024;
constexpr std::uint64_t kWarpGroup = 128;   // threads that share a tile's accumulators
constexpr std::uint64_t kKilo = 1024;       // elements that constants of rows are stated for
constexpr std::uint64_t kThreadBytes = 16;  // of a load
constexpr std::uint64_t kThreadLoads = 8;   // before any is used

// Tokens without history are in their context phase, however few they are.
bool is_prefill(const AttentionShape& shape) {
  return shape.seq_q > kMostDecodeQueries || shape.seq_q == shape.seq_kv;
}

// round(sqrt(n)) in integers.
std::uint64_t rounded_root(std::uint64_t n) {
  std::uint64_t root = 0;
  while ((2 * root + 1) * (2 * root + 1) <= 4 * n) {  // root + 1/2 is not beyond the square root
    ++root;
  }
  return root;
}

const PackedDecodeSoftware& packed_software(const AttentionShape& shape,
                                            const AttentionSoftware& software) {
  return software.packed_narrow && bits_of(shape.kv_dtype) <= 8 ? *software.packed_narrow
                                                                : software.packed;
}

AttentionTile library_tile(const Operator& op, const ChipConfig& chip) {
  const AttentionShape& shape = std::get<AttentionShape>(op.shape);
  AttentionTile tile;
  // Kernels are compiled for powers of two; the columns in between are computed and thrown away.
  tile.head_dim = static_cast<std::uint32_t>(std::bit_ceil(shape.head_dim));
  tile.dtype = op.dtype;
  tile.kv_dtype = shape.kv_dtype;
  tile.output_dtype = op.output_dtype;
  tile.local_probabilities = true;
  tile.converts_output = chip.core.tensor.converts_output;
  tile.ping_pong = true;
  return tile;
}

bool has_room(const AttentionTile& tile, const ChipConfig& chip) {
  return tile.contexts <= chip.core.max_contexts &&
         tile.contexts * tile.scratchpad_bytes() <= chip.core.scratchpad.capacity_bytes;
}

void add_helpers(const Operator& op,
                 std::uint32_t count,
                 std::uint64_t workspace,
                 const ChipConfig& chip,
                 LoweredOperator& lowered) {
  const AttentionShape& shape = std::get<AttentionShape>(op.shape);
  for (std::uint32_t i = 0; i < count; ++i) {
    lowered.kernels.push_back(std::make_unique<HelperKernel>(fmt::format("{}.helper", op.name),
                                                             shape.batch, workspace, chip.core));
  }
}

// What a block of a kernel that is built like prefill's takes beyond the unit's peak rate.
std::uint32_t prefill_stall_cycles(const AttentionTile& tile,
                                   const PrefillSoftware& prefill,
                                   const TensorUnitConfig& tensor) {
  const std::uint64_t flop = 4ULL * tile.rows * tile.keys * tile.head_dim;
  const std::uint64_t ideal = ceil_div(flop, tensor.rate(tile.dtype));
  const std::uint64_t whole =
      bits_of(tile.dtype) <= 8 ? prefill.narrow_stall_cycles : prefill.stall_cycles;
  const std::uint64_t stall = scale_up(whole, std::uint64_t{tile.rows} * tile.keys,
                                       std::uint64_t{prefill.rows} * prefill.keys);
  return static_cast<std::uint32_t>(stall + scale_up(ideal, 100, prefill.mma_percent) - ideal);
}

std::optional<LoweredOperator> lower_prefill(const Operator& op,
                                             const AttentionOperands& operands,
                                             const ChipConfig& chip,
                                             std::uint64_t workspace) {
  const AttentionSoftware& software = *chip.software.attention;
  AttentionTile tile = library_tile(op, chip);
  const std::uint32_t parts = tile.head_dim > software.prefill.full_head_dim ? 2 : 1;
  tile.rows = software.prefill.rows / parts;
  tile.two_groups = true;
  tile.keys = software.prefill.keys;
  tile.contexts = software.prefill.contexts;
  tile.task_setup_fs = software.prefill.task_setup_fs;
  const std::uint64_t room = chip.core.scratchpad.capacity_bytes / tile.contexts;
  if (room <= tile.query_bytes()) {
    return std::nullopt;
  }
  // Two blocks are in flight. Where only one fits, stages hold half of a block; where none does,
  // blocks pass through what the query leaves.
  const std::uint64_t ring = room - tile.query_bytes();
  const bool halved =
      tile.keys > 1 && ring >= tile.kv_block_bytes() && ring < 2 * tile.kv_block_bytes();
  tile.keys /= halved ? 2 : 1;
  tile.ring_bytes = std::min(2 * tile.kv_block_bytes(), ring);
  tile.stages = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(tile.ring_bytes / tile.kv_block_bytes(), 1, 2));
  tile.stall_cycles = prefill_stall_cycles(tile, software.prefill, chip.core.tensor);
  tile.diagonal_ops = std::uint64_t{software.prefill.diagonal_cycles} *
                      chip.core.vector.fp32_ops_per_cycle / (halved ? 2 : 1);
  if (!has_room(tile, chip)) {
    return std::nullopt;
  }
  PrefillGrid grid = PrefillGrid::of(operands.shape, tile.rows, false);
  grid.last_tile_first = software.prefill.last_tile_first;
  LoweredOperator lowered;
  lowered.tile = fmt::format("{}x{}", tile.rows, tile.keys);
  const bool foreign = software.prefill.native_head_dim != operands.shape.head_dim;
  add_helpers(op, software.prefill.helpers + (foreign ? software.prefill.foreign_helpers : 0),
              workspace, chip, lowered);
  lowered.kernels.push_back(std::make_unique<AttentionPrefillKernel>(
      op.name, operands, tile, grid, chip.dispatch.policy, chip.core.count));
  return lowered;
}

// How many thread blocks of a tile the registers of a core hold.
std::uint64_t blocks_by_registers(const AttentionTile& tile, const PackedDecodeSoftware& packed) {
  const std::uint64_t accumulators = std::uint64_t{tile.rows} * tile.head_dim / kWarpGroup;
  return kRegistersPerCore / (packed.threads * (packed.registers + 2 * accumulators));
}

// What a block takes beyond the unit's own time.
std::uint32_t packed_stall_cycles(const AttentionTile& tile,
                                  const PackedDecodeSoftware& packed,
                                  std::uint64_t group,
                                  const TensorUnitConfig& tensor) {
  if (packed.flop_per_cycle == 0) {
    const std::uint64_t elements = tile.rows * (std::uint64_t{tile.keys} + tile.head_dim);
    return static_cast<std::uint32_t>(scale_up(elements, packed.row_stall_cycles, kKilo));
  }
  MatmulWork products = tile.scores(group, tile.keys);
  products.k *= 2;
  const std::uint64_t flop = 2ULL * products.m * products.n * products.k;
  const std::uint64_t reached = ceil_div(flop, packed.flop_per_cycle);
  const std::uint64_t peak = ceil_div(flop, tensor.rate(tile.dtype));
  return static_cast<std::uint32_t>(reached - std::min(reached, peak));
}

std::optional<LoweredOperator> lower_packed(const Operator& op,
                                            const AttentionOperands& operands,
                                            const ChipConfig& chip,
                                            std::uint64_t workspace,
                                            std::uint64_t workspace_bytes) {
  const AttentionShape& shape = operands.shape;
  const PackedDecodeSoftware& packed = packed_software(shape, *chip.software.attention);
  AttentionTile tile = library_tile(op, chip);
  const std::uint64_t group = shape.heads / shape.kv_heads;
  tile.transposed = packed.most_transposed_group == 0 || group <= packed.most_transposed_group;
  tile.rows = static_cast<std::uint32_t>(round_up(
      group, std::uint64_t{tile.transposed ? packed.row_step : chip.core.tensor.instruction_m}));
  tile.keys = packed.keys;
  // As many blocks a core as have room for a block of keys and values each; one of the large
  // kernel.
  const std::uint32_t most_contexts = tile.transposed ? packed.contexts : 1;
  tile.contexts = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(
      chip.core.scratchpad.capacity_bytes / (tile.kv_block_bytes() + tile.query_bytes()), 1,
      most_contexts));
  if (packed.threads != 0) {
    tile.contexts = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(blocks_by_registers(tile, packed), 1, tile.contexts));
  }
  const auto ring_of = [&](std::uint32_t contexts) {
    return packed.ring_bytes != 0 ? packed.ring_bytes : kPackedRingBytes / contexts;
  };
  const std::uint64_t splits = packed_splits(shape, packed, chip.core.count);
  tile.partial = splits > 1;
  tile.ring_bytes = ring_of(tile.contexts);
  while (tile.contexts > 1 && !has_room(tile, chip)) {  // for what leaves, too
    tile.ring_bytes = ring_of(--tile.contexts);
  }
  tile.stages = static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(tile.ring_bytes / tile.kv_block_bytes(), 1, packed.stages));
  tile.softmax_latency_cycles = packed.block_latency_cycles;
  // Where fewer blocks fit on the core, each has more of the issue slots in its set-up.
  tile.task_setup_fs = packed.task_setup_fs * tile.contexts / most_contexts +
                       Clock(chip.core.clock_hz)
                           .to_fs(scale_up(std::uint64_t{tile.rows} * tile.head_dim,
                                           packed.row_setup_cycles, kKilo));
  tile.whole_loads = packed.whole_blocks;
  if (packed.narrow_products && bits_of(shape.kv_dtype) < bits_of(op.dtype)) {
    tile.dtype = shape.kv_dtype;
  }
  tile.stall_cycles = tile.transposed ? packed_stall_cycles(tile, packed, group, chip.core.tensor)
                                      : prefill_stall_cycles(tile, chip.software.attention->prefill,
                                                             chip.core.tensor);
  DecodeGrid grid;
  grid.heads = group;
  grid.blocks = ceil_div(shape.seq_kv, tile.keys);
  grid.splits = splits;
  grid.units = shape.batch * shape.kv_heads;
  const Tensor partial = partial_tensor(shape, grid, workspace);
  if (!has_room(tile, chip) || (tile.partial && partial.bytes() > workspace_bytes)) {
    return std::nullopt;
  }
  LoweredOperator lowered;
  lowered.tile = fmt::format("packed {}x{} split {}", tile.rows, tile.keys, grid.splits);
  lowered.kernels.push_back(
      std::make_unique<AttentionDecodeKernel>(op.name, operands, tile, grid, partial));
  if (tile.partial) {
    lowered.kernels.push_back(std::make_unique<AttentionCombineKernel>(
        op.name + ".combine", operands, grid, partial, chip.core, packed.combines_in_kernel));
  }
  return lowered;
}

std::optional<LoweredOperator> lower_unpacked(const Operator& op,
                                              const AttentionOperands& operands,
                                              const ChipConfig& chip,
                                              std::uint64_t workspace,
                                              std::uint64_t workspace_bytes) {
  const AttentionShape& shape = operands.shape;
  const UnpackedDecodeSoftware& software = chip.software.attention->unpacked;
  const UnpackedLaunch launch = unpacked_launch(shape, software, chip.core.count);
  UnpackedDecodeKernel::Plan plan;
  plan.grid.packs = shape.heads / shape.kv_heads;
  plan.grid.blocks = plan.grid.splits = launch.splits;
  plan.grid.units = shape.batch * shape.heads;
  plan.round_keys = launch.round_keys;
  plan.unrolled = kThreadLoads;
  plan.contexts = launch.contexts;
  plan.task_setup_fs = software.task_setup_fs;
  const Tensor partial = partial_tensor(shape, plan.grid, workspace);
  if (plan.contexts > chip.core.max_contexts ||
      (plan.grid.splits > 1 && partial.bytes() > workspace_bytes)) {
    return std::nullopt;
  }
  LoweredOperator lowered;
  lowered.tile = fmt::format("unpacked {} threads split {}", launch.threads, launch.splits);
  lowered.kernels.push_back(
      std::make_unique<UnpackedDecodeKernel>(op.name, operands, plan, partial));
  if (launch.splits > 1) {
    lowered.kernels.push_back(std::make_unique<AttentionCombineKernel>(
        op.name + ".combine", operands, plan.grid, partial, chip.core));
  }
  return lowered;
}

}  // namespace

DecodeFamily decode_family(const AttentionShape& shape,
                           const AttentionSoftware& software,
                           std::uint32_t cores) {
  const PackedDecodeSoftware& packed = packed_software(shape, software);
  const std::uint64_t group = shape.heads / shape.kv_heads;
  const std::uint64_t blocks =
      shape.batch * shape.kv_heads * std::max<std::uint64_t>(1, shape.seq_kv / kTokensPerSplit);
  return group >= packed.least_group && group <= packed.most_group &&
                 100 * blocks >= std::uint64_t{packed.least_grid_percent} * cores
             ? DecodeFamily::kPacked
             : DecodeFamily::kUnpacked;
}

std::uint64_t packed_splits(const AttentionShape& shape,
                            const PackedDecodeSoftware& packed,
                            std::uint32_t cores) {
  if (packed.split_rule == SplitRule::kFill) {
    const std::uint64_t slots = cores;
    return std::clamp<std::uint64_t>(slots / (shape.batch * shape.kv_heads), 1,
                                     ceil_div(shape.seq_kv, std::uint64_t{packed.keys}));
  }
  std::uint64_t splits = shape.seq_kv / kTokensPerSplit;
  splits = std::max<std::uint64_t>(1, std::min(splits, rounded_root(8 * splits)));
  const std::uint64_t sequences = shape.batch * shape.kv_heads;
  if (sequences * splits > kMostWaves * cores) {
    splits = std::max<std::uint64_t>(1, kMostWaves * cores / sequences);
  }
  return std::max<std::uint64_t>(1, std::min(splits, kMostPartialSequences / shape.batch));
}

UnpackedLaunch unpacked_launch(const AttentionShape& shape,
                               const UnpackedDecodeSoftware& software,
                               std::uint32_t cores) {
  const std::uint64_t sequences = shape.batch * shape.heads;
  const std::uint64_t least_threads = kThreadsPerCore / software.contexts;
  const std::uint64_t wanted =
      least_threads *
      std::min<std::uint64_t>(ceil_div(std::uint64_t{cores} * software.contexts, sequences),
                              software.contexts);
  UnpackedLaunch launch;
  launch.threads = static_cast<std::uint32_t>(std::bit_floor(wanted));
  launch.contexts = static_cast<std::uint32_t>(kThreadsPerCore / launch.threads);
  const std::uint64_t row_bytes = bytes_of(Dtype::kBf16, std::bit_ceil(shape.head_dim));
  const std::uint64_t threads_per_row = std::max<std::uint64_t>(1, row_bytes / kThreadBytes);
  launch.round_keys = std::max<std::uint64_t>(1, launch.threads / threads_per_row) * kThreadLoads;
  launch.splits = std::min(ceil_div(std::uint64_t{cores} * launch.contexts, sequences),
                           ceil_div(shape.seq_kv + 1, launch.round_keys));
  return launch;
}

bool attention_applies_rotary(const AttentionShape& shape, const ChipConfig& chip) {
  const auto& software = chip.software.attention;
  if (!software || shape.seq_q != 1 || is_prefill(shape)) {
    return false;
  }
  const std::uint64_t rotary_from = packed_software(shape, *software).rotary_head_dim;
  return decode_family(shape, *software, chip.core.count) == DecodeFamily::kUnpacked ||
         (rotary_from != 0 && shape.head_dim >= rotary_from);
}

std::optional<LoweredOperator> lower_library_attention(const Operator& op,
                                                       const AttentionOperands& operands,
                                                       const ChipConfig& chip,
                                                       std::uint64_t workspace,
                                                       std::uint64_t workspace_bytes) {
  const AttentionShape& shape = operands.shape;
  if (!chip.software.attention) {
    return std::nullopt;
  }
  if (is_prefill(shape)) {
    return lower_prefill(op, operands, chip, workspace);
  }
  if (shape.seq_q > 1) {
    return std::nullopt;  // speculative decoding: its kernels are not described
  }
  const bool packed =
      decode_family(shape, *chip.software.attention, chip.core.count) == DecodeFamily::kPacked;
  std::optional<LoweredOperator> main =
      packed ? lower_packed(op, operands, chip, workspace, workspace_bytes)
             : lower_unpacked(op, operands, chip, workspace, workspace_bytes);
  if (main) {
    LoweredOperator lowered;
    const AttentionSoftware& software = *chip.software.attention;
    add_helpers(op, packed ? packed_software(shape, software).helpers : software.unpacked.helpers,
                workspace, chip, lowered);
    lowered.tile = std::move(main->tile);
    std::move(main->kernels.begin(), main->kernels.end(), std::back_inserter(lowered.kernels));
    return lowered;
  }
  return std::nullopt;
}

}  // namespace orrery
