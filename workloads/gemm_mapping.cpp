// SPDX-License-Identifier: Apache-2.0
#include "workloads/gemm_mapping.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <initializer_list>
#include <numeric>
#include <utility>

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
  const std::uint64_t tile_m = std::uint64_t{t.tile_m} * t.cluster_m;
  const std::uint64_t tile_n = std::uint64_t{t.tile_n} * t.cluster_n;
  const std::uint64_t groups = std::max<std::uint64_t>(1, cores / (t.cluster() * t.split));
  const std::uint64_t rows = integer_sqrt(groups * tile_n / tile_m);
  const std::uint64_t all_rows = ceil_div(shape.m, tile_m);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(rows, 1, all_rows));
}

// Tile edges: multiples of the instruction's edge, in steps that grow with the tile, as libraries
// are built: fine where a tile is small, an eighth to a quarter where it is large. Older libraries
// have powers of two alone.
std::vector<std::uint32_t> tile_edges(std::uint32_t least,
                                      std::uint64_t extent,
                                      std::uint64_t most,
                                      bool power_of_two) {
  std::vector<std::uint32_t> edges;
  for (std::uint64_t edge = least; edge <= most;) {
    edges.push_back(static_cast<std::uint32_t>(edge));
    if (edge >= extent) {
      break;  // a larger one only pads more
    }
    edge += power_of_two ? edge : std::max<std::uint64_t>(least, std::bit_floor(edge) / 8);
  }
  return edges;
}

// Resources that work side by side: the slowest decides, and those that are nearly as slow get in
// its way: the fourth root of the sum of fourth powers (an exponent of 3 to 5 fits measured GEMMs).
Femtoseconds overlapped(std::initializer_list<Femtoseconds> times_fs) {
  const Femtoseconds longest_fs = std::max<Femtoseconds>(1, std::max(times_fs));
  std::uint64_t sum = 0;
  for (const Femtoseconds time_fs : times_fs) {
    const std::uint64_t share = scale_up(time_fs, 4096, longest_fs);
    const std::uint64_t square = share * share / 4096;
    sum += square * square;
  }
  return scale_up(longest_fs, integer_sqrt(integer_sqrt(sum) * 4096), 4096);
}

// Of a tile for an MMA unit: libraries have few beyond, and each is a kernel of its own.
constexpr std::uint64_t kMostEdge = 256;

// Along m and along n: lines of up to four cores and squares of four, or those of one size.
std::vector<std::pair<std::uint32_t, std::uint32_t>> cluster_shapes(std::uint32_t most,
                                                                    std::uint32_t only) {
  constexpr std::uint32_t kMostCores = 4;  // GemmKernel's semaphores
  std::vector<std::pair<std::uint32_t, std::uint32_t>> shapes;
  if (only > kMostCores) {
    throw InputError(fmt::format("clusters of {} cores: at most {} expected", only, kMostCores));
  }
  for (std::uint32_t size = 1; size <= std::min(most, kMostCores); size *= 2) {
    for (std::uint32_t m = size; m >= 1; m /= 2) {
      shapes.emplace_back(m, size / m);
    }
  }
  if (only != 0) {
    shapes.clear();
    for (std::uint32_t m = only; m >= 1; --m) {
      if (only % m == 0) {
        shapes.emplace_back(m, only / m);
      }
    }
  }
  return shapes;
}

struct Limits {
  std::uint64_t scratchpad_bytes, accumulator_bytes;
};

bool fits(const GemmTiling& t, const GemmMappingProblem& p, const Limits& limits) {
  return t.scratchpad_bytes(p.dtype, p.output_dtype) <= limits.scratchpad_bytes &&
         t.accumulator_bytes() <= limits.accumulator_bytes;
}

