// SPDX-License-Identifier: Apache-2.0
#include "workloads/attention_program.h"

#include <algorithm>
#include <array>
#include <deque>

#include "workloads/attention_ping_pong_program.h"
#include "workloads/tensor_block.h"

namespace orrery {
namespace {

// Each counts over all tasks of the program: of queries, of blocks, of tasks.
enum Semaphore : std::uint8_t {
  kQueryLoaded,
  kKeysLoaded,
  kValuesLoaded,
  kScoresDone,  // also frees the stage of keys
  kSoftmaxDone,
  kRescaled,
  kValuesDone,  // also frees the stage of values
  kOutputReady,
  kOutputStored,
};

// Step i of the 2n steps that go over n blocks twice, the second kind one block behind the first:
// a0; a1, b0; a2, b1; ...; b(n-1). Not pipelined: a0, b0, a1, b1, ...
struct BlockStep {
  bool second = false;
  std::uint64_t block = 0;
};
BlockStep pipelined_step(std::uint64_t step, std::uint64_t blocks, bool pipelined) {
  if (!pipelined) {
    return {step % 2 == 1, step / 2};
  }
  if (step == 0) {
    return {false, 0};
  }
  if (step == 2 * blocks - 1) {
    return {true, blocks - 1};
  }
  return step % 2 == 1 ? BlockStep{false, (step + 1) / 2} : BlockStep{true, step / 2 - 1};
}

class AttentionProgram : public CoreProgram {
 public:
  explicit AttentionProgram(const AttentionKernel& kernel)
      : kernel_(kernel), tile_(kernel.tile()), operands_(kernel.operands()) {}

  void assign(std::uint64_t task) override;
  void close() override { closed_ = true; }
  Next next(Stream stream, Command& command) override;
  std::optional<Loop> loop() const override;
  std::uint64_t skip_steps(std::uint64_t steps) override;

 private:
  struct Job {
    AttentionTask task;
    Block query;
    std::uint64_t ordinal = 0;      // tasks before it in this program
    std::uint64_t first_block = 0;  // blocks before it in this program
    std::uint64_t blocks = 0;
    // Sampling: blocks that were left out before this one, which counts as if there were none.
    std::uint64_t gap_block = 0, gap_blocks = 0;
  };
  // A block of keys: [first, end).
  struct Keys {
    std::uint64_t first = 0, end = 0;
    std::uint64_t count() const { return end - first; }
  };
  struct Walk {
    std::uint64_t job = 0;  // ordinal
    std::uint64_t step = 0;
  };

  const Walk& walk(Stream stream) const { return walks_[static_cast<std::size_t>(stream)]; }
  // The block whose keys are loaded next.
  std::uint64_t next_block() const {
    return (walk(Stream::kLoad).step + (tile_.score_buffers > 1 ? 1 : 0)) / 2;
  }

  Keys keys_of(const Job& job, std::uint64_t block) const {
    const std::uint64_t gap = block < job.gap_block ? 0 : job.gap_blocks;
    const std::uint64_t first = job.task.first_key + (block + gap) * tile_.keys;
    return {first, std::min(first + tile_.keys, job.task.end_key)};
  }
  // Queries of the task do not all see all keys of the block, or the block is not whole.
  bool is_cut(const Job& job, const Keys& keys) const {
    return keys.count() < tile_.keys || operands_.visible_keys(job.task.first_query) < keys.end;
  }
  TransferWork kv_transfer(const Job& job, const KvLayout& layout, const Keys& keys) const;

  bool load(const Job& job, std::uint64_t step, Command& command) const;
  bool multiply(const Job& job, std::uint64_t step, Command& command) const;
  bool compute(const Job& job, std::uint64_t step, Command& command) const;
  bool store(const Job& job, std::uint64_t step, Command& command) const;
  bool emit(Stream stream, const Job& job, std::uint64_t step, Command& command) const;

