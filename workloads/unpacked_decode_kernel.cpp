// SPDX-License-Identifier: Apache-2.0
#include "workloads/unpacked_decode_kernel.h"

#include <algorithm>
#include <array>

#include "workloads/task_queue.h"
#include "workloads/tensor_block.h"

namespace orrery {
namespace {

constexpr std::uint64_t kUnrolledOpsAnElement = 8;
constexpr std::uint64_t kOpsAnElement = 10;
constexpr std::uint64_t kOpsAKey = 3;
constexpr std::uint64_t kHalves = 2;

// Of rounds of keys and of values alike, over all tasks of the program.
enum Semaphore : std::uint8_t { kLoaded, kComputed, kQueryLoaded };

class UnpackedDecodeProgram : public CoreProgram {
 public:
  explicit UnpackedDecodeProgram(const UnpackedDecodeKernel& kernel) : kernel_(kernel) {}

  void assign(std::uint64_t task) override { queue_.assign(task); }
  void close() override { queue_.close(); }
  Next next(Stream stream, Command& command) override;

 private:
  struct Walk {
    std::uint64_t round = 0;   // in the task: keys, then values
    std::uint64_t before = 0;  // rounds of the tasks before
    std::uint64_t tasks = 0;   // before, that have keys
    bool has_query = false;
  };
  std::uint64_t rounds(const AttentionTask& task) const {
    return ceil_div(task.end_key - task.first_key, step());
  }
  // Half of what a block's registers hold: while one half is computed the other loads.
  std::uint64_t step() const { return kernel_.plan().round_keys / kHalves; }
  void load(const AttentionTask& task, const Walk& walk, Command& command) const;
  void compute(const AttentionTask& task, const Walk& walk, Command& command) const;

  const UnpackedDecodeKernel& kernel_;
  TaskQueue queue_;
  std::array<Walk, kStreamCount> walks_{};
};

void UnpackedDecodeProgram::load(const AttentionTask& task,
                                 const Walk& walk,
                                 Command& command) const {
  const std::uint64_t of_keys = rounds(task);
  const bool values = walk.round >= of_keys;
  const std::uint64_t first =
      task.first_key + (values ? walk.round - of_keys : walk.round) * step();
  const std::uint64_t count = std::min(step(), task.end_key - first);
  const AttentionOperands& operands = kernel_.operands();
  command.kind = Command::Kind::kLoad;
  command.transfer.block = (values ? operands.values : operands.keys)
                               .block(task.sequence, task.kv_head, 1, first, count);
  command.transfer.expected_reads = static_cast<std::uint32_t>(kernel_.plan().grid.packs);
  command.signal = kLoaded;
  if (walk.before + walk.round >= kHalves) {  // the registers are free
    command.wait_for(kComputed, walk.before + walk.round - (kHalves - 1));
  }
}

void UnpackedDecodeProgram::compute(const AttentionTask& task,
                                    const Walk& walk,
                                    Command& command) const {
  const AttentionShape& shape = kernel_.operands().shape;
  const std::uint64_t of_keys = rounds(task);
  const bool values = walk.round >= of_keys;
  const std::uint64_t round = values ? walk.round - of_keys : walk.round;
  const std::uint64_t first = task.first_key + round * step();
  const std::uint64_t count = std::min(step(), task.end_key - first);
  command.kind = Command::Kind::kVector;
  // Loops are unrolled over the loads of both halves: a thread that has one key goes through all.
  const bool only_half = round % kHalves == 0 && first + step() >= task.end_key;
  const std::uint64_t computed =
      only_half ? std::min(kHalves * step(), count * kernel_.plan().unrolled) : step();
  command.vector.dtype = Dtype::kBf16;
  command.vector.alu_ops =
      (kUnrolledOpsAnElement * computed + kOpsAnElement * count) * shape.head_dim;
  if (!values) {
    command.vector.alu_ops += kOpsAKey * count;
    command.vector.special_ops = count;
  }
  if (walk.round + 1 == 2 * of_keys) {
    command.vector.alu_ops += 2 * shape.head_dim;
    command.vector.special_ops += 1;
  }
  command.useful_flop = 2 * count * shape.head_dim;
  command.wait_for(kLoaded, walk.before + walk.round + 1);
  command.wait_for(kQueryLoaded, walk.tasks + 1);
  command.signal = kComputed;
}

CoreProgram::Next UnpackedDecodeProgram::next(Stream stream, Command& command) {
  command = Command{};
  Walk& walk = walks_[static_cast<std::size_t>(stream)];
  for (; queue_.has_task(stream); queue_.advance(stream)) {
    const AttentionTask task = kernel_.task(queue_.task(stream));
    const std::uint64_t all = 2 * rounds(task);
    if (stream == Stream::kTensor) {
      continue;
    }
    if (stream == Stream::kStore) {
      walk.before += all;
      command.kind = Command::Kind::kStore;
      command.transfer.block = kernel_.output_block(task);
      command.transfer.expected_reads = kManyReads;
      command.ends_tasks = 1;
      command.wait_for(kComputed, walk.before);
      queue_.advance(stream);
      return Next::kCommand;
    }
    const bool loads = stream == Stream::kLoad;
    if (loads && all > 0 && !walk.has_query) {
      walk.has_query = true;
      command.kind = Command::Kind::kLoad;
      command.transfer.block = kernel_.operands().query_block(task);
      command.signal = kQueryLoaded;
      return Next::kCommand;
    }
    if (walk.round == all) {
      walk.before += all;
      walk.tasks += all > 0 ? 1 : 0;
      walk.round = 0;
      walk.has_query = false;
      continue;
    }
    if (loads) {
      load(task, walk, command);
    } else {
      compute(task, walk, command);
    }
    ++walk.round;
    return Next::kCommand;
  }
  return queue_.without_task();
}

}  // namespace

AttentionTask UnpackedDecodeKernel::task(std::uint64_t index) const {
  const AttentionShape& shape = operands_.shape;
  const DecodeGrid& grid = plan_.grid;
  AttentionTask task;  // splits slowest, then sequences; heads of a group are neighbours
  const std::uint64_t head = index % shape.heads;
  task.sequence = index / shape.heads % shape.batch;
  task.split = index / shape.heads / shape.batch;
  task.first_head = head;
  task.kv_head = head / (shape.heads / shape.kv_heads);
  task.queries = shape.seq_q;
  const std::uint64_t keys = ceil_div(shape.seq_kv, grid.splits);
  task.first_key = std::min(keys * task.split, shape.seq_kv);
  task.end_key = std::min(task.first_key + keys, shape.seq_kv);
  return task;
}

std::uint64_t UnpackedDecodeKernel::useful_flop(std::uint64_t first, std::uint64_t count) const {
  std::uint64_t sum = 0;
  for (std::uint64_t index = first; index < first + count; ++index) {
    const AttentionTask at = task(index);
    sum += 4 * (at.end_key - at.first_key) * operands_.shape.head_dim;
  }
  return sum;
}

Block UnpackedDecodeKernel::output_block(const AttentionTask& task) const {
  if (plan_.grid.splits == 1) {
    return operands_.output_block(task);
  }
  const AttentionShape& shape = operands_.shape;
  const std::uint64_t columns = partial_columns(shape.head_dim);
  const std::uint64_t row = (task.sequence * shape.heads + task.first_head) * shape.seq_q;
  return tensor_block(partial_, row, shape.seq_q, task.split * columns, columns);
}

std::unique_ptr<CoreProgram> UnpackedDecodeKernel::make_program(std::uint32_t /*rank*/) const {
  return std::make_unique<UnpackedDecodeProgram>(*this);
}

}  // namespace orrery