// Estimates tilings of one GEMM on one chip.
class Estimator {
 public:
  Estimator(const GemmMappingProblem& problem, const ChipConfig& chip)
      : problem_(problem),
        chip_(chip),
        rates_(ChipRates::of(chip)),
        clock_(chip.core.clock_hz),
        tensor_(chip.core.tensor),
        vector_(chip.core.vector) {
    const GemmShape& s = problem.shape;
    x_bytes_ = s.batch * s.m * bytes_of(problem.dtype, s.k);
    w_bytes_ = s.batch * s.n * bytes_of(problem.dtype, s.k);
    y_bytes_ = s.batch * s.m * bytes_of(problem.output_dtype, s.n);
    // Weights stream through a cache as well, so what stays in it is well under its capacity.
    warm_ = problem.x_is_warm && x_bytes_ + y_bytes_ < rates_.shared_capacity_bytes / 5 * 2;
  }

  Femtoseconds estimate(const GemmTiling& t) const {
    const GemmShape& s = problem_.shape;
    const std::uint64_t tasks = t.task_count(s);
    const std::uint64_t slots = rates_.cores / t.cluster() * t.cluster();
    const std::uint64_t waves = ceil_div(tasks, slots);
    const std::uint64_t last = tasks - (waves - 1) * slots;
    const Femtoseconds compute_fs = clock_.to_fs(tensor_.cycles(step(t), true));
    const Femtoseconds fill_fs =
        rates_.memory_latency_fs + rates_.port.time_for(t.stage_bytes(problem_.dtype)) +
        clock_.to_fs(tensor_.cycles(step(t), false) - tensor_.cycles(step(t), true));
    const DispatchConfig& dispatch = chip_.dispatch;
    const Femtoseconds start_fs =
        dispatch.kernel_launch_fs + dispatch.kernel_end_fs + dispatch.task_launch_fs + fill_fs;

    const Femtoseconds last_fs = t.steps(s) * step_fs(t, last, compute_fs) + epilogue_fs(t, last);
    Femtoseconds total_fs = start_fs + last_fs;
    if (waves > 1) {
      const Femtoseconds full_fs = t.steps(s) * step_fs(t, slots, compute_fs);
      const Femtoseconds out_fs = epilogue_fs(t, slots);
      const Femtoseconds alone_fs = dispatch.task_launch_fs + fill_fs + full_fs + out_fs;
      // Two tasks in flight hide the epilogue behind the next tile as far as that is longer, but
      // as far as it holds the only accumulators, and no further than two can; else the next task
      // comes when this one has been stored, and fills its pipeline anew.
      const Femtoseconds held_fs =
          t.accumulators > 1 ? 0 : narrowing_fs(t) + storing_fs(t, slots) / 4 * 3;
      total_fs +=
          (waves - 1) *
          (t.tasks_in_flight > 1 ? std::max({full_fs + held_fs, out_fs, alone_fs / 2}) : alone_fs);
    }
    if (draws_from_counter(t, s, chip_)) {
      total_fs += dispatch.dependent_launch_fs + dispatch.task_launch_fs +
                  2 * rates_.shared_latency_fs;  // the counter is read and written
    }
    if (t.split > 1) {
      const std::uint64_t partial_bytes = t.split * s.batch * s.m * s.n * 4;
      total_fs += dispatch.following_launch_fs(true) + dispatch.task_launch_fs +
                  3 * rates_.shared_latency_fs + rates_.shared.time_for(partial_bytes) +
                  rates_.shared_writes.time_for(y_bytes_);
    }
    // Nothing is faster than reading and writing everything once.
    return std::max(total_fs,
                    start_fs + rates_.memory_read_fs(w_bytes_ + (warm_ ? 0 : x_bytes_ + y_bytes_),
                                                     bytes_of(problem_.dtype, t.tile_k)));
  }

 private:
  MatmulWork step(const GemmTiling& t) const {
    MatmulWork work;
    work.m = t.swapped ? t.tile_n : t.tile_m;
    work.n = t.swapped ? t.tile_m : t.tile_n;
    work.k = static_cast<std::uint32_t>(std::min<std::uint64_t>(t.tile_k, problem_.shape.k));
    work.dtype = problem_.dtype;
    work.b_halved = t.pair;
    work.issues = t.issues(work.k, work.dtype);
    return work;
  }

