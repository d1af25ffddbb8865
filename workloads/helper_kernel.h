// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "workloads/chunk_kernel.h"
#include "workloads/operator.h"

namespace orrery {

// A small kernel that a library runs before its attention, quantisation or a GEMM of many tiles: it
// reads the sequences' lengths and writes their offsets, or sets counters to zero. What it costs is
// its launch.
class HelperKernel : public ChunkKernel {
 public:
  // `scratch_address`: where 4 bytes a sequence may be written.
  HelperKernel(const std::string& name,
               std::uint64_t sequences,
               std::uint64_t scratch_address,
               const CoreConfig& core);

  Chunk chunk(std::uint64_t index) const override;

 private:
  static Plan plan_of(const std::string& name, const CoreConfig& core);

  Tensor counters_;
};

}  // namespace orrery
