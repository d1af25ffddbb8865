// SPDX-License-Identifier: Apache-2.0
#include "workloads/attention_library.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/support/attention_workload.h"
#include "tests/support/program_checker.h"
#include "workloads/attention_ping_pong_program.h"

namespace orrery {
namespace {

ChipConfig chip_with_library() {
  ChipConfig chip = small_gpu();
  chip.core.count = 132;
  chip.core.max_contexts = 4;
  AttentionSoftware software;
  software.prefill.helpers = 2;
  software.packed.least_grid_percent = 25;
  software.packed.flop_per_cycle = 650;
  chip.software.attention = software;
  return chip;
}

struct Library {
  explicit Library(const AttentionShape& shape, const ChipConfig& chip = chip_with_library())
      : workload(attention_workload(shape)),
        lowered(lower_attention(workload, workload.operators[0], chip, {})) {}

  // Of all kernels. Blocks are merged beyond what the scratchpad holds, so room is not checked.
  std::uint64_t run() {
    std::uint64_t flop = 0;
    for (const auto& kernel : lowered.kernels) {
      const ProgramCount count =
          run_programs(*kernel, 2, Interleaving::kRoundRobin, RoomCheck::kOff);
      EXPECT_EQ(count.failure, "") << kernel->name();
      flop += count.useful_flop;
      loads.insert(loads.end(), count.loads.begin(), count.loads.end());
    }
    return flop;
  }
  std::vector<std::uint32_t> coverage_of(std::size_t tensor) const {
    const Tensor& t = workload.tensors[tensor];
    return coverage(loads, t.address, t.rows, t.bytes() / t.rows);
  }

