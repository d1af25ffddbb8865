// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "workloads/rowwise_kernel.h"

namespace orrery {

// Finds the largest magnitude of a matrix, for a scale that all of it shares: reads what a
// quantisation reads, and leaves four bytes a chunk (an atomic maximum).
class AbsoluteMaximumKernel : public RowwiseKernel {
 public:
  AbsoluteMaximumKernel(const std::string& name,
                        const RowwiseShape& shape,
                        const Tensor& input,
                        const Tensor& output,
                        const CoreConfig& core,
                        std::uint64_t in_flight_bytes)
      : RowwiseKernel(name, shape, {input}, output, core, in_flight_bytes) {}

  Chunk chunk(std::uint64_t index) const override {
    Chunk chunk = RowwiseKernel::chunk(index);
    chunk.stores.resize(1);
    chunk.stores.front().block.rows = 1;
    chunk.stores.front().block.row_bytes = 4;
    return chunk;
  }
};

}  // namespace orrery
