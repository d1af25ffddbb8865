// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sim/dtype.h"
#include "workloads/operator.h"

namespace orrery {

// How a GEMM y[m, n] = x[m, k] w[n, k]^T is cut for a chip.
struct GemmTiling {
  std::uint32_t tile_m = 0, tile_n = 0, tile_k = 0;  // elements; tile_k is one pipeline step
  std::uint32_t stages = 2;                          // steps that the scratchpad holds
  std::uint32_t split = 1;                           // parts of k that different tasks sum up
  // Cores that work side by side: those along m share w, those along n share x.
  std::uint32_t cluster_m = 1, cluster_n = 1;
  bool pair =
      false;  // the cluster is two cores that multiply as one and hold half of what they share
  bool issue_per_line = false;
  bool swapped = false;               // the tensor unit computes y^T: n takes the place of m
  std::uint32_t tasks_in_flight = 1;  // 2: the next tile's loads overlap this epilogue
  std::uint32_t accumulators = 1;     // 2: so do its multiplies
  std::uint32_t raster = 1;           // rows of tiles that are walked together, column by column

  std::uint32_t cluster() const { return cluster_m * cluster_n; }
  std::uint64_t tiles_m(const GemmShape& shape) const { return ceil_div(shape.m, tile_m); }
  std::uint64_t tiles_n(const GemmShape& shape) const { return ceil_div(shape.n, tile_n); }
  // Padded so that clusters are whole.
  std::uint64_t grid_m(const GemmShape& shape) const { return round_up(tiles_m(shape), cluster_m); }
  std::uint64_t grid_n(const GemmShape& shape) const { return round_up(tiles_n(shape), cluster_n); }
  std::uint64_t task_count(const GemmShape& shape) const {
    return shape.batch * split * grid_m(shape) * grid_n(shape);
  }
  std::uint64_t steps_in_all(const GemmShape& shape) const { return ceil_div(shape.k, tile_k); }
  // Steps of one task; the last split may have fewer.
  std::uint64_t steps(const GemmShape& shape) const { return ceil_div(steps_in_all(shape), split); }

  // Kernels wait for each line of k of an MMA unit's operands; a systolic array streams a step.
  std::uint32_t issues(std::uint64_t k, Dtype dtype) const {
    return issue_per_line ? static_cast<std::uint32_t>(ceil_div(bytes_of(dtype, k), 128)) : 1;
  }
  std::uint64_t stage_bytes(Dtype dtype) const {
    const std::uint64_t shared_rows = cluster_m > 1 ? tile_n : tile_m;
    return (std::uint64_t{tile_m} + tile_n - (pair ? shared_rows / 2 : 0)) *
           bytes_of(dtype, tile_k);
  }
  // Pipeline stages, and a quarter of the output tile on its way out.
  std::uint64_t scratchpad_bytes(Dtype dtype, Dtype output) const {
    return stages * stage_bytes(dtype) + output_bytes(output) / 4;
  }
  std::uint64_t output_bytes(Dtype output) const {
    return std::uint64_t{tile_m} * bytes_of(split > 1 ? Dtype::kFp32 : output, tile_n);
  }
  std::uint64_t accumulator_bytes() const {
    return std::uint64_t{tile_m} * tile_n * 4 * accumulators;
  }
  std::string text() const;  // "128x256x64 stages 4 split 1 cluster 2"

  bool operator==(const GemmTiling&) const = default;
};

}  // namespace orrery
