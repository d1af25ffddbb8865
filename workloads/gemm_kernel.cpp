// SPDX-License-Identifier: Apache-2.0
#include "workloads/gemm_kernel.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "workloads/task_queue.h"
#include "workloads/tensor_block.h"

namespace orrery {
namespace {

// Semaphores of a context.
constexpr std::uint8_t kReady = 0;     // the accumulators of a task are complete
constexpr std::uint8_t kNarrowed = 1;  // the output tile lies in the scratchpad
constexpr std::uint8_t kStored = 2;    // the output tile has left
constexpr std::uint8_t kLoadedX = 4;   // + rank of the core that loaded it
constexpr std::uint8_t kLoadedW = 8;   // + rank of the core that loaded it
constexpr std::uint8_t kFreed = 12;    // + rank of the core that has done with the stage

Block rows_of(const Tensor& tensor,
              std::uint64_t first_row,
              std::uint64_t rows,
              std::uint64_t first_byte,
              std::uint64_t end_byte) {
  Block block = tensor_block(tensor, first_row, rows, 0, 0);
  block.first_byte = first_byte;
  block.row_bytes = static_cast<std::uint32_t>(end_byte - first_byte);
  return block;
}

}  // namespace

std::string GemmTiling::text() const {
  std::string text = fmt::format("{}x{}x{} stages {}", tile_m, tile_n, tile_k, stages);
  if (split > 1) {
    text += fmt::format(" split {}", split);
  }
  if (cluster() > 1) {
    text += fmt::format(" cluster {}x{}", cluster_m, cluster_n);
  }
  if (swapped) {
    text += " swapped";
  }
  return text;
}

class GemmKernel::Program : public CoreProgram {
 public:
  Program(const GemmKernel& kernel, std::uint32_t rank) : kernel_(kernel), rank_(rank) {}

  void assign(std::uint64_t task) override { queue_.assign(task); }
  void close() override { queue_.close(); }

  std::optional<Loop> loop() const override {
    const std::uint64_t task = queue_.position(Stream::kTensor);
    if (!load_.begun || !tensor_.begun || queue_.position(Stream::kLoad) != task) {
      return std::nullopt;
    }
    return Loop{task, tensor_.all_steps, load_.extent.steps - load_.step};
  }
  std::uint64_t skip_steps(std::uint64_t steps) override {
    // What has been loaded is multiplied, as if it were what is multiplied instead of it.
    const std::uint64_t flop = kernel_.useful_flop_of(tensor_.extent, tensor_.step, steps);
    load_.step += steps;
    tensor_.step += steps;
    return flop;
  }

  Next next(Stream stream, Command& command) override {
    command = Command{};
    if (!queue_.has_task(stream)) {
      return queue_.without_task();
    }
    switch (stream) {
      case Stream::kLoad:
        return next_load(command);
      case Stream::kTensor:
        return next_tensor(command);
      case Stream::kVector:
        return next_vector(command);
      case Stream::kStore:
        return next_store(command);
    }
    return Next::kFinished;
  }

 private:
  struct Cursor {
    Extent extent;
    bool begun = false;
    std::uint64_t step = 0;       // within the task
    std::uint64_t all_steps = 0;  // since the program began
    std::uint32_t part = 0;
  };

  Cursor& begin(Cursor& cursor, Stream stream) {
    if (!cursor.begun) {
      cursor.extent = kernel_.extent_of(queue_.task(stream));
      cursor.begun = true;
      cursor.step = 0;
      cursor.part = 0;
    }
    return cursor;
  }
  void end_task(Cursor& cursor, Stream stream) {
    cursor.begun = false;
    queue_.advance(stream);
  }

  // Elements of k in a step of the whole GEMM.
  std::uint64_t step_k(std::uint64_t step) const {
    const std::uint64_t k = kernel_.shape_.k;
    const std::uint64_t first = step * kernel_.tiling_.tile_k;
    return std::min<std::uint64_t>(kernel_.tiling_.tile_k, k - first);
  }