  Workload workload;
  LoweredOperator lowered;
  std::vector<Block> loads;
};

// Of the first kernel's first task.
std::vector<Command> commands_of_a_task(const Library& library, Stream stream) {
  const auto program = library.lowered.kernels.front()->make_program(0);
  program->assign(0);
  program->close();
  std::vector<Command> commands;
  for (Command command; program->next(stream, command) == CoreProgram::Next::kCommand;) {
    commands.push_back(command);
  }
  return commands;
}

AttentionShape decode(std::uint64_t batch,
                      std::uint64_t seq_kv,
                      std::uint64_t heads,
                      std::uint64_t kv_heads) {
  return {batch, 1, seq_kv, heads, kv_heads, 128, true, Dtype::kBf16};
}

TEST(AttentionLibrary, splits_grow_with_the_root_of_the_history) {
  const PackedDecodeSoftware packed;
  EXPECT_EQ(packed_splits(decode(1, 100, 8, 1), packed, 132), 1U);
  EXPECT_EQ(packed_splits(decode(1, 1024, 8, 1), packed, 132), 8U);
  EXPECT_EQ(packed_splits(decode(1, 4096, 8, 1), packed, 132), 16U);
  EXPECT_EQ(packed_splits(decode(1, 131072, 8, 1), packed, 132), 91U);  // of 90.5
}

TEST(AttentionLibrary, splits_stop_at_eight_waves_of_blocks) {
  const PackedDecodeSoftware packed;
  EXPECT_EQ(packed_splits(decode(32, 4096, 32, 4), packed, 132), 8U);  // 1056 / 128
  EXPECT_EQ(packed_splits(decode(512, 4096, 32, 4), packed, 132), 1U);
}

TEST(AttentionLibrary, splits_may_fill_the_cores_once_instead) {
  PackedDecodeSoftware packed;
  packed.split_rule = SplitRule::kFill;
  packed.keys = 128;
  EXPECT_EQ(packed_splits(decode(2, 65536, 8, 1), packed, 148), 74U);
  EXPECT_EQ(packed_splits(decode(2, 512, 8, 1), packed, 148), 4U);
  EXPECT_EQ(packed_splits(decode(512, 65536, 8, 1), packed, 148), 1U);
}

TEST(AttentionLibrary, packs_groups_of_a_size_that_the_kernel_has_on_grids_that_pay) {
  const AttentionSoftware& software = *chip_with_library().software.attention;
  EXPECT_EQ(decode_family(decode(64, 2, 8, 1), software, 132), DecodeFamily::kPacked);
  EXPECT_EQ(decode_family(decode(32, 2, 8, 1), software, 132), DecodeFamily::kUnpacked);
  EXPECT_EQ(decode_family(decode(32, 256, 8, 1), software, 132), DecodeFamily::kPacked);
  EXPECT_EQ(decode_family(decode(64, 2, 8, 8), software, 132), DecodeFamily::kUnpacked);
  EXPECT_EQ(decode_family(decode(64, 2, 64, 1), software, 132), DecodeFamily::kUnpacked);
}

TEST(AttentionLibrary, unpacked_blocks_grow_where_the_grid_is_small) {
  const UnpackedDecodeSoftware software;
  const UnpackedLaunch large = unpacked_launch(decode(64, 4, 64, 64), software, 132);
  EXPECT_EQ(large.threads, 256U);
  EXPECT_EQ(large.contexts, 4U);
  const UnpackedLaunch middle = unpacked_launch(decode(4, 4, 64, 64), software, 132);
  EXPECT_EQ(middle.threads, 512U);
  EXPECT_EQ(middle.contexts, 2U);
  const UnpackedLaunch few = unpacked_launch(decode(1, 4096, 16, 16), software, 132);
  EXPECT_EQ(few.threads, 1024U);
  EXPECT_EQ(few.contexts, 1U);
  EXPECT_EQ(few.round_keys, 512U);  // 64 threads rows of 16 threads, 8 loads each
  EXPECT_EQ(few.splits, 9U);        // ceil(132 / 16), and ceil(4097 / 512)
}

TEST(AttentionLibrary, does_the_flop_of_the_operator_in_every_family) {
  for (const AttentionShape& shape :
       {decode(64, 700, 8, 2), decode(3, 700, 8, 8), decode(2, 5000, 64, 1),
        AttentionShape{2, 300, 300, 6, 3, 96, true, Dtype::kBf16},
        AttentionShape{1, 200, 900, 4, 2, 64, false, Dtype::kFp8},
        AttentionShape{3, 1, 1, 4, 2, 64, true, Dtype::kBf16}}) {
    Library library(shape);
    EXPECT_EQ(library.run(), library.workload.operators[0].flop());
  }
}

TEST(AttentionLibrary, packed_decode_reads_keys_once_and_unpacked_once_a_head) {
  Library packed(decode(64, 700, 8, 2));
  packed.run();
  Library unpacked(decode(2, 700, 128, 2));
  unpacked.run();
  for (const std::size_t cache : {1U, 2U}) {
    const auto all = [&](const Library& library, std::uint32_t times) {
      const std::vector<std::uint32_t> counts = library.coverage_of(cache);
      return std::all_of(counts.begin(), counts.end(),
                         [&](std::uint32_t count) { return count == times; });
    };
    EXPECT_TRUE(all(packed, 1));
    EXPECT_TRUE(all(unpacked, 64));
  }
}

// What leaves may be larger than what came: partial sums in fp32.
TEST(AttentionLibrary, packed_decode_of_b200_never_leaves_the_librarys_kernels) {
  const ChipConfig chip = load_chip("b200-sxm", std::string(ORRERY_SOURCE_DIR) + "/configs");
  for (const std::uint64_t group : {1U, 8U, 16U, 17U, 20U, 32U}) {
    for (const std::uint64_t head_dim : {64U, 128U, 256U}) {
      for (const Dtype kv_dtype : {Dtype::kBf16, Dtype::kFp8}) {
        for (const std::uint64_t keys : {16U, 65536U}) {
          const AttentionShape shape{8, 1, keys, group, 1, head_dim, true, kv_dtype};
          const Library library(shape, chip);
          EXPECT_EQ(library.lowered.tile.substr(0, 6), "packed")
              << group << " heads of " << head_dim << ", " << keys << " keys";
        }
      }
    }
  }
}

// As Blackwell's kernels are described.
ChipConfig chip_of_whole_blocks() {
  ChipConfig chip = chip_with_library();
  PackedDecodeSoftware& packed = chip.software.attention->packed;
  packed.least_grid_percent = 0;
  packed.keys = 128;
  packed.row_step = 8;
  packed.contexts = 2;
  packed.split_rule = SplitRule::kFill;
  packed.flop_per_cycle = 0;
  packed.row_stall_cycles = 512;
  packed.whole_blocks = true;
  packed.narrow_products = true;
  packed.combines_in_kernel = true;
  return chip;
}

const AttentionTile& tile_of(const Library& library) {
  return dynamic_cast<const AttentionKernel&>(*library.lowered.kernels.front()).tile();
}

TEST(AttentionLibrary, whole_blocks_are_fetched_of_short_sequences) {
  Library library(decode(64, 30, 8, 2), chip_of_whole_blocks());
  EXPECT_EQ(library.run(), library.workload.operators[0].flop());
  std::uint64_t rows = 0;
  for (const Block& block : library.loads) {
    rows += block.base_address == library.workload.tensors[1].address ? block.rows : 0;
  }
  EXPECT_EQ(rows, 64U * 2 * 128);
}

TEST(AttentionLibrary, blocks_share_a_core_where_keys_and_values_have_room) {
  ChipConfig chip = chip_of_whole_blocks();
  const std::uint64_t block_bytes = 128ULL * 128 * 2 * 2;
  chip.core.scratchpad.capacity_bytes = 3 * block_bytes;
  EXPECT_EQ(tile_of(Library(decode(64, 300, 8, 2), chip)).contexts, 2U);
  chip.core.scratchpad.capacity_bytes = 2 * block_bytes + 2048;  // the queries of one
  EXPECT_EQ(tile_of(Library(decode(64, 300, 8, 2), chip)).contexts, 1U);
}

TEST(AttentionLibrary, a_block_alone_on_its_core_is_set_up_in_its_share_of_the_time) {
  ChipConfig chip = chip_of_whole_blocks();
  chip.software.attention->packed.task_setup_fs = 1000;
  const std::uint64_t block_bytes = 128ULL * 128 * 2 * 2;
  chip.core.scratchpad.capacity_bytes = 3 * block_bytes;
  EXPECT_EQ(tile_of(Library(decode(64, 300, 8, 2), chip)).task_setup_fs, 1000U);
  chip.core.scratchpad.capacity_bytes = 2 * block_bytes + 2048;  // of two that could share it
  EXPECT_EQ(tile_of(Library(decode(64, 300, 8, 2), chip)).task_setup_fs, 500U);
}

TEST(AttentionLibrary, large_groups_have_a_kernel_like_prefills) {
  ChipConfig chip = chip_of_whole_blocks();
  chip.core.tensor.instruction_m = 64;
  chip.software.attention->packed.most_transposed_group = 16;
  PrefillSoftware& prefill = chip.software.attention->prefill;
  prefill.rows = 256;
  prefill.keys = 128;
  prefill.stall_cycles = 1000;
  prefill.narrow_stall_cycles = 2000;
  const AttentionTile small = tile_of(Library(decode(64, 300, 32, 2), chip));
  EXPECT_TRUE(small.transposed);
  EXPECT_EQ(small.rows, 16U);
  EXPECT_EQ(small.stall_cycles, 16U * (128 + 128) * 512 / 1024);
  Library library(decode(64, 300, 34, 2), chip);
  EXPECT_FALSE(tile_of(library).transposed);
  EXPECT_EQ(tile_of(library).rows, 64U);
  EXPECT_EQ(tile_of(library).stall_cycles, 250U);
  EXPECT_EQ(small.contexts, 2U);
  EXPECT_EQ(tile_of(library).contexts, 1U);
  EXPECT_EQ(library.run(), library.workload.operators[0].flop());
  std::uint64_t stalls = 0;  // no group of rows leaves early: each of three blocks has them all
  for (const Command& command : commands_of_a_task(library, Stream::kTensor)) {
    stalls += command.matmul.stall_cycles;
  }
  EXPECT_EQ(stalls, 3U * 250);
  prefill.mma_percent = 50;  // instructions at half of the rate double the ideal time
  EXPECT_EQ(tile_of(Library(decode(64, 300, 34, 2), chip)).stall_cycles,
            250 + 4ULL * 64 * 128 * 128 / chip.core.tensor.rate(Dtype::kBf16));
  prefill.mma_percent = 100;
  AttentionShape narrow = decode(64, 300, 34, 2);
  narrow.kv_dtype = Dtype::kFp8;
  EXPECT_EQ(tile_of(Library(narrow, chip)).stall_cycles, 500U);
  chip.software.attention->packed.most_transposed_group = 0;
  EXPECT_TRUE(tile_of(Library(decode(64, 300, 34, 2), chip)).transposed);
}

TEST(AttentionLibrary, stages_of_prefill_hold_half_blocks_where_only_one_whole_one_fits) {
  ChipConfig chip = chip_with_library();
  PrefillSoftware& prefill = chip.software.attention->prefill;
  prefill.rows = 128;
  prefill.keys = 128;
  prefill.stall_cycles = 1000;
  prefill.diagonal_cycles = 100;
  prefill.helpers = 0;
  const AttentionShape shape{1, 512, 512, 4, 2, 128, true, Dtype::kBf16};
  const std::uint64_t query_bytes = 128ULL * 128 * 2;
  const std::uint64_t block_bytes = 2 * query_bytes;
  const auto tile_in = [&](std::uint64_t capacity) {
    chip.core.scratchpad.capacity_bytes = capacity;
    Library library(shape, chip);
    EXPECT_EQ(library.run(), library.workload.operators[0].flop());
    return tile_of(library);
  };
  const AttentionTile whole = tile_in(query_bytes + 2 * block_bytes);
  EXPECT_EQ(whole.keys, 128U);
  EXPECT_EQ(whole.stages, 2U);
  EXPECT_EQ(whole.stall_cycles, 1000U);
  const AttentionTile half = tile_in(query_bytes + 2 * block_bytes - 1);
  EXPECT_EQ(half.keys, 64U);
  EXPECT_EQ(half.stages, 2U);
  EXPECT_EQ(half.stall_cycles, 500U);
  EXPECT_EQ(half.diagonal_ops, whole.diagonal_ops / 2);
  const AttentionTile passing = tile_in(query_bytes + block_bytes - 1);
  EXPECT_EQ(passing.keys, 128U);
  EXPECT_EQ(passing.stages, 1U);
  EXPECT_EQ(passing.ring_bytes, block_bytes - 1);
}

// Half of what a thread block's registers hold loads while the other half is computed.
TEST(AttentionLibrary, unpacked_rounds_load_ahead_by_half) {
  const Library library(decode(64, 700, 128, 128), chip_with_library());
  std::vector<std::uint64_t> waits;  // for how many rounds to be computed
  for (const Command& command : commands_of_a_task(library, Stream::kLoad)) {
    const Wait& wait = command.waits.front();
    waits.push_back(wait.semaphore == kNoSemaphore ? 0 : wait.value);
  }
  ASSERT_GT(waits.size(), 5U);
  EXPECT_EQ(std::vector<std::uint64_t>(waits.begin(), waits.begin() + 6),
            (std::vector<std::uint64_t>{0, 0, 0, 1, 2, 3}));  // the query first
}

// The unrolled loops go over all that the registers hold as soon as one key is there.
TEST(AttentionLibrary, unpacked_operations_follow_the_keys_and_the_unrolled_loops) {
  const auto operations = [](std::uint64_t keys, Dtype kv_dtype) {
    AttentionShape shape = decode(1024, keys, 1, 1);
    shape.kv_dtype = kv_dtype;
    const Library library(shape, chip_with_library());
    std::uint64_t ops = 0;
    for (const Command& command : commands_of_a_task(library, Stream::kVector)) {
      ops += command.vector.alu_ops;
    }
    return ops;
  };
  // Of keys and of values; 256 threads hold 128 rows of 16 threads, 8 each. Then 3 a key, and O.
  const auto expected = [](std::uint64_t keys, std::uint64_t computed) {
    return 2 * 128 * (8 * computed + 10 * keys) + 3 * keys + 2 * 128;
  };
  for (const Dtype dtype : {Dtype::kBf16, Dtype::kFp8}) {
    EXPECT_EQ(operations(2, dtype), expected(2, 16));
    EXPECT_EQ(operations(64, dtype), expected(64, 128));
    EXPECT_EQ(operations(65, dtype), expected(65, 128));
    EXPECT_EQ(operations(128, dtype), expected(128, 128));
    EXPECT_EQ(operations(129, dtype), expected(129, 128 + 8));
  }
}

TEST(AttentionLibrary, rows_stall_by_keys_and_head_dimension) {
  const AttentionTile tile = tile_of(Library(decode(64, 300, 8, 2), chip_of_whole_blocks()));
  EXPECT_EQ(tile.rows, 8U);
  EXPECT_EQ(tile.stall_cycles, 8U * (128 + 128) * 512 / 1024);
}

TEST(AttentionLibrary, registers_limit_the_blocks_of_a_core) {
  ChipConfig chip = chip_of_whole_blocks();
  PackedDecodeSoftware& packed = chip.software.attention->packed;
  packed.contexts = 4;
  packed.keys = 64;
  packed.threads = 256;
  // 8 rows of 128: 8 accumulators a thread, and 8 more; 64 Ki registers for 256 threads are 256.
  for (const auto& [registers, contexts] :
       {std::pair{48U, 4U}, {49U, 3U}, {69U, 3U}, {70U, 2U}, {112U, 2U}, {113U, 1U}, {255U, 1U}}) {
    packed.registers = registers;
    EXPECT_EQ(tile_of(Library(decode(64, 300, 8, 2), chip)).contexts, contexts) << registers;
  }
  packed.registers = 48;
  EXPECT_EQ(tile_of(Library(decode(64, 300, 32, 2), chip)).contexts, 3U);  // 16 rows
}

TEST(AttentionLibrary, a_ring_limits_the_blocks_under_way) {
  ChipConfig chip = chip_of_whole_blocks();
  PackedDecodeSoftware& packed = chip.software.attention->packed;
  const std::uint64_t block_bytes = 128ULL * 128 * 2 * 2;
  packed.ring_bytes = 3 * block_bytes;
  chip.core.scratchpad.capacity_bytes = 8 * block_bytes;
  EXPECT_EQ(tile_of(Library(decode(64, 300, 8, 2), chip)).stages, 3U);
  EXPECT_EQ(tile_of(Library(decode(64, 300, 8, 2), chip)).ring_bytes, 3 * block_bytes);
  packed.stages = 2;
  EXPECT_EQ(tile_of(Library(decode(64, 300, 8, 2), chip)).stages, 2U);
}

TEST(AttentionLibrary, tasks_are_set_up_by_their_rows_and_head_dimension) {
  ChipConfig chip = chip_of_whole_blocks();
  chip.software.attention->packed.task_setup_fs = 100;
  chip.software.attention->packed.row_setup_cycles = 512;
  const Femtoseconds cycle_fs = kFsPerSecond / chip.core.clock_hz;
  EXPECT_EQ(tile_of(Library(decode(64, 300, 8, 2), chip)).task_setup_fs, 100 + 512 * cycle_fs);
  EXPECT_EQ(tile_of(Library(decode(64, 300, 32, 2), chip)).task_setup_fs, 100 + 1024 * cycle_fs);
}

TEST(AttentionLibrary, probabilities_of_each_block_settle) {
  ChipConfig chip = chip_of_whole_blocks();
  chip.software.attention->packed.block_latency_cycles = 700;
  const Library library(decode(64, 16 * 128, 8, 2), chip);
  std::uint64_t latency = 0;
  for (const Command& command : commands_of_a_task(library, Stream::kVector)) {
    latency += command.vector.latency_cycles;
  }
  EXPECT_EQ(latency, 16U * 700);  // merged or not
}

TEST(AttentionLibrary, products_may_be_of_the_caches_narrow_elements) {
  AttentionShape shape = decode(64, 300, 8, 2);
  shape.kv_dtype = Dtype::kFp8;
  ChipConfig chip = chip_of_whole_blocks();
  EXPECT_EQ(tile_of(Library(shape, chip)).dtype, Dtype::kFp8);
  chip.software.attention->packed.narrow_products = false;
  EXPECT_EQ(tile_of(Library(shape, chip)).dtype, Dtype::kBf16);
}

TEST(AttentionLibrary, splits_are_joined_in_the_same_launch_where_the_kernel_does_so) {
  ChipConfig chip = chip_of_whole_blocks();
  const Library joined(decode(2, 5000, 8, 2), chip);
  ASSERT_EQ(joined.lowered.kernels.size(), 2U);
  EXPECT_FALSE(joined.lowered.kernels[0]->continues());
  EXPECT_TRUE(joined.lowered.kernels[1]->continues());
  chip.software.attention->packed.combines_in_kernel = false;
  EXPECT_FALSE(Library(decode(2, 5000, 8, 2), chip).lowered.kernels[1]->continues());
}

TEST(AttentionLibrary, launches_its_helpers_first) {
  const Library library({1, 300, 300, 8, 2, 128, true, Dtype::kBf16});
  ASSERT_EQ(library.lowered.kernels.size(), 3U);
  EXPECT_EQ(library.lowered.kernels[0]->name(), "attention.helper");
  EXPECT_EQ(library.lowered.kernels[2]->name(), "attention");
}

TEST(AttentionLibrary, leaves_the_choice_to_the_mapping_where_a_tile_is_given) {
  const AttentionShape shape{1, 300, 300, 8, 2, 128, true, Dtype::kBf16};
  const Workload workload = attention_workload(shape);
  TileOverride tile;
  tile.m = 64;
  EXPECT_EQ(
      lower_attention(workload, workload.operators[0], chip_with_library(), tile).kernels.size(),
      1U);
}

TEST(MergedBlocks, grow_and_shrink_by_powers_of_two_and_add_up) {
  EXPECT_EQ(merged_blocks(3), (std::vector<std::uint64_t>{1, 1, 1}));
  EXPECT_EQ(merged_blocks(32), (std::vector<std::uint64_t>{1, 2, 4, 4, 4, 4, 4, 4, 2, 2, 1}));
  for (std::uint64_t tiles = 0; tiles < 400; ++tiles) {
    const std::vector<std::uint64_t> sizes = merged_blocks(tiles);
    EXPECT_EQ(std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0}), tiles);
    if (tiles > 0) {
      EXPECT_EQ(sizes.front(), 1U);
      EXPECT_EQ(sizes.back(), 1U);
    }
  }
}

}  // namespace
}  // namespace orrery
