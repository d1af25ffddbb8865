// SPDX-License-Identifier: Apache-2.0
#include "workloads/gemm_mapping.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <initializer_list>
#include <numeric>

#include "arch/tensor_unit.h"
#include "arch/vector_unit.h"
#include "sim/clock.h"
#include "sim/error.h"
#include "workloads/chip_rates.h"

namespace orrery {
namespace {

std::uint64_t integer_sqrt(std::uint64_t value) {
  auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(value)));
  while (root * root > value) {
    --root;
  }
  while ((root + 1) * (root + 1) <= value) {
    ++root;
  }
  return root;
}

// Rows of tiles to walk together: the tiles in flight then read about as many bytes of x as of w.
std::uint32_t best_raster(const GemmShape& shape, const GemmTiling& t, std::uint64_t cores) {
  const std::uint64_t tile_m = t.tile_m * (t.cluster_along_m ? t.cluster : 1U);
  const std::uint64_t tile_n = t.tile_n * (t.cluster_along_m ? 1U : t.cluster);
  const std::uint64_t groups = std::max<std::uint64_t>(1, cores / (t.cluster * t.split));
  const std::uint64_t rows = integer_sqrt(groups * tile_n / tile_m);
  const std::uint64_t all_rows = ceil_div(shape.m, tile_m);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(rows, 1, all_rows));
}

// Tile edges: multiples of an instruction's edge, a power of two or three quarters of one.
std::vector<std::uint32_t> tile_edges(std::uint32_t least,
                                      std::uint64_t extent,
                                      std::uint64_t most) {
  std::vector<std::uint32_t> edges;
  for (std::uint64_t edge = least; edge <= most; edge *= 2) {
    edges.push_back(static_cast<std::uint32_t>(edge));
    if (edge >= extent) {
      break;  // a larger one only pads more
    }
    const std::uint64_t between = edge + edge / 2;
    if (between % least == 0 && between <= most && between >= 64) {
      edges.push_back(static_cast<std::uint32_t>(between));
      if (between >= extent) {
        break;
      }
    }
  }
  return edges;
}

// Resources that work side by side: the slowest decides, the others still get in its way a little.
// The share is assumed; it also makes the tiling win that moves fewer bytes.
Femtoseconds overlapped(std::initializer_list<Femtoseconds> times_fs) {
  const Femtoseconds longest_fs = std::max(times_fs);
  const Femtoseconds sum_fs = std::accumulate(times_fs.begin(), times_fs.end(), Femtoseconds{0});
  return longest_fs + (sum_fs - longest_fs) / 32;
}

struct Limits {
  std::uint64_t scratchpad_bytes, accumulator_bytes;
};

bool fits(const GemmTiling& t, const GemmMappingProblem& p, const Limits& limits) {
  return t.scratchpad_bytes(p.dtype, p.output_dtype) <= limits.scratchpad_bytes &&
         t.accumulator_bytes() <= limits.accumulator_bytes;
}

}  // namespace