  Command load(const Tensor& tensor,
               std::uint64_t first_row,
               std::uint64_t rows,
               std::uint64_t step,
               std::uint64_t expected_reads) const {
    Command command;
    command.kind = Command::Kind::kLoad;
    const Dtype dtype = kernel_.operands_.dtype;
    const std::uint64_t first_k = step * kernel_.tiling_.tile_k;
    const std::uint64_t first_byte = first_k * bits_of(dtype) / 8;
    const std::uint64_t end_byte = bytes_of(dtype, first_k + step_k(step));
    command.transfer.block = rows_of(tensor, first_row, rows, first_byte, end_byte);
    // What other operators read too stays; a weight is dead after its last reader here.
    const bool keep = tensor.role != TensorRole::kWeight;
    command.transfer.expected_reads =
        keep ? 0xffffffffU : static_cast<std::uint32_t>(expected_reads);
    command.transfer.placement =
        keep || expected_reads > 1 ? Placement::kShared : Placement::kStream;
    return command;
  }

  // Cores of this one's row of the cluster work on the same rows of x, those of its column on the
  // same rows of w. Each operand of a step is loaded by one of them, in turn, for all.
  std::uint32_t row() const { return rank_ / kernel_.tiling_.cluster_n; }
  std::uint32_t column() const { return rank_ % kernel_.tiling_.cluster_n; }
  ClusterPart sharers(bool is_x) const {
    const GemmTiling& t = kernel_.tiling_;
    return is_x ? ClusterPart{row() * t.cluster_n, t.cluster_n, 1}
                : ClusterPart{column(), t.cluster_m, t.cluster_n};
  }
  // The rank that loads an operand in a step.
  std::uint32_t loader(bool is_x, std::uint64_t step) const {
    const ClusterPart part = sharers(is_x);
    return part.first_rank + static_cast<std::uint32_t>(step % part.count) * part.rank_step;
  }
  // Steps up to and with this one in which that rank has loaded.
  std::uint64_t loads_of_loader(bool is_x, std::uint64_t step) const {
    return step / sharers(is_x).count + 1;
  }

  // Up to two loads a step: x, then w, as it is this core's turn.
  Next next_load(Command& command) {
    const GemmTiling& t = kernel_.tiling_;
    const GemmShape& s = kernel_.shape_;
    Cursor& c = begin(load_, Stream::kLoad);
    const Tile& tile = c.extent.tile;
    const std::uint64_t step = c.extent.first_step + c.step;
    const bool is_x = c.part == 0 && loader(true, c.all_steps) == rank_;
    if (!is_x && loader(false, c.all_steps) != rank_) {
      // Another core's turn: nothing is loaded, and nobody waits for that.
      command.kind = Command::Kind::kSignal;
      next_step(c);
      return Next::kCommand;
    }
    // The wave's other readers: tiles of the same row read the same x, of the same column, w.
    const std::uint64_t x_reads = ceil_div(t.tiles_n(s), t.cluster_n);
    const std::uint64_t w_reads = ceil_div(t.tiles_m(s), t.cluster_m);
    const std::uint64_t rows = is_x ? c.extent.rows : c.extent.columns;
    if (rows > 0) {
      command = is_x ? load(kernel_.operands_.x, tile.batch * s.m + tile.row * t.tile_m, rows, step,
                            x_reads)
                     : load(kernel_.operands_.w, tile.batch * s.n + tile.column * t.tile_n, rows,
                            step, w_reads);
    } else {
      command.kind = Command::Kind::kSignal;
    }
    const ClusterPart part = sharers(is_x);
    command.signal = static_cast<std::uint8_t>((is_x ? kLoadedX : kLoadedW) + rank_);
    if (part.count > 1) {
      command.scope = SignalScope::kCluster;
      if (!t.pair) {  // a pair holds half on each
        command.transfer.multicast = part;
      }
    }
    if (c.all_steps >= t.stages) {
      for (std::uint32_t i = 0; i < part.count; ++i) {
        command.wait_for(static_cast<std::uint8_t>(kFreed + part.first_rank + i * part.rank_step),
                         c.all_steps - t.stages + 1);
      }
    }
    if (is_x && loader(false, c.all_steps) == rank_) {
      c.part = 1;
    } else {
      next_step(c);
    }
    return Next::kCommand;
  }
  void next_step(Cursor& c) {
    c.part = 0;
    ++c.all_steps;
    if (++c.step == c.extent.steps) {
      end_task(c, Stream::kLoad);
    }
  }

