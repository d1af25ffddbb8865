// SPDX-License-Identifier: Apache-2.0
#include "workloads/chunk_kernel.h"

#include <algorithm>
#include <array>
#include <deque>
#include <fmt/format.h>

#include "sim/error.h"

namespace orrery {
namespace {

// Enough to cover the latency of loads and stores with the chunk sizes used here.
constexpr std::uint32_t kMostStages = 4;

enum Semaphore : std::uint8_t { kLoaded, kComputed, kStored };

class ChunkProgram : public CoreProgram {
 public:
  explicit ChunkProgram(const ChunkKernel& kernel) : kernel_(kernel), resident_(kernel.resident()) {
    for (Walk& walk : walks_) {
      walk.loads = resident_.size();
    }
  }

  void assign(std::uint64_t task) override { tasks_.push_back(task); }
  void close() override { closed_ = true; }
  Next next(Stream stream, Command& command) override;
  std::optional<Loop> loop() const override;
  std::uint64_t skip_steps(std::uint64_t steps) override;

 private:
  // Where a stream is. Each stream computes the chunks for itself: cheaper than keeping them.
  struct Walk {
    std::size_t task = 0;  // counted from the program's start
    std::uint64_t chunk = 0;
    bool in_task = false;
    bool in_chunk = false;
    Chunk work;
    std::size_t step = 0;      // within the loads or stores of the chunk
    std::uint64_t chunks = 0;  // begun
    std::uint64_t loads = 0;   // of all chunks up to and with this one
    std::uint64_t stores = 0;
  };

  Walk& walk(Stream stream) { return walks_[static_cast<std::size_t>(stream)]; }
  const Walk& walk(Stream stream) const { return walks_[static_cast<std::size_t>(stream)]; }
  // The chunk that the loads begin next.
  std::uint64_t next_chunk() const {
    const Walk& loads = walk(Stream::kLoad);
    return loads.chunk + (loads.in_chunk ? kernel_.plan().tasks : 0);
  }
  bool enter_chunk(Walk& walk);
  void leave_chunk(Walk& walk);
  bool last_of_task(const Walk& walk) const {
    return walk.chunk + kernel_.plan().tasks >= kernel_.plan().chunks;
  }
  void load(Walk& walk, Command& command);
  void compute(Walk& walk, Command& command);
  void store(Walk& walk, Command& command);

  const ChunkKernel& kernel_;
  std::vector<TransferWork> resident_;
  std::size_t resident_loaded_ = 0;
  std::deque<std::uint64_t> tasks_;
  std::size_t tasks_dropped_ = 0;
  std::array<Walk, kStreamCount> walks_;
  // Stores up to and with the chunks that may still hold a stage, oldest first.
  std::deque<std::uint64_t> stores_until_;
  // Sampling: in place of the first of these chunks comes the other.
  std::uint64_t gap_first_ = kNoChunk, gap_end_ = 0;
  bool closed_ = false;

