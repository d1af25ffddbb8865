// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "arch/program.h"
#include "workloads/gemm_tiling.h"
#include "workloads/operator.h"

namespace orrery {

// Where a GEMM's operands lie and what software knows of their future.
struct GemmOperands {
  Tensor x, w, y;  // y: fp32 partial sums [split * batch * m, n] when the tiling splits k
  Dtype dtype = Dtype::kBf16;
  Dtype output_dtype = Dtype::kBf16;
  bool vector_epilogue = true;  // the vector unit narrows results (else they leave so)
  bool whole_tiles = true;      // edge tiles compute like whole ones (else cut to what is needed)
};

// One tile of y a task: loads of x and w stream through `stages` of the scratchpad, the tensor
// unit sums steps of tile_k, the vector unit narrows, a store writes the tile. Cores of a cluster
// that work on the same rows of an operand load it in turn and multicast it to each other. The
// cores of a pair do not: the unit of each reads what lies in the other's scratchpad, and two steps
// of half an operand on each stand for one whole one here and one there.
class GemmKernel : public Kernel {
 public:
  GemmKernel(std::string name,
             const GemmShape& shape,
             const GemmTiling& tiling,
             GemmOperands operands);

  const std::string& name() const override { return name_; }
  std::uint64_t task_count() const override { return tiling_.task_count(shape_); }
  std::uint32_t cluster_size() const override { return tiling_.cluster(); }
  std::uint32_t tasks_in_flight() const override { return tiling_.tasks_in_flight; }
  std::uint64_t scratchpad_bytes() const override {
    return tiling_.scratchpad_bytes(operands_.dtype, operands_.output_dtype);
  }
  std::uint64_t accumulator_bytes() const override { return tiling_.accumulator_bytes(); }
  KernelPeriod period() const override;
  std::uint64_t useful_flop(std::uint64_t first, std::uint64_t count) const override;
  std::unique_ptr<CoreProgram> make_program(std::uint32_t rank) const override;

  // Which tile a task is. Tasks walk groups of `raster` rows of tiles column by column, so that
  // the tiles in flight share rows of x and rows of w; splits of a tile are neighbours.
  struct Tile {
    std::uint64_t batch = 0, row = 0, column = 0, split = 0;
  };
  Tile tile_of(std::uint64_t task) const;

 private:
  class Program;
  struct Extent {  // of a task: what of it lies inside the matrices
    Tile tile;
    std::uint64_t rows = 0, columns = 0;  // 0 in a tile that only fills up a cluster
    std::uint64_t first_step = 0, steps = 0;
  };
  Extent extent_of(std::uint64_t task) const;
  // Of some steps of a task.
  std::uint64_t useful_flop_of(const Extent& extent,
                               std::uint64_t first,
                               std::uint64_t steps) const;

  std::string name_;
  GemmShape shape_;
  GemmTiling tiling_;
  GemmOperands operands_;
};

}  // namespace orrery
