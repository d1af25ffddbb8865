// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "arch/chip_config.h"
#include "workloads/gemm_tiling.h"
#include "workloads/lowering.h"

namespace orrery {

// What the mapping of a GEMM knows beside its shape.
struct GemmMappingProblem {
  GemmShape shape;
  Dtype dtype = Dtype::kBf16;
  Dtype output_dtype = Dtype::kBf16;
  bool x_is_warm = true;  // x lies in shared memory when it fits
};

struct RankedTiling {
  GemmTiling tiling;
  Femtoseconds estimate_fs = 0;
};

// Whether a kernel with this tiling draws its tiles from a counter that is set to zero before it.
bool draws_from_counter(const GemmTiling& tiling, const GemmShape& shape, const ChipConfig& chip);

// The time of a GEMM with a tiling, in closed form. Waves of tiles over cores; in a wave every
// core does `steps` steps, each as long as the slowest of: the tensor unit, the scratchpad, the
// core's port, its share of shared memory, its share of HBM for what the wave reads first, and
// latency over the bytes in flight. Fill, epilogue, launch and the sum over splits come on top.
Femtoseconds estimate_gemm(const GemmMappingProblem& problem,
                           const GemmTiling& tiling,
                           const ChipConfig& chip);

// All tilings that fit the chip, best estimate first, ties in the order of enumeration: tile
// shapes from the instruction shape up, pipeline steps, splits of k, clusters, orientation.
// `tile` fixes what is not 0. Throws InputError when nothing fits, naming the sizes.
std::vector<RankedTiling> rank_gemm_tilings(const GemmMappingProblem& problem,
                                            const ChipConfig& chip,
                                            const TileOverride& tile);

}  // namespace orrery