  // One step of a core when `active` cores work.
  Femtoseconds step_fs(const GemmTiling& t, std::uint64_t active, Femtoseconds compute_fs) const {
    const GemmShape& s = problem_.shape;
    const Dtype dtype = problem_.dtype;
    const std::uint64_t stage_bytes = t.stage_bytes(dtype);
    // What a core asks for itself: an operand that it shares counts by its part of it.
    const std::uint64_t asked_bytes =
        (ceil_div(t.tile_m, t.cluster_n) + ceil_div(t.tile_n, t.cluster_m)) *
        bytes_of(dtype, t.tile_k);
    // The tiles in flight: a rectangle of `raster` rows.
    const std::uint64_t groups = std::max<std::uint64_t>(1, active / (t.cluster() * t.split));
    const std::uint64_t raster = std::min<std::uint64_t>(t.raster, groups);
    const std::uint64_t wave_rows = raster * t.tile_m * t.cluster_m;
    const std::uint64_t wave_columns = ceil_div(groups, raster) * t.tile_n * t.cluster_n;
    const std::uint64_t x_bytes = std::min(wave_rows, s.m * s.batch) * bytes_of(dtype, t.tile_k);
    const std::uint64_t w_bytes = std::min(wave_columns, s.n * s.batch) * bytes_of(dtype, t.tile_k);
    const std::uint64_t cold_bytes = t.split * (w_bytes + (warm_ ? 0 : x_bytes));
    const Femtoseconds scratchpad_fs = rates_.scratchpad.time_for(
        tensor_.operand_bytes(step(t)) + (chip_.core.scratchpad.fill_port ? 0 : stage_bytes));
    const std::uint64_t in_flight =
        std::min(rates_.outstanding_bytes, (t.stages - 1) * asked_bytes);
    const Femtoseconds latency_fs =
        scale_up(rates_.memory_latency_fs, asked_bytes, std::max(in_flight, asked_bytes / 2 + 1));
    return overlapped({compute_fs, scratchpad_fs, rates_.port.time_for(stage_bytes),
                       rates_.shared.time_for(active * asked_bytes),
                       rates_.memory_read_fs(cold_bytes, bytes_of(dtype, t.tile_k)), latency_fs});
  }

  Femtoseconds narrowing_fs(const GemmTiling& t) const {
    VectorWork narrow;
    narrow.alu_ops = std::uint64_t{t.tile_m} * t.tile_n;
    return chip_.core.tensor.converts_output ? 0 : clock_.to_fs(vector_.cycles(narrow));
  }

  Femtoseconds storing_fs(const GemmTiling& t, std::uint64_t active) const {
    const std::uint64_t bytes = t.output_bytes(problem_.output_dtype);
    return std::max(rates_.port.time_for(bytes), rates_.shared_writes.time_for(bytes * active));
  }

  Femtoseconds epilogue_fs(const GemmTiling& t, std::uint64_t active) const {
    return narrowing_fs(t) + storing_fs(t, active) + rates_.shared_latency_fs;
  }

  const GemmMappingProblem& problem_;
  const ChipConfig& chip_;
  const ChipRates rates_;
  const Clock clock_;
  const TensorUnit tensor_;
  const VectorUnit vector_;
  std::uint64_t x_bytes_ = 0, w_bytes_ = 0, y_bytes_ = 0;
  bool warm_ = false;  // x and y lie in shared memory
};

}  // namespace

bool draws_from_counter(const GemmTiling& t, const GemmShape& shape, const ChipConfig& chip) {
  const std::uint64_t waves = chip.software.gemm.static_waves;
  return waves != 0 && t.split == 1 &&
         shape.batch * t.tiles_m(shape) * t.tiles_n(shape) > waves * chip.core.count;
}

