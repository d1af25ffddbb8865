// SPDX-License-Identifier: Apache-2.0
#include "arch/tensor_unit.h"

#include <algorithm>

#include "sim/units.h"

namespace orrery {

TensorUnit::Folds TensorUnit::folds(const MatmulWork& work) const {
  const std::uint64_t r = config_.rows;
  const std::uint64_t c = config_.columns;
  const std::uint64_t skew = r + c - 2;
  switch (config_.dataflow) {
    case Dataflow::kWeightStationary:
      return {ceil_div(work.k, r) * ceil_div(work.n, c), r, skew, work.m};
    case Dataflow::kOutputStationary:
      return {ceil_div(work.m, r) * ceil_div(work.n, c), 0, skew, work.k};
    case Dataflow::kInputStationary:
      return {ceil_div(work.k, r) * ceil_div(work.m, c), r, skew, work.n};
  }
  return {};
}

std::uint64_t TensorUnit::padded_flop(const MatmulWork& work) const {
  if (config_.kind == TensorUnitKind::kSystolic) {
    const Folds f = folds(work);
    return 2 * f.count * f.stream * config_.rows * config_.columns;
  }
  const std::uint64_t m = round_up(work.m, config_.instruction_m);
  const std::uint64_t n = round_up(work.n, config_.instruction_n);
  const std::uint64_t k_bits = round_up(std::uint64_t{work.k} * bits_of(work.dtype),
                                        std::uint64_t{config_.instruction_k_bytes} * 8);
  return 2 * m * n * ceil_div(k_bits, bits_of(work.dtype));
}

std::uint64_t TensorUnit::cycles(const MatmulWork& work, bool pipe_is_full) const {
  if (config_.kind == TensorUnitKind::kMma) {
    const std::uint64_t scale_cycles =
        bits_of(work.dtype) < 8 ? work.issues * config_.block_scale_cycles : 0;
    const std::uint64_t group_cycles =
        work.issues * config_.issue_cycles +
        std::max(scale_cycles, ceil_div(padded_flop(work), config_.rate(work.dtype)));
    return (pipe_is_full ? 0 : config_.fill_cycles) + work.stall_cycles +
           std::max(group_cycles, work.issues * config_.group_cycles);
  }
  const Folds f = folds(work);
  // A dtype whose rate is twice rows x columns x 2 streams two elements a cycle, and so on.
  const std::uint64_t array_flop = 2ULL * config_.rows * config_.columns;
  const std::uint64_t stream = scale_up(f.stream, array_flop, config_.rate(work.dtype));
  const std::uint64_t gap = (pipe_is_full ? 0 : config_.fill_cycles) + work.stall_cycles;
  switch (config_.fold_overlap) {
    case FoldOverlap::kNone:
      return gap + config_.issue_cycles + f.count * (f.preload + f.skew + stream);
    case FoldOverlap::kStationary:
      return gap + config_.issue_cycles + (pipe_is_full ? 0 : f.preload) +
             f.count * std::max(f.preload, f.skew + stream);
    case FoldOverlap::kWavefront:
      return gap + config_.issue_cycles + (pipe_is_full ? 0 : f.preload + f.skew) +
             f.count * std::max(f.preload, stream);
  }
  return 0;
}

std::uint64_t TensorUnit::operand_bytes(const MatmulWork& work) const {
  const std::uint64_t a = bytes_of(work.dtype, std::uint64_t{work.m} * work.k);
  const std::uint64_t b = bytes_of(work.dtype, std::uint64_t{work.n} * work.k);
  std::uint64_t a_passes = 1;
  std::uint64_t b_passes = 1;
  if (config_.kind == TensorUnitKind::kSystolic) {
    switch (config_.dataflow) {
      case Dataflow::kWeightStationary:
        a_passes = ceil_div(work.n, config_.columns);
        break;
      case Dataflow::kOutputStationary:
        a_passes = ceil_div(work.n, config_.columns);
        b_passes = ceil_div(work.m, config_.rows);
        break;
      case Dataflow::kInputStationary:
        b_passes = ceil_div(work.m, config_.columns);
        break;
    }
  }
  return (work.a_local ? 0 : a * a_passes) + (work.b_halved ? ceil_div(b, 2) : b * b_passes);
}

}  // namespace orrery
