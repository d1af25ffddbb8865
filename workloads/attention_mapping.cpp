// SPDX-License-Identifier: Apache-2.0
#include "workloads/attention_mapping.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

#include "arch/tensor_unit.h"
#include "sim/error.h"
#include "workloads/attention_prefill_kernel.h"
#include "workloads/chip_rates.h"
#include "workloads/chunk_kernel.h"

namespace orrery {
namespace {

constexpr std::array<std::uint32_t, 6> kTileRows{16, 32, 64, 128, 192, 256};
constexpr std::array<std::uint32_t, 4> kTileKeys{32, 64, 128, 256};
constexpr std::array<std::uint32_t, 3> kStages{2, 3, 4};
// Most rows that heads are packed to: as many as go, less where accumulators are small.
constexpr std::array<std::uint32_t, 5> kDecodeRows{128, 64, 32, 16, 8};
constexpr std::uint32_t kMostTileEdge = 65536;  // by hand: beyond any core, and products fit
// A split shorter than this is not worth its own start, and more waves than this hide it already
// (both as in current GPU libraries).
constexpr std::uint64_t kLeastSplitTokens = 128;
constexpr std::uint64_t kMostSplitWaves = 8;

// The choices of one dimension: all of them, or the one given by hand.
template <std::size_t N>
std::vector<std::uint32_t> choices(const std::array<std::uint32_t, N>& all, std::uint32_t fixed) {
  return fixed != 0 ? std::vector<std::uint32_t>{fixed}
                    : std::vector<std::uint32_t>(all.begin(), all.end());
}

// Collects what fits, and remembers the smallest that does not for the error message.
class Ranking {
 public:
  Ranking(const Operator& op, const ChipConfig& chip) : op_(op), chip_(chip) {}

  // Sets the tile's contexts and score buffers to every combination that pays.
  template <typename Consider>
  void for_each_occupancy(AttentionTile tile, Consider consider) {
    for (std::uint32_t contexts = 1; contexts <= streaming_contexts(chip_.core); contexts *= 2) {
      tile.contexts = contexts;
      for (const std::uint32_t buffers : {2U, 1U}) {
        tile.score_buffers = buffers;
        if (tile.fits(chip_.core)) {
          consider(tile);
          break;
        }
        if (tile.scratchpad_bytes() < smallest_.scratchpad_bytes() || smallest_.rows == 0) {
          smallest_ = tile;
        }
      }
    }
  }
  void add(const AttentionCandidate& candidate) { ranked_.push_back(candidate); }

  std::vector<AttentionCandidate> best_first() {
    if (ranked_.empty()) {
      throw InputError(fmt::format(
          "operator {}: attention tile {}x{} (head_dim {}) takes {} bytes of scratchpad and {} of "
          "accumulators; a core of {} has {} and {}",
          op_.name, smallest_.rows, smallest_.keys, smallest_.head_dim,
          smallest_.scratchpad_bytes(), smallest_.accumulator_bytes(), chip_.name,
          chip_.core.scratchpad.capacity_bytes, chip_.core.tensor.accumulator_bytes));
    }
    std::stable_sort(ranked_.begin(), ranked_.end(),
                     [](const auto& a, const auto& b) { return a.estimate_fs < b.estimate_fs; });
    return std::move(ranked_);
  }

