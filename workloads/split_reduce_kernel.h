// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "workloads/chunk_kernel.h"
#include "workloads/operator.h"

namespace orrery {

// y[rows, n] = sum over s of partial[s * rows + row, n]: the sum over the splits of a GEMM's k.
// Partial sums are fp32; an addition an element and split, and a conversion an element.
class SplitReduceKernel : public ChunkKernel {
 public:
  // Throws InputError when not even one stage fits the scratchpad.
  SplitReduceKernel(const std::string& name,
                    const Tensor& partial,
                    const Tensor& y,
                    std::uint32_t split,
                    const CoreConfig& core);

  Chunk chunk(std::uint64_t index) const override;
  bool launches_early() const override { return true; }

 private:
  struct Cut {  // of y, in elements
    std::uint64_t rows = 1, columns = 1;
  };
  static Cut cut_of(const Tensor& y, std::uint32_t split, const CoreConfig& core);
  static Plan plan_of(const std::string& name,
                      const Tensor& y,
                      std::uint32_t split,
                      const CoreConfig& core);

  Tensor partial_;
  Tensor y_;
  std::uint32_t split_;
  Cut cut_;
};

}  // namespace orrery
