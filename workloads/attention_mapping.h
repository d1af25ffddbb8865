// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "arch/chip_config.h"
#include "workloads/attention_decode_kernel.h"
#include "workloads/attention_tile.h"
#include "workloads/lowering.h"

namespace orrery {

// Sequences with at most this many new tokens go to the decode kernel (one token, or the few of
// speculative decoding).
inline constexpr std::uint64_t kMostDecodeQueries = 16;

// A way to compute an attention operator.
struct AttentionCandidate {
  AttentionTile tile;
  bool decode = false;
  DecodeGrid grid;  // of decode
  Femtoseconds estimate_fs = 0;

  std::string text() const;  // "128x64 stages 2 contexts 2", "8x128 stages 3 contexts 1 split 4"
};

// The work of a kernel's tasks, as far as the estimate needs it.
struct AttentionWork {
  std::uint64_t tasks = 0;
  std::uint64_t total_blocks = 0;
  std::uint64_t heaviest_blocks = 0;  // of one task
  std::uint64_t rows = 0;             // of a task
  std::uint64_t compulsory_bytes = 0;
};

// The time of a fused attention kernel in closed form, launch included. Blocks of a core follow
// each other as fast as the slowest of tensor unit, vector unit, scratchpad, port, its share of
// shared memory, and latency over the bytes in flight allow; without score buffers the two units
// alternate, unless another context fills the gaps. Tasks of one size run in waves; unequal ones
// take the mean over cores, and under dynamic dispatch a quarter of the heaviest on top. Never less
// than the compulsory bytes take.
Femtoseconds estimate_attention(const AttentionTile& tile,
                                const AttentionWork& work,
                                const ChipConfig& chip);

// All candidates that fit, best first, ties in the order of enumeration. `tile` fixes what is not
// 0: m query rows, n keys, stages, split (of the keys, decode only); k and cluster have no meaning
// here. `partial_room_bytes` bounds the workspace of split keys. Throws InputError, naming sizes,
// when nothing fits.
std::vector<AttentionCandidate> rank_attention(const Operator& op,
                                               const ChipConfig& chip,
                                               const TileOverride& tile,
                                               std::uint64_t partial_room_bytes);

}  // namespace orrery