  Next next_tensor(Command& command) {
    const GemmTiling& t = kernel_.tiling_;
    Cursor& c = begin(tensor_, Stream::kTensor);
    const std::uint64_t task = queue_.position(Stream::kTensor);
    if (c.step == c.extent.steps) {
      command.kind = Command::Kind::kSignal;
      command.signal = kReady;
      end_task(c, Stream::kTensor);
      return Next::kCommand;
    }
    const std::uint64_t k = step_k(c.extent.first_step + c.step);
    if (c.extent.rows > 0 && c.extent.columns > 0) {
      command.kind = Command::Kind::kMatmul;
      command.useful_flop = 2 * c.extent.rows * c.extent.columns * k;
      const bool whole = kernel_.operands_.whole_tiles;
      const auto m = static_cast<std::uint32_t>(whole ? t.tile_m : c.extent.rows);
      const auto n = static_cast<std::uint32_t>(whole ? t.tile_n : c.extent.columns);
      command.matmul.m = t.swapped ? n : m;
      command.matmul.n = t.swapped ? m : n;
      command.matmul.k = static_cast<std::uint32_t>(k);
      command.matmul.dtype = kernel_.operands_.dtype;
      command.matmul.b_halved = t.pair;
      command.matmul.issues = t.issues(k, kernel_.operands_.dtype);
    } else {
      command.kind = Command::Kind::kSignal;
    }
    for (const bool is_x : {true, false}) {
      command.wait_for(
          static_cast<std::uint8_t>((is_x ? kLoadedX : kLoadedW) + loader(is_x, c.all_steps)),
          loads_of_loader(is_x, c.all_steps));
    }
    if (c.step == 0 && task >= t.accumulators) {
      command.wait_for(kStored, 2 * (task - t.accumulators) + 1);
    }
    command.signal = static_cast<std::uint8_t>(kFreed + rank_);
    command.scope = t.cluster() > 1 ? SignalScope::kCluster : SignalScope::kCore;
    ++c.step;
    ++c.all_steps;
    return Next::kCommand;
  }

  Next next_vector(Command& command) {
    const GemmTiling& t = kernel_.tiling_;
    const std::uint64_t task = queue_.position(Stream::kVector);
    const Extent extent = kernel_.extent_of(queue_.task(Stream::kVector));
    command.wait_for(kReady, task + 1);
    command.signal = kNarrowed;
    if (kernel_.operands_.vector_epilogue && extent.rows > 0 && extent.columns > 0) {
      command.kind = Command::Kind::kVector;
      // A conversion an element, and writing it where the store finds it.
      command.vector.alu_ops = std::uint64_t{t.tile_m} * t.tile_n;
      command.vector.scratchpad_bytes = t.output_bytes(kernel_.operands_.output_dtype);
    }
    queue_.advance(Stream::kVector);
    return Next::kCommand;
  }

  // The output tile leaves through a part of the scratchpad that holds a quarter of it; the rest
  // waits in the accumulators until there is room, so that they are free when three quarters have
  // left.
  Next next_store(Command& command) {
    const GemmTiling& t = kernel_.tiling_;
    const GemmShape& s = kernel_.shape_;
    const std::uint64_t task = queue_.position(Stream::kStore);
    const Extent extent = kernel_.extent_of(queue_.task(Stream::kStore));
    const bool last = stored_first_;
    command.wait_for(kNarrowed, task + 1);
    command.signal = kStored;
    command.ends_tasks = last ? 1 : 0;
    const std::uint64_t first_rows = extent.rows - extent.rows / 4;
    const std::uint64_t rows = last ? extent.rows - first_rows : first_rows;
    if (rows > 0 && extent.columns > 0) {
      command.kind = Command::Kind::kStore;
      const Dtype dtype = t.split > 1 ? Dtype::kFp32 : kernel_.operands_.output_dtype;
      const std::uint64_t first_column = extent.tile.column * t.tile_n;
      const std::uint64_t first_byte = first_column * bits_of(dtype) / 8;
      const std::uint64_t end_byte = bytes_of(dtype, first_column + extent.columns);
      const std::uint64_t row = (extent.tile.split * s.batch + extent.tile.batch) * s.m +
                                extent.tile.row * t.tile_m + (last ? first_rows : 0);
      command.transfer.block = rows_of(kernel_.operands_.y, row, rows, first_byte, end_byte);
      command.transfer.expected_reads = 0xffffffffU;
    } else if (last) {
      command.wait_for(kStored, 2 * task + 1);  // nothing of its own: it ends with the first part
    }
    stored_first_ = !last;
    if (last) {
      queue_.advance(Stream::kStore);
    }
    return Next::kCommand;
  }