Femtoseconds estimate_gemm(const GemmMappingProblem& problem,
                           const GemmTiling& t,
                           const ChipConfig& chip) {
  const GemmShape& s = problem.shape;
  const ChipRates rates = ChipRates::of(chip);
  const Clock clock(chip.core.clock_hz);
  const TensorUnit tensor(chip.core.tensor);
  const VectorUnit vector(chip.core.vector);

  MatmulWork work;
  work.m = t.swapped ? t.tile_n : t.tile_m;
  work.n = t.swapped ? t.tile_m : t.tile_n;
  work.k = static_cast<std::uint32_t>(std::min<std::uint64_t>(t.tile_k, s.k));
  work.dtype = problem.dtype;
  const std::uint64_t stage_bytes = t.stage_bytes(problem.dtype);
  // What a core asks for itself: the operand that a cluster shares counts by its part of it.
  const std::uint64_t shared_rows = t.cluster_along_m ? t.tile_n : t.tile_m;
  const std::uint64_t own_rows = t.cluster_along_m ? t.tile_m : t.tile_n;
  const std::uint64_t asked_bytes =
      (own_rows + ceil_div(shared_rows, t.cluster)) * bytes_of(problem.dtype, t.tile_k);

  const std::uint64_t tasks = t.task_count(s);
  const std::uint64_t clusters = rates.cores / t.cluster;
  const std::uint64_t waves = ceil_div(tasks / t.cluster, clusters);
  const std::uint64_t steps = t.steps(s);

  // One step of a core when `active` cores work.
  const auto step_fs = [&](std::uint64_t active) {
    const std::uint64_t groups = std::max<std::uint64_t>(1, active / (t.cluster * t.split));
    const std::uint64_t raster = std::min<std::uint64_t>(t.raster, groups);
    const std::uint64_t wave_rows = raster * t.tile_m * (t.cluster_along_m ? t.cluster : 1);
    const std::uint64_t wave_columns =
        ceil_div(groups, raster) * t.tile_n * (t.cluster_along_m ? 1 : t.cluster);
    const std::uint64_t x_bytes =
        std::min(wave_rows, s.m * s.batch) * bytes_of(problem.dtype, t.tile_k);
    const std::uint64_t w_bytes =
        std::min(wave_columns, s.n * s.batch) * bytes_of(problem.dtype, t.tile_k);
    const bool x_fits =
        s.batch * s.m * bytes_of(problem.dtype, s.k) < rates.shared_capacity_bytes / 3;
    const std::uint64_t cold_bytes =
        t.split * (w_bytes + (problem.x_is_warm && x_fits ? 0 : x_bytes));
    const Femtoseconds compute_fs = clock.to_fs(tensor.cycles(work, true));
    const Femtoseconds scratchpad_fs =
        rates.scratchpad.time_for(tensor.operand_bytes(work) + stage_bytes);
    const Femtoseconds port_fs = rates.port.time_for(stage_bytes);
    const Femtoseconds shared_fs = rates.shared.time_for(active * asked_bytes);
    const Femtoseconds memory_fs = rates.memory.time_for(cold_bytes);
    const std::uint64_t in_flight = std::min(rates.outstanding_bytes, (t.stages - 1) * asked_bytes);
    const Femtoseconds latency_fs =
        scale_up(rates.memory_latency_fs, asked_bytes, std::max(in_flight, asked_bytes / 2 + 1));
    return overlapped({compute_fs, scratchpad_fs, port_fs, shared_fs, memory_fs, latency_fs});
  };

  VectorWork narrow;
  narrow.alu_ops = std::uint64_t{t.tile_m} * t.tile_n;
  const std::uint64_t output_bytes = t.output_bytes(problem.output_dtype);
  const Femtoseconds epilogue_fs =
      (chip.core.tensor.converts_output ? 0 : clock.to_fs(vector.cycles(narrow))) +
      std::max(rates.port.time_for(output_bytes),
               rates.shared.time_for(output_bytes * std::min(tasks, rates.cores))) +
      rates.shared_latency_fs;
  const Femtoseconds fill_fs = rates.memory_latency_fs + rates.port.time_for(stage_bytes) +
                               clock.to_fs(tensor.cycles(work, false) - tensor.cycles(work, true));

  const std::uint64_t last = tasks - (waves - 1) * clusters * t.cluster;
  const Femtoseconds full_wave_fs = steps * step_fs(clusters * t.cluster);
  const Femtoseconds last_wave_fs = steps * step_fs(last);
  const Femtoseconds between_fs =
      t.tasks_in_flight > 1 ? 0 : epilogue_fs + fill_fs + chip.dispatch.task_launch_fs;
  Femtoseconds total_fs = chip.dispatch.kernel_launch_fs + chip.dispatch.kernel_end_fs +
                          chip.dispatch.task_launch_fs + fill_fs +
                          (waves - 1) * (full_wave_fs + between_fs) + last_wave_fs + epilogue_fs;
  if (t.split > 1) {
    const std::uint64_t partial_bytes = s.batch * t.split * s.m * s.n * 4;
    const std::uint64_t result_bytes = s.batch * s.m * bytes_of(problem.output_dtype, s.n);
    total_fs += chip.dispatch.dependent_launch_fs + chip.dispatch.task_launch_fs +
                2 * rates.shared_latency_fs + rates.shared.time_for(partial_bytes + result_bytes);
  }
  // Nothing is faster than reading and writing everything once.
  const std::uint64_t x_bytes = s.batch * s.m * bytes_of(problem.dtype, s.k);
  const std::uint64_t w_bytes = s.batch * s.n * bytes_of(problem.dtype, s.k);
  const bool warm = problem.x_is_warm && x_bytes < rates.shared_capacity_bytes / 3;
  return std::max(total_fs, chip.dispatch.kernel_launch_fs + fill_fs +
                                rates.memory.time_for(w_bytes + (warm ? 0 : x_bytes)));
}