 private:
  const Operator& op_;
  const ChipConfig& chip_;
  std::vector<AttentionCandidate> ranked_;
  AttentionTile smallest_;
};

AttentionTile base_tile(const Operator& op, const ChipConfig& chip) {
  const AttentionShape& shape = std::get<AttentionShape>(op.shape);
  AttentionTile tile;
  tile.head_dim = static_cast<std::uint32_t>(shape.head_dim);
  tile.dtype = op.dtype;
  tile.kv_dtype = shape.kv_dtype;
  tile.output_dtype = op.output_dtype;
  tile.whole_tiles = chip.core.tensor.kind == TensorUnitKind::kMma;
  // An MMA unit takes its first operand from where the results lie; a systolic array streams both
  // from the scratchpad.
  tile.local_probabilities = tile.whole_tiles;
  tile.converts_output = chip.core.tensor.converts_output;
  // A core that knows its tasks beforehand loads ahead; a dynamic grid starts each anew.
  tile.prefetch = chip.dispatch.policy == DispatchPolicy::kStatic;
  return tile;
}

std::uint64_t compulsory_bytes(const Operator& op) {
  const AttentionShape& s = std::get<AttentionShape>(op.shape);
  const std::uint64_t q = s.batch * s.seq_q * bytes_of(op.dtype, s.heads * s.head_dim);
  const std::uint64_t o = s.batch * s.seq_q * bytes_of(op.output_dtype, s.heads * s.head_dim);
  return q + o + 2 * s.batch * s.seq_kv * bytes_of(s.kv_dtype, s.kv_heads * s.head_dim);
}

void rank_prefill(const Operator& op,
                  const ChipConfig& chip,
                  const TileOverride& fixed,
                  Ranking& ranking) {
  const AttentionShape& shape = std::get<AttentionShape>(op.shape);
  AttentionTile tile = base_tile(op, chip);
  AttentionWork work;
  work.compulsory_bytes = compulsory_bytes(op);
  const std::uint32_t least_rows = tile.whole_tiles ? chip.core.tensor.instruction_m : 1;
  for (const std::uint32_t rows : choices(kTileRows, fixed.m)) {
    if (rows < least_rows && fixed.m == 0) {
      continue;  // an instruction would compute as many rows, and fill as much of the accumulators
    }
    tile.rows = rows;
    const PrefillGrid grid = PrefillGrid::of(shape, rows);
    work.tasks = grid.tasks();
    work.rows = grid.queries * grid.heads;
    for (const std::uint32_t keys : choices(kTileKeys, fixed.n)) {
      tile.keys = keys;
      work.heaviest_blocks = ceil_div(shape.seq_kv, keys);
      work.total_blocks = work.tasks * work.heaviest_blocks;
      if (shape.causal) {
        // Tile t ends at key `before` + (t + 1) * queries; blocks are whole, so half a block more.
        const std::uint64_t before = shape.seq_kv - shape.seq_q;
        const std::uint64_t last_keys = std::min(shape.seq_q, grid.queries);
        const std::uint64_t mean_keys = before + (shape.seq_q + last_keys) / 2;
        work.total_blocks =
            std::min(work.total_blocks, grid.tasks() * mean_keys / keys + grid.tasks() / 2);
      }
      for (const std::uint32_t stages : choices(kStages, fixed.stages)) {
        tile.stages = stages;
        ranking.for_each_occupancy(tile, [&](const AttentionTile& fitting) {
          ranking.add({fitting, false, {}, estimate_attention(fitting, work, chip)});
        });
      }
    }
  }
}

// Split counts worth a look: every one up to 8, then in steps of an eighth.
std::vector<std::uint64_t> split_choices(std::uint64_t most, std::uint32_t fixed) {
  if (fixed != 0) {
    return {fixed};
  }
  std::vector<std::uint64_t> splits;
  for (std::uint64_t split = 1; split <= most; split += std::max<std::uint64_t>(1, split / 8)) {
    splits.push_back(split);
  }
  return splits;
}

Femtoseconds estimate_combine(const AttentionShape& shape,
                              std::uint64_t partial_bytes,
                              const ChipConfig& chip) {
  const ChipRates rates = ChipRates::of(chip);
  const std::uint64_t chunks = shape.batch * shape.heads;
  const std::uint64_t waves = ceil_div(chunks, rates.cores);
  // Written and read again, and the chunks of a core one after another through its port.
  return chip.dispatch.dependent_launch_fs + chip.dispatch.task_launch_fs +
         2 * rates.shared_latency_fs +
         std::max(rates.shared.time_for(2 * partial_bytes),
                  waves * rates.port.time_for(ceil_div(partial_bytes, chunks)));
}

// The few query rows become the m or the n of the tensor unit, whichever is sooner done.
void orient(AttentionTile& tile, std::uint64_t rows, const TensorUnitConfig& unit) {
  const TensorUnit tensor(unit);
  std::uint64_t fewest = std::numeric_limits<std::uint64_t>::max();
  AttentionTile best = tile;
  for (const bool transposed : {false, true}) {
    const std::uint64_t least = transposed ? unit.instruction_n : unit.instruction_m;
    tile.transposed = transposed;
    tile.rows = static_cast<std::uint32_t>(tile.whole_tiles ? round_up(rows, least) : rows);
    // The other operand, which P becomes, comes from the scratchpad.
    tile.local_probabilities = tile.whole_tiles && !transposed;
    const std::uint64_t cycles = tensor.cycles(tile.scores(rows, tile.keys), true) +
                                 tensor.cycles(tile.values(rows, tile.keys), true);
    if (cycles < fewest) {
      fewest = cycles;
      best = tile;
    }
  }
  tile = best;
}

// All splits and depths of one packing of heads into tiles of `tile.keys` keys.
void rank_packing(const Operator& op,
                  const ChipConfig& chip,
                  const TileOverride& fixed,
                  std::uint64_t most_rows,
                  std::uint64_t partial_room_bytes,
                  AttentionTile tile,
                  Ranking& ranking) {
  const AttentionShape& shape = std::get<AttentionShape>(op.shape);
  const DecodeGrid whole = DecodeGrid::of(shape, most_rows, tile.keys, 1);
  AttentionWork work;
  work.rows = whole.rows(shape);
  work.compulsory_bytes = compulsory_bytes(op);
  orient(tile, work.rows, chip.core.tensor);
  const std::uint64_t slots = std::uint64_t{chip.core.count} * streaming_contexts(chip.core);
  const std::uint64_t most_splits =
      std::min(ceil_div(shape.seq_kv, kLeastSplitTokens),
               std::max<std::uint64_t>(1, kMostSplitWaves * slots / whole.units));
  for (const std::uint64_t wanted : split_choices(most_splits, fixed.split)) {
    const DecodeGrid grid = DecodeGrid::of(shape, most_rows, tile.keys, wanted);
    const std::uint64_t row_bytes =
        grid.splits * partial_columns(shape.head_dim) * bytes_of(Dtype::kFp32, 1);
    const std::uint64_t partial_bytes = whole.units * work.rows * row_bytes;
    if (grid.splits > 1 && (partial_bytes > partial_room_bytes ||
                            shape.seq_q * row_bytes > chip.core.scratchpad.capacity_bytes)) {
      continue;  // nowhere to put the partial results, or to join those of a head
    }
    work.tasks = grid.tasks();
    work.heaviest_blocks = ceil_div(grid.blocks, grid.splits);
    work.total_blocks = work.heaviest_blocks * work.tasks;
    tile.partial = grid.splits > 1;
    const Femtoseconds combine_fs =
        grid.splits > 1 ? estimate_combine(shape, partial_bytes, chip) : 0;
    for (const std::uint32_t stages : choices(kStages, fixed.stages)) {
      tile.stages = stages;
      ranking.for_each_occupancy(tile, [&](const AttentionTile& fitting) {
        ranking.add({fitting, true, grid, estimate_attention(fitting, work, chip) + combine_fs});
      });
    }
  }
}

void rank_decode(const Operator& op,
                 const ChipConfig& chip,
                 const TileOverride& fixed,
                 std::uint64_t partial_room_bytes,
                 Ranking& ranking) {
  const AttentionShape& shape = std::get<AttentionShape>(op.shape);
  AttentionTile tile = base_tile(op, chip);
  for (const std::uint32_t keys : choices(kTileKeys, fixed.n)) {
    tile.keys = keys;
    std::uint64_t packed = 0;
    for (const std::uint32_t most_rows : choices(kDecodeRows, fixed.m)) {
      const std::uint64_t heads = DecodeGrid::of(shape, most_rows, keys, 1).heads;
      if (heads != packed) {
        rank_packing(op, chip, fixed, most_rows, partial_room_bytes, tile, ranking);
      }
      packed = heads;
    }
  }
}

}  // namespace

std::string AttentionCandidate::text() const {
  return decode ? fmt::format("{} split {}", tile.text(), grid.splits) : tile.text();
}

std::vector<AttentionCandidate> rank_attention(const Operator& op,
                                               const ChipConfig& chip,
                                               const TileOverride& tile,
                                               std::uint64_t partial_room_bytes) {
  const AttentionShape& shape = std::get<AttentionShape>(op.shape);
  if (std::max({tile.m, tile.n, tile.stages}) > kMostTileEdge) {
    throw InputError(fmt::format("operator {}: attention tile {}x{} stages {}: expected at most {}",
                                 op.name, tile.m, tile.n, tile.stages, kMostTileEdge));
  }
  Ranking ranking(op, chip);
  if (shape.seq_q <= kMostDecodeQueries) {
    rank_decode(op, chip, tile, partial_room_bytes, ranking);
  } else {
    rank_prefill(op, chip, tile, ranking);
  }
  return ranking.best_first();
}

}  // namespace orrery
