// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "arch/core_config.h"
#include "workloads/chunk_kernel.h"
#include "workloads/operator.h"

namespace orrery {

// How a row-wise operator is cut into chunks, in rows and columns of the output.
struct RowwiseCut {
  std::uint64_t rows = 1;
  std::uint64_t columns = 1;
  std::uint64_t pieces = 1;  // across the columns
};

// Chunks small enough that every core and context has one, of some KiB and at most 32 KiB an
// operand: 32 rows by a range of columns (the shape of cache blocks), or whole rows where a row is
// reduced or gathered. `in_flight_bytes`, not 0: a cache block, and rows need not be whole.
RowwiseCut cut_rows(const RowwiseShape& shape,
                    Dtype dtype,
                    Dtype output_dtype,
                    std::uint64_t in_flight_bytes,
                    const CoreConfig& core);

// Normalisation, gating, residual sum, embedding gather and quantisation.
class RowwiseKernel : public ChunkKernel {
 public:
  // inputs and outputs as workloads/operator.h lists them; throws InputError when a chunk does not
  // fit the scratchpad. `in_flight_bytes`: of the input, that a core has under way at most; 0 for
  // as many as hide the latency.
  RowwiseKernel(const std::string& name,
                const RowwiseShape& shape,
                std::vector<Tensor> inputs,
                const Tensor& output,
                const CoreConfig& core,
                std::uint64_t in_flight_bytes = 0);

  Chunk chunk(std::uint64_t index) const override;
  std::vector<TransferWork> resident() const override;
  const RowwiseCut& cut() const { return cut_; }

 private:
  static Plan plan_of(const std::string& name,
                      const RowwiseShape& shape,
                      const std::vector<Tensor>& inputs,
                      const Tensor& output,
                      std::uint64_t in_flight_bytes,
                      const CoreConfig& core);
  // Row of the table that output row `row` is gathered from: uniform, the same in every run.
  std::uint64_t token(std::uint64_t row) const;

  RowwiseShape shape_;
  std::vector<Tensor> inputs_;
  Tensor output_;
  RowwiseCut cut_;
};

}  // namespace orrery
