// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arch/chip_config.h"
#include "arch/program.h"
#include "workloads/operator.h"

namespace orrery {

// A tile given by hand (`--tile 128x256x64 --stages 4 --split 2 --cluster 2`); 0 = the mapping
// chooses.
struct TileOverride {
  std::uint32_t m = 0, n = 0, k = 0;
  std::uint32_t stages = 0, split = 0, cluster = 0;
  bool operator==(const TileOverride&) const = default;
};

// A candidate that the mapping weighed: what it is, and the closed-form estimate of its time.
struct MappingCandidate {
  std::string text;  // "128x256x64 stages 4 split 1 cluster 2"
  Femtoseconds estimate_fs = 0;
};

// An operator compiled for a chip: kernels that are launched one after another.
struct LoweredOperator {
  std::vector<std::unique_ptr<Kernel>> kernels;
  std::string tile;                          // of the first kernel, for tables
  std::vector<MappingCandidate> candidates;  // best first; the first was chosen
};

// Chooses tiles and makes kernels. Throws InputError when nothing fits (tile overrides that exceed
// the scratchpad name both sizes; a dtype that the tensor unit lacks is named).
LoweredOperator lower(const Workload& workload,
                      const Operator& op,
                      const ChipConfig& chip,
                      const TileOverride& tile = {});

// One per family; `lower` dispatches.
LoweredOperator lower_gemm(const Workload& workload,
                           const Operator& op,
                           const ChipConfig& chip,
                           const TileOverride& tile);
LoweredOperator lower_attention(const Workload& workload,
                                const Operator& op,
                                const ChipConfig& chip,
                                const TileOverride& tile);
LoweredOperator lower_rowwise(const Workload& workload, const Operator& op, const ChipConfig& chip);

}  // namespace orrery
