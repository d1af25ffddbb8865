// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "workloads/attention_program.h"

namespace orrery {

// Fused attention as current GPU kernels run it: groups of warps take turns, so that the softmax of
// a block overlaps both multiplications of its neighbours. Tensor stream: S_0, S_1, then S_(i+2)
// with P V_i as one command each, beside which the softmax of i+1 runs. A block costs the longer of
// tensor and vector work; what is lost in the hand-over is the tile's `stall_cycles`.
//
// Few commands: long walks merge blocks, 1, 2, 4, ... and back to 1 at the end, so that what does
// not overlap (the first and the last block) keeps its size. Tasks do not overlap on a context.
std::unique_ptr<CoreProgram> make_ping_pong_program(const AttentionKernel& kernel);

// Where the merged blocks of `tiles` blocks end: the sizes sum up to `tiles`.
std::vector<std::uint64_t> merged_blocks(std::uint64_t tiles);

}  // namespace orrery