  static constexpr std::uint64_t kNoChunk = ~std::uint64_t{0};
};

bool ChunkProgram::enter_chunk(Walk& walk) {
  if (walk.in_chunk) {
    return true;
  }
  if (!walk.in_task) {
    if (walk.task >= tasks_dropped_ + tasks_.size()) {
      return false;
    }
    walk.chunk = tasks_[walk.task - tasks_dropped_];
    walk.in_task = true;
  }
  walk.work = kernel_.chunk(walk.chunk);
  walk.in_chunk = true;
  walk.step = 0;
  walk.loads += walk.work.loads.size();
  walk.stores += walk.work.stores.size();
  ++walk.chunks;
  return true;
}

void ChunkProgram::leave_chunk(Walk& walk) {
  walk.in_chunk = false;
  if (!last_of_task(walk)) {
    walk.chunk += kernel_.plan().tasks;
    if (walk.chunk == gap_first_) {
      walk.chunk = gap_end_;
    }
    return;
  }
  walk.in_task = false;
  ++walk.task;
  std::size_t passed = walk.task;
  for (const Stream stream : {Stream::kLoad, Stream::kVector, Stream::kStore}) {
    passed = std::min(passed, walks_[static_cast<std::size_t>(stream)].task);
  }
  while (tasks_dropped_ < passed) {
    tasks_.pop_front();
    ++tasks_dropped_;
  }
}

void ChunkProgram::load(Walk& walk, Command& command) {
  if (walk.step == 0) {
    stores_until_.push_back(walk.stores);
    if (stores_until_.size() > std::size_t{kernel_.plan().stages} + 1) {
      stores_until_.pop_front();
    }
  }
  command.kind = Command::Kind::kLoad;
  command.transfer = walk.work.loads[walk.step++];
  command.signal = kLoaded;
  if (walk.chunks > kernel_.plan().stages) {
    command.wait_for(kStored, stores_until_.front());
  }
  if (walk.step == walk.work.loads.size()) {
    leave_chunk(walk);
  }
}

void ChunkProgram::compute(Walk& walk, Command& command) {
  command.kind = Command::Kind::kVector;
  command.vector = walk.work.work;
  command.wait_for(kLoaded, walk.loads);
  command.signal = kComputed;
  leave_chunk(walk);
}

void ChunkProgram::store(Walk& walk, Command& command) {
  command.kind = Command::Kind::kStore;
  command.transfer = walk.work.stores[walk.step++];
  command.wait_for(kComputed, walk.chunks);
  command.signal = kStored;
  if (walk.step == walk.work.stores.size()) {
    command.ends_tasks = last_of_task(walk) ? 1 : 0;
    leave_chunk(walk);
  }
}

std::optional<CoreProgram::Loop> ChunkProgram::loop() const {
  const Walk& loads = walk(Stream::kLoad);
  for (const Stream stream : {Stream::kLoad, Stream::kVector, Stream::kStore}) {
    const Walk& at = walk(stream);
    if (!at.in_task || at.task != loads.task || (gap_first_ != kNoChunk && at.chunk < gap_end_)) {
      return std::nullopt;
    }
  }
  const std::uint64_t next = next_chunk();
  const ChunkKernel::Plan& plan = kernel_.plan();
  return Loop{loads.task, walk(Stream::kVector).chunks,
              next < plan.chunks ? ceil_div(plan.chunks - next, plan.tasks) : 0};
}

std::uint64_t ChunkProgram::skip_steps(std::uint64_t steps) {
  gap_first_ = next_chunk();
  gap_end_ = gap_first_ + steps * kernel_.plan().tasks;
  for (Walk& at : walks_) {
    if (at.in_task && !at.in_chunk && at.chunk == gap_first_) {
      at.chunk = gap_end_;
    }
  }
  return 0;
}

CoreProgram::Next ChunkProgram::next(Stream stream, Command& command) {
  command = Command{};
  if (stream == Stream::kTensor) {
    return closed_ ? Next::kFinished : Next::kNeedsTask;
  }
  Walk& walk = walks_[static_cast<std::size_t>(stream)];
  if (!enter_chunk(walk)) {
    return closed_ ? Next::kFinished : Next::kNeedsTask;
  }
  switch (stream) {
    case Stream::kLoad:
      if (resident_loaded_ < resident_.size()) {
        command.kind = Command::Kind::kLoad;
        command.transfer = resident_[resident_loaded_++];
        command.signal = kLoaded;
        break;
      }
      load(walk, command);
      break;
    case Stream::kVector:
      compute(walk, command);
      break;
    case Stream::kStore:
      store(walk, command);
      break;
    case Stream::kTensor:
      break;
  }
  return Next::kCommand;
}

}  // namespace

KernelPeriod ChunkKernel::period() const {
  constexpr std::uint64_t kFewChunks = 24;  // of a task: fewer leave nothing to skip
  KernelPeriod period;
  period.steps = plan_.chunks / std::max<std::uint64_t>(1, plan_.tasks) >= kFewChunks ? 1 : 0;
  period.of_vector_unit = true;
  period.leaves_data = true;
  return period;
}

std::unique_ptr<CoreProgram> ChunkKernel::make_program(std::uint32_t /*rank*/) const {
  return std::make_unique<ChunkProgram>(*this);
}

void plan_chunks(ChunkKernel::Plan& plan, const CoreConfig& core, const std::string& name) {
  const std::uint64_t capacity = core.scratchpad.capacity_bytes;
  const std::uint64_t least = plan.stage_bytes + plan.resident_bytes;
  if (least > capacity) {
    throw InputError(
        fmt::format("operator {}: a piece of {} bytes does not fit the scratchpad of {} bytes",
                    name, least, capacity));
  }
  const std::uint32_t most_contexts = streaming_contexts(core);
  // Two stages on every context before more of them: loads then overlap stores at all.
  plan.contexts = most_contexts;
  while (plan.contexts > 1 &&
         plan.contexts * (2 * plan.stage_bytes + plan.resident_bytes) > capacity) {
    --plan.contexts;
  }
  const std::uint64_t room = capacity / plan.contexts - plan.resident_bytes;
  plan.stages = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(
      room / std::max<std::uint64_t>(1, plan.stage_bytes), 1, kMostStages));
  plan.tasks = std::min(plan.chunks, std::uint64_t{core.count} * plan.contexts);
}

}  // namespace orrery