  const GemmKernel& kernel_;
  const std::uint32_t rank_;
  TaskQueue queue_;
  Cursor load_;
  Cursor tensor_;
  bool stored_first_ = false;  // of the store's task, three quarters
};

GemmKernel::GemmKernel(std::string name,
                       const GemmShape& shape,
                       const GemmTiling& tiling,
                       GemmOperands operands)
    : name_(std::move(name)), shape_(shape), tiling_(tiling), operands_(std::move(operands)) {}

GemmKernel::Extent GemmKernel::extent_of(std::uint64_t task) const {
  const GemmShape& s = shape_;
  const GemmTiling& t = tiling_;
  Extent e;
  e.tile = tile_of(task);
  const std::uint64_t row = e.tile.row * t.tile_m;
  const std::uint64_t column = e.tile.column * t.tile_n;
  e.rows = row < s.m ? std::min<std::uint64_t>(t.tile_m, s.m - row) : 0;
  e.columns = column < s.n ? std::min<std::uint64_t>(t.tile_n, s.n - column) : 0;
  // As even as can be: no split is empty as long as there are as many steps as splits.
  const std::uint64_t all = t.steps_in_all(s);
  e.first_step = e.tile.split * all / t.split;
  e.steps = (e.tile.split + 1) * all / t.split - e.first_step;
  return e;
}

std::uint64_t GemmKernel::useful_flop_of(const Extent& extent,
                                         std::uint64_t first,
                                         std::uint64_t steps) const {
  const std::uint64_t first_k = (extent.first_step + first) * tiling_.tile_k;
  const std::uint64_t end_k = std::min(shape_.k, first_k + steps * tiling_.tile_k);
  return 2 * extent.rows * extent.columns * (end_k - first_k);
}

KernelPeriod GemmKernel::period() const {
  // Loads of neighbouring steps share blocks of shared memory and take turns in the cluster: both
  // repeat after a power of two of steps.
  constexpr std::uint64_t kStepsOfPeriod = 4;
  KernelPeriod period;
  period.tasks = tiling_.cluster() * tiling_.split;
  if (tiling_.grid_m(shape_) == tiling_.tiles_m(shape_) &&
      tiling_.grid_n(shape_) == tiling_.tiles_n(shape_)) {  // else some tasks multiply nothing
    period.commands = tiling_.cluster() * tiling_.steps_in_all(shape_);
  }
  period.steps = tiling_.steps(shape_) > 6 * kStepsOfPeriod ? kStepsOfPeriod : 0;
  return period;
}

std::uint64_t GemmKernel::useful_flop(std::uint64_t first, std::uint64_t count) const {
  std::uint64_t sum = 0;
  for (std::uint64_t task = first; task < first + count; ++task) {
    const Extent extent = extent_of(task);
    sum += useful_flop_of(extent, 0, extent.steps);
  }
  return sum;
}

std::unique_ptr<CoreProgram> GemmKernel::make_program(std::uint32_t rank) const {
  return std::make_unique<Program>(*this, rank);
}

GemmKernel::Tile GemmKernel::tile_of(std::uint64_t task) const {
  // In units of clusters first; the rank picks the tile inside.
  const std::uint64_t rank = task % tiling_.cluster();
  std::uint64_t index = task / tiling_.cluster();
  Tile tile;
  tile.split = index % tiling_.split;
  index /= tiling_.split;
  const std::uint64_t rows = tiling_.grid_m(shape_) / tiling_.cluster_m;
  const std::uint64_t columns = tiling_.grid_n(shape_) / tiling_.cluster_n;
  tile.batch = index / (rows * columns);
  index %= rows * columns;
  const std::uint64_t group = index / (tiling_.raster * columns);
  const std::uint64_t first_row = group * tiling_.raster;
  const std::uint64_t group_rows = std::min<std::uint64_t>(tiling_.raster, rows - first_row);
  index -= first_row * columns;
  tile.row = first_row + index % group_rows;
  tile.column = index / group_rows;
  tile.row = tile.row * tiling_.cluster_m + rank / tiling_.cluster_n;
  tile.column = tile.column * tiling_.cluster_n + rank % tiling_.cluster_n;
  return tile;
}

}  // namespace orrery
