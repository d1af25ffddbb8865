// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "sim/config_node.h"
#include "sim/units.h"

// How the kernel library that people run on a chip builds its kernels, where it is known. A chip
// without such a section gets kernels that the mapping chooses by its own estimates.
namespace orrery {

// Fused attention over many new tokens: tiles of query rows that walk over blocks of keys.
struct PrefillSoftware {
  std::uint32_t rows = 128;
  std::uint32_t keys = 64;
  std::uint32_t contexts = 1;      // thread blocks a core
  bool last_tile_first = true;     // within a head, the heaviest tile of a causal mask comes first
  std::uint32_t stall_cycles = 0;  // of the tensor unit, each block of keys
  Femtoseconds task_setup_fs = 0;
};

// Decode that packs the query heads of a KV group into one tile.
struct PackedDecodeSoftware {
  std::uint32_t least_group = 2;  // query heads of a KV head
  std::uint32_t most_group = 32;
  std::uint32_t keys = 256;     // of a block
  std::uint32_t row_step = 16;  // rows are padded to a multiple
  std::uint32_t contexts = 1;
  bool applies_rotary = false;       // and appends to the cache; else a kernel before it does
  std::uint64_t flop_per_cycle = 1;  // that a core reaches in the small products of a block
  Femtoseconds task_setup_fs = 0;
};

// Decode with a thread block for each query head, on the vector lanes; it rotates and appends
// itself.
struct UnpackedDecodeSoftware {
  std::uint32_t contexts = 4;  // least thread blocks a core; it holds fewer larger ones
  Femtoseconds task_setup_fs = 0;
};

struct AttentionSoftware {
  std::uint32_t prefill_helpers = 0;  // small kernels of a call before the others: offsets,
  std::uint32_t decode_helpers = 0;   // counters set to zero
  PrefillSoftware prefill;
  PackedDecodeSoftware packed;
  std::optional<PackedDecodeSoftware> packed_narrow;  // for caches of 8-bit elements
  UnpackedDecodeSoftware unpacked;
};

struct SoftwareConfig {
  std::optional<AttentionSoftware> attention;
};

// Throws InputError; the node is the chip's map "software".
SoftwareConfig read_software_config(const ConfigNode& node);

}  // namespace orrery