  const AttentionKernel& kernel_;
  const AttentionTile tile_;
  const AttentionOperands& operands_;
  std::deque<Job> jobs_;  // that some stream has not left behind
  std::uint64_t jobs_assigned_ = 0;
  std::uint64_t blocks_assigned_ = 0;
  std::array<Walk, kStreamCount> walks_;
  bool closed_ = false;
};

void AttentionProgram::assign(std::uint64_t task) {
  Job job;
  job.task = kernel_.task(task);
  job.query = operands_.query_block(job.task);
  job.ordinal = jobs_assigned_++;
  job.first_block = blocks_assigned_;
  job.blocks = ceil_div(job.task.end_key - job.task.first_key, tile_.keys);
  blocks_assigned_ += job.blocks;
  jobs_.push_back(job);
}

TransferWork AttentionProgram::kv_transfer(const Job& job,
                                           const KvLayout& layout,
                                           const Keys& keys) const {
  TransferWork work;
  work.block = layout.block(job.task.sequence, job.task.kv_head, 1, keys.first, keys.count());
  work.expected_reads = kernel_.reads_of_key_block(keys.first);
  return work;
}

bool AttentionProgram::load(const Job& job, std::uint64_t step, Command& command) const {
  if (step > 2 * job.blocks) {
    return false;
  }
  command.kind = Command::Kind::kLoad;
  if (step == 0) {
    command.transfer.block = job.query;
    command.signal = kQueryLoaded;
    if (job.ordinal > 0) {
      command.wait_for(kScoresDone, job.first_block);  // the query before is not needed any more
    }
    return true;
  }
  const BlockStep at = pipelined_step(step - 1, job.blocks, tile_.score_buffers > 1);
  const Keys keys = keys_of(job, at.block);
  const std::uint64_t block = job.first_block + at.block;
  command.transfer = kv_transfer(job, at.second ? operands_.values : operands_.keys, keys);
  command.signal = at.second ? kValuesLoaded : kKeysLoaded;
  if (block >= tile_.stages) {
    command.wait_for(at.second ? kValuesDone : kScoresDone, block - tile_.stages + 1);
  }
  return true;
}

bool AttentionProgram::multiply(const Job& job, std::uint64_t step, Command& command) const {
  if (step >= 2 * job.blocks) {
    return false;
  }
  const BlockStep at = pipelined_step(step, job.blocks, tile_.score_buffers > 1);
  const Keys keys = keys_of(job, at.block);
  const std::uint64_t block = job.first_block + at.block;
  command.kind = Command::Kind::kMatmul;
  command.useful_flop = kernel_.useful_flop(job.task, keys.first, keys.end);
  if (!at.second) {
    // The buffer of the scores is free: the stream has passed the P V of whoever used it last.
    command.matmul = tile_.scores(job.task.rows(), keys.count());
    command.wait_for(kQueryLoaded, job.ordinal + 1);
    command.wait_for(kKeysLoaded, block + 1);
    command.signal = kScoresDone;
    return true;
  }
  command.matmul = tile_.values(job.task.rows(), keys.count());
  command.wait_for(kValuesLoaded, block + 1);
  if (at.block == 0) {
    // In the vector stream the epilogue of the task before comes first, so O is free as well.
    command.wait_for(kSoftmaxDone, block + 1);
  } else {
    command.wait_for(kRescaled, block - job.ordinal);  // every task but for its first block
  }
  command.signal = kValuesDone;
  return true;
}

bool AttentionProgram::compute(const Job& job, std::uint64_t step, Command& command) const {
  if (step >= 2 * job.blocks) {
    return false;
  }
  command.kind = Command::Kind::kVector;
  const std::uint64_t rows = job.task.rows();
  if (step == 2 * job.blocks - 1) {
    command.vector = tile_.epilogue(rows);
    command.wait_for(kValuesDone, job.first_block + job.blocks);
    command.wait_for(kOutputStored, job.ordinal);  // the staged output before has left
    command.signal = kOutputReady;
    return true;
  }
  // softmax 0; softmax 1, rescale 1; softmax 2, rescale 2; ...
  const std::uint64_t in_task = (step + 1) / 2;
  const std::uint64_t block = job.first_block + in_task;
  if (step == 0 || step % 2 == 1) {
    const Keys keys = keys_of(job, in_task);
    command.vector = tile_.softmax(rows, keys.count(), is_cut(job, keys));
    command.wait_for(kScoresDone, block + 1);
    command.signal = kSoftmaxDone;
    return true;
  }
  command.vector = tile_.rescale(rows);
  command.wait_for(kValuesDone, job.first_block + step / 2);
  command.signal = kRescaled;
  return true;
}

bool AttentionProgram::store(const Job& job, std::uint64_t step, Command& command) const {
  if (step > 0) {
    return false;
  }
  command.kind = Command::Kind::kStore;
  command.transfer.block = kernel_.output_block(job.task);
  command.transfer.expected_reads = tile_.partial ? 1 : kManyReads;
  command.wait_for(kOutputReady, job.ordinal + 1);
  command.signal = kOutputStored;
  command.ends_tasks = 1;
  return true;
}

bool AttentionProgram::emit(Stream stream,
                            const Job& job,
                            std::uint64_t step,
                            Command& command) const {
  switch (stream) {
    case Stream::kLoad:
      return load(job, step, command);
    case Stream::kTensor:
      return multiply(job, step, command);
    case Stream::kVector:
      return compute(job, step, command);
    case Stream::kStore:
      return store(job, step, command);
  }
  return false;
}

CoreProgram::Next AttentionProgram::next(Stream stream, Command& command) {
  Walk& walk = walks_[static_cast<std::size_t>(stream)];
  while (walk.job < jobs_assigned_) {
    const Job& job = jobs_[walk.job - jobs_.front().ordinal];
    command = Command{};
    if (emit(stream, job, walk.step, command)) {
      ++walk.step;
      return Next::kCommand;
    }
    ++walk.job;
    walk.step = 0;
    const auto behind = std::min_element(
        walks_.begin(), walks_.end(), [](const Walk& a, const Walk& b) { return a.job < b.job; });
    while (!jobs_.empty() && jobs_.front().ordinal < behind->job) {
      jobs_.pop_front();
    }
  }
  return closed_ ? Next::kFinished : Next::kNeedsTask;
}

std::optional<CoreProgram::Loop> AttentionProgram::loop() const {
  const std::uint64_t ordinal = walk(Stream::kTensor).job;
  if (ordinal >= jobs_assigned_ || walk(Stream::kLoad).job != ordinal ||
      walk(Stream::kVector).job != ordinal) {
    return std::nullopt;
  }
  const Job& job = jobs_[ordinal - jobs_.front().ordinal];
  const std::uint64_t next = next_block();
  if (job.gap_blocks > 0 || next == 0 || next >= job.blocks) {
    return std::nullopt;
  }
  return Loop{ordinal, job.first_block + walk(Stream::kTensor).step / 2, job.blocks - next};
}

std::uint64_t AttentionProgram::skip_steps(std::uint64_t steps) {
  const std::uint64_t ordinal = walk(Stream::kTensor).job;
  for (Job& job : jobs_) {
    if (job.ordinal > ordinal) {
      job.first_block -= steps;
    }
  }
  blocks_assigned_ -= steps;
  Job& job = jobs_[ordinal - jobs_.front().ordinal];
  const std::uint64_t first = next_block();
  const std::uint64_t first_key = keys_of(job, first).first;
  job.gap_block = first;
  job.gap_blocks = steps;
  job.blocks -= steps;
  return 2 * kernel_.useful_flop(job.task, first_key, first_key + steps * tile_.keys);
}

}  // namespace

KernelPeriod AttentionKernel::period() const {
  constexpr std::uint64_t kBlocksOfPeriod = 4;
  return {period_tasks(), tile_.ping_pong ? 0 : kBlocksOfPeriod, 2};
}

std::uint64_t AttentionKernel::useful_flop(const AttentionTask& task,
                                           std::uint64_t first_key,
                                           std::uint64_t end_key) const {
  return 2 * operands_.shape.head_dim * task.heads *
         operands_.pairs(task.first_query, task.first_query + task.queries, first_key, end_key);
}

std::uint64_t AttentionKernel::useful_flop(std::uint64_t first, std::uint64_t count) const {
  std::uint64_t sum = 0;
  for (std::uint64_t index = first; index < first + count; ++index) {
    const AttentionTask at = task(index);
    sum += 2 * useful_flop(at, at.first_key, at.end_key);
  }
  return sum;
}

std::unique_ptr<CoreProgram> AttentionKernel::make_program(std::uint32_t /*rank*/) const {
  if (tile_.ping_pong) {
    return make_ping_pong_program(*this);
  }
  return std::make_unique<AttentionProgram>(*this);
}

}  // namespace orrery
