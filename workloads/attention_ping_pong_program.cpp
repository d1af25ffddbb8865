// SPDX-License-Identifier: Apache-2.0
#include "workloads/attention_ping_pong_program.h"

#include <algorithm>
#include <array>
#include <deque>

#include "workloads/tensor_block.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMostMerged = 8;  // more would hide the latency of memory too well
constexpr std::uint64_t kLeastSteps = 8;  // of a walk; shorter ones are not merged

// Each counts over all tasks of the program: of queries, of merged blocks, of tensor commands.
enum Semaphore : std::uint8_t {
  kQueryLoaded,
  kKeysLoaded,
  kValuesLoaded,
  kStepDone,
  kSoftmaxDone,
  kOutputReady,
};

class PingPongProgram : public CoreProgram {
 public:
  explicit PingPongProgram(const AttentionKernel& kernel)
      : kernel_(kernel), tile_(kernel.tile()), operands_(kernel.operands()) {}

  void assign(std::uint64_t task) override;
  void close() override { closed_ = true; }
  Next next(Stream stream, Command& command) override;

 private:
  struct Job {
    AttentionTask task;
    std::vector<std::uint64_t> ends;  // keys up to and with each merged block
    std::uint64_t ordinal = 0;        // tasks before it in this program
    std::uint64_t working = 0;        // those of them that have keys
    std::uint64_t first_block = 0;    // merged blocks before it
    std::uint64_t first_step = 0;     // tensor commands before it

    std::uint64_t blocks() const { return ends.size(); }
    std::uint64_t lead() const { return std::min<std::uint64_t>(blocks(), 2); }
    std::uint64_t first(std::uint64_t block) const {
      return block == 0 ? task.first_key : ends[block - 1];
    }
    std::uint64_t keys(std::uint64_t block) const { return ends[block] - first(block); }
    // What kStepDone has reached when the scores of a block are there, or its values are added.
    std::uint64_t scored(std::uint64_t block) const { return first_step + block + 1; }
    std::uint64_t added(std::uint64_t block) const { return first_step + lead() + block + 1; }
  };
  struct Walk {
    std::uint64_t job = 0;  // ordinal
    std::uint64_t step = 0;
  };

  bool load(const Job& job, std::uint64_t step, Command& command) const;
  bool multiply(const Job& job, std::uint64_t step, Command& command) const;
  bool compute(const Job& job, std::uint64_t step, Command& command) const;
  bool store(const Job& job, std::uint64_t step, Command& command) const;
  // A group of rows that has none of the task's leaves at once.
  AttentionTile tile_of(const Job& job) const {
    AttentionTile tile = tile_;
    if (tile.two_groups && 2 * job.task.rows() <= tile.rows) {
      tile.rows /= 2;
      tile.stall_cycles /= 2;
    }
    return tile;
  }
  void load_block(const Job& job, std::uint64_t block, bool values, Command& command) const;
  std::uint64_t tiles(const Job& job, std::uint64_t block) const {
    return ceil_div(job.keys(block), tile_.keys);
  }
  std::uint64_t useful_flop(const Job& job, std::uint64_t block) const {
    return 2 * operands_.shape.head_dim * job.task.heads *
           operands_.pairs(job.task.first_query, job.task.first_query + job.task.queries,
                           job.first(block), job.ends[block]);
  }

  const AttentionKernel& kernel_;
  const AttentionTile tile_;
  const AttentionOperands& operands_;
  std::deque<Job> jobs_;  // that some stream has not left behind
  std::uint64_t jobs_assigned_ = 0;
  std::uint64_t working_assigned_ = 0;
  std::uint64_t blocks_assigned_ = 0;
  std::uint64_t steps_assigned_ = 0;
  std::array<Walk, kStreamCount> walks_;
  bool closed_ = false;
};

void PingPongProgram::assign(std::uint64_t task) {
  Job job;
  job.task = kernel_.task(task);
  job.ordinal = jobs_assigned_++;
  job.working = working_assigned_;
  job.first_block = blocks_assigned_;
  job.first_step = steps_assigned_;
  std::uint64_t end = job.task.first_key;
  for (const std::uint64_t size :
       merged_blocks(ceil_div(job.task.end_key - job.task.first_key, tile_.keys))) {
    end = std::min(end + size * tile_.keys, job.task.end_key);
    job.ends.push_back(end);
  }
  working_assigned_ += job.blocks() > 0 ? 1 : 0;
  blocks_assigned_ += job.blocks();
  steps_assigned_ += job.blocks() + job.lead();
  jobs_.push_back(std::move(job));
}

void PingPongProgram::load_block(const Job& job,
                                 std::uint64_t block,
                                 bool values,
                                 Command& command) const {
  const KvLayout& layout = values ? operands_.values : operands_.keys;
  command.transfer.block =
      tile_.whole_loads
          ? layout.whole_block(job.task.sequence, job.task.kv_head, job.first(block),
                               tiles(job, block) * tile_.keys)
          : layout.block(job.task.sequence, job.task.kv_head, 1, job.first(block), job.keys(block));
  command.transfer.expected_reads = kernel_.reads_of_key_block(job.first(block));
  command.signal = values ? kValuesLoaded : kKeysLoaded;
  if (block >= tile_.stages) {
    const std::uint64_t before = block - tile_.stages;
    command.wait_for(kStepDone, values ? job.added(before) : job.scored(before));
  }
}

