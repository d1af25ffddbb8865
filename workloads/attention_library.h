// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "workloads/attention_program.h"
#include "workloads/lowering.h"

// Attention as the kernel library of a chip builds it (arch/software_config.h). Which kernel, and
// into how many splits, are rules of TensorRT-LLM 1.0, read in its sources (decoderXQAImplCommon.h,
// decoderXQAImplJIT, decoderMaskedMultiheadAttentionLaunch.h) and told here in our words.
namespace orrery {

enum class DecodeFamily : std::uint8_t { kPacked, kUnpacked };

// Packed where the group of query heads is of a size that it supports and the grid, with a split
// for every 128 tokens of history, is not too small for the cores.
DecodeFamily decode_family(const AttentionShape& shape,
                           const AttentionSoftware& software,
                           std::uint32_t cores);

// One split for 128 tokens of history, but n splits no more than round(sqrt(8 n)), no more than
// make 8 waves of blocks, and no more than a workspace of 6000 partial sequences holds.
// Or as many as fill the cores once (SplitRule).
std::uint64_t packed_splits(const AttentionShape& shape,
                            const PackedDecodeSoftware& packed,
                            std::uint32_t cores);

// Threads are 256, 512 or 1024: as many as let the grid fill the cores that hold 1024 threads.
// Splits fill the cores once, and leave each a round of keys; a round is what 8 loads of 16 bytes
// a thread bring.
struct UnpackedLaunch {
  std::uint32_t threads = 256;
  std::uint32_t contexts = 4;  // blocks a core
  std::uint64_t splits = 1;
  std::uint64_t round_keys = 1;
};
UnpackedLaunch unpacked_launch(const AttentionShape& shape,
                               const UnpackedDecodeSoftware& software,
                               std::uint32_t cores);

// Whether the library's attention kernel rotates the new tokens and appends them to the cache
// itself, so that no kernel before it has to.
bool attention_applies_rotary(const AttentionShape& shape, const ChipConfig& chip);

// The kernels; nothing where the library has none for the operator, or the chip no room for them.
std::optional<LoweredOperator> lower_library_attention(const Operator& op,
                                                       const AttentionOperands& operands,
                                                       const ChipConfig& chip,
                                                       std::uint64_t workspace,
                                                       std::uint64_t workspace_bytes);

}  // namespace orrery