std::vector<RankedTiling> rank_gemm_tilings(const GemmMappingProblem& problem,
                                            const ChipConfig& chip,
                                            const TileOverride& tile) {
  const GemmShape& s = problem.shape;
  const TensorUnitConfig& unit = chip.core.tensor;
  const bool systolic = unit.kind == TensorUnitKind::kSystolic;
  const std::uint32_t least_m = systolic ? std::min(unit.rows, 64U) : unit.instruction_m;
  const std::uint32_t least_n = systolic ? std::min(unit.columns, 64U) : unit.instruction_n;
  const Limits limits{chip.core.scratchpad.capacity_bytes, unit.accumulator_bytes};
  const std::uint64_t most_elements = limits.accumulator_bytes / 4;
  const std::uint64_t cores = chip.core.count;
  // A step of 128 B of k is the least that keeps whole lines together.
  const std::uint32_t line_k = std::bit_floor(128U * 8 / bits_of(problem.dtype));

  std::vector<RankedTiling> ranked;
  const auto consider = [&](GemmTiling t) {
    if (tile.m != 0)
      t.tile_m = tile.m;
    if (tile.n != 0)
      t.tile_n = tile.n;
    if (tile.k != 0)
      t.tile_k = tile.k;
    if (tile.split != 0)
      t.split = tile.split;
    if (tile.cluster != 0)
      t.cluster = tile.cluster;
    const std::uint64_t stage = t.stage_bytes(problem.dtype);
    for (const std::uint32_t in_flight : {2U, 1U}) {
      t.tasks_in_flight = in_flight;
      const std::uint64_t rest =
          t.scratchpad_bytes(problem.dtype, problem.output_dtype) - t.stages * stage;
      if (rest + 2 * stage > limits.scratchpad_bytes && tile.stages == 0) {
        continue;
      }
      // As many stages as there is room for; more than the latency needs do no good.
      t.stages = tile.stages != 0 ? tile.stages
                                  : static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                        12, (limits.scratchpad_bytes - rest) / stage));
      if (t.split > t.steps_in_all(s) || !fits(t, problem, limits)) {
        continue;
      }
      t.raster = best_raster(s, t, cores);
      ranked.push_back({t, estimate_gemm(problem, t, chip)});
      break;
    }
  };

  for (const bool swapped : {false, true}) {
    if (swapped && (systolic || unit.instruction_m == unit.instruction_n)) {
      continue;
    }
    const std::uint32_t edge_m = std::max(swapped ? least_n : least_m, 8U);
    const std::uint32_t edge_n = std::max(swapped ? least_m : least_n, 8U);
    const std::uint32_t first_n = std::max(edge_n, systolic ? edge_n : 32U);
    for (const std::uint32_t m : tile_edges(edge_m, s.m, most_elements)) {
      for (const std::uint32_t n : tile_edges(first_n, s.n, most_elements)) {
        if (std::uint64_t{m} * n > most_elements) {
          continue;
        }
        for (std::uint32_t lines = 1; lines <= 8; lines *= 2) {
          GemmTiling t;
          t.tile_m = m;
          t.tile_n = n;
          t.tile_k = line_k * lines;
          t.swapped = swapped;
          if (lines > 1 && t.tile_k >= 2 * s.k) {
            continue;
          }
          const std::uint64_t tiles = s.batch * t.tiles_m(s) * t.tiles_n(s);
          for (std::uint32_t split = 1; split <= 32; split *= 2) {
            t.split = split;
            if (split > 1 && (tiles * split > 4 * cores || t.steps_in_all(s) / split < 4)) {
              continue;
            }
            t.cluster = 1;
            t.cluster_along_m = true;
            consider(t);
            for (std::uint32_t c = 2; c <= std::min(chip.dispatch.max_cluster, 4U); c *= 2) {
              t.cluster = c;
              t.cluster_along_m = true;
              if (t.tiles_m(s) >= c) {
                consider(t);
              }
              t.cluster_along_m = false;
              if (t.tiles_n(s) >= c) {
                consider(t);
              }
            }
          }
        }
      }
    }
  }
  if (ranked.empty() && tile.m != 0 && tile.n != 0 && tile.k != 0) {
    GemmTiling t;
    t.tile_m = tile.m;
    t.tile_n = tile.n;
    t.tile_k = tile.k;
    t.stages = tile.stages != 0 ? tile.stages : 2;
    t.split = std::max(tile.split, 1U);
    throw InputError(fmt::format(
        "tile {} needs {} B of scratchpad and {} B of accumulators; a core of {} has {} B and {} B",
        t.text(), t.scratchpad_bytes(problem.dtype, problem.output_dtype), t.accumulator_bytes(),
        chip.name, limits.scratchpad_bytes, limits.accumulator_bytes));
  }
  if (ranked.empty()) {
    throw InputError(fmt::format(
        "no tile of {}x{}x{} ({}) fits the core of {}: scratchpad {} B, accumulators {} B", s.m,
        s.n, s.k, name_of(problem.dtype), chip.name, limits.scratchpad_bytes,
        limits.accumulator_bytes));
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const RankedTiling& a, const RankedTiling& b) {
    return a.estimate_fs < b.estimate_fs;
  });
  // Overrides make candidates coincide.
  const auto last = std::unique(ranked.begin(), ranked.end(),
                                [](const auto& a, const auto& b) { return a.tiling == b.tiling; });
  ranked.erase(last, ranked.end());
  return ranked;
}

}  // namespace orrery