Femtoseconds estimate_gemm(const GemmMappingProblem& problem,
                           const GemmTiling& t,
                           const ChipConfig& chip) {
  return Estimator(problem, chip).estimate(t);
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
  const std::uint64_t most_edge = systolic ? most_elements : kMostEdge;
  const std::uint64_t cores = chip.core.count;
  // A step of 128 B of k is the least that keeps whole lines together.
  const std::uint32_t line_k = std::bit_floor(128U * 8 / bits_of(problem.dtype));

  const GemmSoftware& library = chip.software.gemm;
  const bool power_of_two = library.power_of_two_tiles;
  const std::uint32_t most_split = bits_of(problem.dtype) < 8 && !library.splits_4bit ? 1 : 32;

  const auto clusters = cluster_shapes(chip.dispatch.max_cluster, tile.cluster);

  const Estimator estimator(problem, chip);
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
    // What a pair shares is the unit's second operand.
    t.pair = unit.pairs && t.cluster() == 2 && (t.cluster_m == 2) != t.swapped;
    const std::uint64_t stage = t.stage_bytes(problem.dtype);
    for (const std::uint32_t accumulators : {2U, 1U}) {
      t.accumulators = accumulators;
      // Kernels of MMA units load ahead into stages that do not depend on accumulators.
      t.tasks_in_flight = systolic ? accumulators : 2;
      const std::uint64_t rest =
          t.scratchpad_bytes(problem.dtype, problem.output_dtype) - t.stages * stage;
      if (rest + 2 * stage > limits.scratchpad_bytes && tile.stages == 0) {
        continue;
      }
      // As many stages as there is room for; more than the latency needs do no good.
      t.stages = tile.stages != 0 ? tile.stages
                                  : static_cast<std::uint32_t>(std::min<std::uint64_t>(
                                        16, (limits.scratchpad_bytes - rest) / stage));
      // Where many steps of a line of k fit, two or four of them go together: as much is under way,
      // in fewer commands.
      while (!systolic && !library.line_steps && tile.k == 0 && tile.stages == 0 && t.stages >= 8 &&
             t.tile_k * 2 <= s.k) {
        t.tile_k *= 2;
        t.stages /= 2;
      }
      if (t.split > t.steps_in_all(s) || !fits(t, problem, limits)) {
        continue;
      }
      t.raster = best_raster(s, t, cores);
      ranked.push_back({t, estimator.estimate(t)});
      break;
    }
  };

  for (const bool swapped : {false, true}) {
    if (swapped && (systolic || unit.instruction_m == unit.instruction_n)) {
      continue;
    }
    const std::uint32_t edge_m = std::max(swapped ? least_n : least_m, 8U);
    const std::uint32_t edge_n = std::max(swapped ? least_m : least_n, 8U);
    const std::uint32_t first_n = edge_n;
    for (const std::uint32_t m : tile_edges(edge_m, s.m, most_edge, power_of_two)) {
      for (const std::uint32_t n : tile_edges(first_n, s.n, most_edge, power_of_two)) {
        if (std::uint64_t{m} * n > most_elements) {
          continue;
        }
        for (std::uint32_t lines = 1; lines <= (systolic ? 8U : 1U); lines *= 2) {
          GemmTiling t;
          t.tile_m = m;
          t.tile_n = n;
          t.tile_k = line_k * lines;
          t.swapped = swapped;
          t.issue_per_line = !systolic;
          if (lines > 1 && t.tile_k >= 2 * s.k) {
            continue;
          }
          // A systolic array's steps may be longer than a line.
          const std::uint64_t split_steps = systolic ? 4 : library.split_lines;
          const std::uint64_t most_tasks = library.split_waves * cores;
          const std::uint64_t tiles = s.batch * t.tiles_m(s) * t.tiles_n(s);
          for (std::uint32_t split = 1; split <= most_split;
               split += std::max(1U, std::bit_floor(split) / 4)) {
            t.split = split;
            if (split > 1 &&
                (tiles * split > most_tasks || ceil_div(t.steps_in_all(s), split) < split_steps)) {
              continue;
            }
            for (const auto& [along_m, along_n] : clusters) {
              t.cluster_m = along_m;
              t.cluster_n = along_n;
              if (tile.cluster != 0 || (t.tiles_m(s) >= along_m && t.tiles_n(s) >= along_n)) {
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
