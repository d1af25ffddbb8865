// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "sim/config_node.h"
#include "sim/units.h"

// How the kernel library that people run on a chip builds its kernels, where it is known. A chip
// without such a section gets kernels that the mapping chooses by its own estimates.
namespace orrery {

// Into how many parts a decode kernel splits the keys of a sequence.
enum class SplitRule : std::uint8_t {
  kHistory,  // by their number: one for 128, growing with the root, at most 8 waves of blocks
  kFill,     // as many as let the grid fill the cores once
};

// Fused attention over many new tokens: tiles of query rows that walk over blocks of keys.
struct PrefillSoftware {
  std::uint32_t helpers = 0;  // small kernels of a call before the others: offsets, counters
  std::uint32_t rows = 128;
  std::uint32_t full_head_dim = 256;  // beyond it a tile has half the rows
  std::uint32_t keys = 64;
  std::uint32_t contexts = 1;       // thread blocks a core
  bool last_tile_first = true;      // within a head, the heaviest tile of a causal mask comes first
  std::uint32_t mma_percent = 100;  // of the tensor unit's rate that its instructions reach
  std::uint32_t stall_cycles = 0;   // of the tensor unit, each block of keys
  std::uint32_t narrow_stall_cycles = 0;  // the same with elements of 8 bits
  std::uint32_t diagonal_cycles = 0;      // of the vector unit, each block that the diagonal cuts
  std::uint32_t native_head_dim = 0;  // other head dimensions take `foreign_helpers` more kernels
  std::uint32_t foreign_helpers = 0;
  Femtoseconds task_setup_fs = 0;
};

// Decode that packs the query heads of a KV group into one tile.
struct PackedDecodeSoftware {
  std::uint32_t helpers = 0;
  std::uint32_t least_group = 2;  // query heads of a KV head
  std::uint32_t most_group = 32;
  std::uint32_t keys = 256;     // of a block
  std::uint32_t row_step = 16;  // rows are padded to a multiple
  // Groups beyond it have a kernel that does not compute S^T, 0: none do. Its rows are the tensor
  // unit's m, as in prefill, and a thread block of it has a core for itself.
  std::uint32_t most_transposed_group = 0;
  std::uint32_t contexts = 1;
  std::uint64_t ring_bytes = 0;  // a thread block's buffers of keys and values; 0: 128 KiB a core
  std::uint32_t stages = 4;      // at most, blocks of keys, and of values, in them
  // A core holds fewer thread blocks where its registers do not suffice for more: each thread has
  // its part of a tile's accumulators, as many to narrow and correct them, and others.
  std::uint32_t threads = 0;    // of a thread block; 0: registers limit nothing
  std::uint32_t registers = 0;  // of a thread beside those
  // Used where the grid has at least this share of the cores; else heads run unpacked.
  std::uint32_t least_grid_percent = 0;
  SplitRule split_rule = SplitRule::kHistory;
  // Rotates and appends to the cache itself from this head dimension on, 0 for never; else a kernel
  // before it does.
  std::uint32_t rotary_head_dim = 0;
  // What a block takes beyond the tensor unit's own time is told by FLOP per clock that a core
  // reaches in its small products (0: the others); or by clocks that 1024 elements of the padded
  // rows of scores and output hold the unit for softmax and correction, and by clocks of dependent
  // steps and barriers, in which other thread blocks of the core go on.
  std::uint64_t flop_per_cycle = 0;
  std::uint32_t row_stall_cycles = 0;
  std::uint32_t block_latency_cycles = 0;
  // Added to a task's set-up for each 1024 elements of its padded rows of queries: those are
  // narrowed, and the output is staged, by few warps.
  std::uint32_t row_setup_cycles = 0;
  bool combines_in_kernel = false;  // the last block of a sequence joins its splits
  bool whole_blocks = false;        // short sequences are fetched up to the end of a block, too
  bool narrow_products = false;     // query and probabilities are narrowed to the cache's dtype
  Femtoseconds task_setup_fs = 0;   // where `contexts` blocks fit on a core, less where fewer do
};

// Decode with a thread block for each query head, on the vector lanes; it rotates and appends
// itself.
struct UnpackedDecodeSoftware {
  std::uint32_t helpers = 0;
  std::uint32_t contexts = 4;  // least thread blocks a core; it holds fewer larger ones
  Femtoseconds task_setup_fs = 0;
};

struct AttentionSoftware {
  PrefillSoftware prefill;
  PackedDecodeSoftware packed;
  std::optional<PackedDecodeSoftware> packed_narrow;  // for caches of 8-bit elements
  UnpackedDecodeSoftware unpacked;
};

// GEMM kernels.
struct GemmSoftware {
  bool power_of_two_tiles = false;  // edges of tiles; else in steps of the instruction's
  bool splits_4bit = true;          // kernels of 4-bit elements may split k
  std::uint64_t split_lines = 4;    // of 128 B of k, that each part of a split sum has at least
  std::uint64_t split_waves = 4;    // at most; 1: a split sum fills the cores once
  // A kernel of more waves of tiles than this draws them from a counter in memory, which a small
  // kernel before it sets to zero; it does so only where it does not split k. 0: none does.
  std::uint64_t static_waves = 0;
  bool line_steps = false;  // a step is a line of k; else up to four, where many fit
};

// Narrowing of activations to 8 or 4 bits.
struct QuantizeSoftware {
  std::uint32_t helpers = 0;  // small kernels before: counters set to zero, a scale worked out
  // With one scale a tensor the largest magnitude is found in a pass of its own over the input.
  bool tensor_scale = false;
  // Input under way to a core, where each thread has one element; 0: as much as hides the latency.
  std::uint64_t in_flight_bytes = 0;
};

struct SoftwareConfig {
  GemmSoftware gemm;
  std::optional<QuantizeSoftware> quantize_8bit, quantize_4bit;
  std::optional<AttentionSoftware> attention;
};

// Throws InputError; the node is the chip's map "software".
SoftwareConfig read_software_config(const ConfigNode& node);

}  // namespace orrery