// Q; K_0; K_1, V_0; K_2, V_1; ...
bool PingPongProgram::load(const Job& job, std::uint64_t step, Command& command) const {
  if (job.blocks() == 0 || step > 2 * job.blocks()) {
    return false;
  }
  command.kind = Command::Kind::kLoad;
  if (step == 0) {
    command.transfer.block = operands_.query_block(job.task);
    command.signal = kQueryLoaded;
  } else if (step == 1) {
    load_block(job, 0, false, command);
  } else if (step == 2 * job.blocks()) {
    load_block(job, job.blocks() - 1, true, command);
  } else {
    load_block(job, step % 2 == 0 ? step / 2 : step / 2 - 1, step % 2 == 1, command);
  }
  return true;
}

bool PingPongProgram::multiply(const Job& job, std::uint64_t step, Command& command) const {
  const std::uint64_t lead = job.lead();
  if (step >= job.blocks() + lead) {
    return false;
  }
  command.kind = Command::Kind::kMatmul;
  std::uint64_t done_tiles = 0;  // of scores, of values
  if (step < job.blocks()) {
    done_tiles += tiles(job, step);
    command.useful_flop += useful_flop(job, step);
    command.wait_for(kKeysLoaded, job.first_block + step + 1);
  }
  if (step >= lead) {
    const std::uint64_t block = step - lead;
    done_tiles += tiles(job, block);
    command.useful_flop += useful_flop(job, block);
    command.wait_for(kValuesLoaded, job.first_block + block + 1);
    command.wait_for(kSoftmaxDone, job.first_block + block + 1);
  }
  if (step == 0) {
    command.wait_for(kQueryLoaded, job.working + 1);
  }
  // Q K^T and P V of as many keys are alike in size, and so is their sum.
  const AttentionTile tile = tile_of(job);
  command.matmul = tile.scores(job.task.rows(), done_tiles * tile.keys);
  const auto keys = static_cast<std::uint32_t>(done_tiles * tile_.keys);
  (tile_.transposed ? command.matmul.m : command.matmul.n) = keys;
  command.matmul.stall_cycles = static_cast<std::uint32_t>(done_tiles * tile.stall_cycles / 2);
  command.signal = kStepDone;
  return true;
}

bool PingPongProgram::compute(const Job& job, std::uint64_t step, Command& command) const {
  if (job.blocks() == 0 || step > job.blocks()) {
    return false;
  }
  command.kind = Command::Kind::kVector;
  const std::uint64_t rows = job.task.rows();
  const AttentionTile tile = tile_of(job);
  if (step == job.blocks()) {
    command.vector = tile.epilogue(rows);
    command.wait_for(kStepDone, job.added(step - 1));
    command.signal = kOutputReady;
    return true;
  }
  const std::uint64_t last_key = job.ends[step];
  const std::uint64_t count = tiles(job, step);
  const bool cut = job.keys(step) < count * tile_.keys ||
                   operands_.visible_keys(job.task.first_query) < last_key;
  const VectorWork softmax = tile.softmax(rows, tile_.keys, cut);
  const VectorWork rescale = tile.rescale(rows);
  command.vector = softmax;
  command.vector.alu_ops = count * (softmax.alu_ops + rescale.alu_ops);
  command.vector.special_ops = count * (softmax.special_ops + rescale.special_ops);
  command.vector.scratchpad_bytes = count * softmax.scratchpad_bytes;
  command.vector.latency_cycles = count * tile.softmax_latency_cycles;
  if (cut) {  // the two groups of rows mask side by side; rows that nobody asked for are skipped
    command.vector.alu_ops +=
        scale_up(tile_.diagonal_ops, std::min<std::uint64_t>(2 * rows, tile_.rows), tile_.rows);
  }
  command.wait_for(kStepDone, job.scored(step));
  command.signal = kSoftmaxDone;
  return true;
}

bool PingPongProgram::store(const Job& job, std::uint64_t step, Command& command) const {
  if (step > 0) {
    return false;
  }
  command.kind = Command::Kind::kStore;
  command.transfer.block = kernel_.output_block(job.task);
  command.transfer.expected_reads = tile_.partial ? 1 : kManyReads;
  command.ends_tasks = 1;
  if (job.blocks() > 0) {
    command.wait_for(kOutputReady, job.working + 1);
  }
  return true;
}

CoreProgram::Next PingPongProgram::next(Stream stream, Command& command) {
  Walk& walk = walks_[static_cast<std::size_t>(stream)];
  while (walk.job < jobs_assigned_) {
    const Job& job = jobs_[walk.job - jobs_.front().ordinal];
    command = Command{};
    bool any = false;
    switch (stream) {
      case Stream::kLoad:
        any = load(job, walk.step, command);
        break;
      case Stream::kTensor:
        any = multiply(job, walk.step, command);
        break;
      case Stream::kVector:
        any = compute(job, walk.step, command);
        break;
      case Stream::kStore:
        any = store(job, walk.step, command);
        break;
    }
    if (any) {
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

}  // namespace

std::unique_ptr<CoreProgram> make_ping_pong_program(const AttentionKernel& kernel) {
  return std::make_unique<PingPongProgram>(kernel);
}

std::vector<std::uint64_t> merged_blocks(std::uint64_t tiles) {
  const std::uint64_t most = std::clamp<std::uint64_t>(tiles / kLeastSteps, 1, kMostMerged);
  std::vector<std::uint64_t> sizes;
  std::vector<std::uint64_t> last;  // mirrored
  std::uint64_t left = tiles;
  for (std::uint64_t size = 1; size < most && left >= 2 * size; size *= 2) {
    sizes.push_back(size);
    last.push_back(size);
    left -= 2 * size;
  }
  for (; left > 0; left -= sizes.back()) {
    sizes.push_back(std::min(left, most));
  }
  sizes.insert(sizes.end(), last.rbegin(), last.rend());
  return sizes;
}

}  // namespace orrery
