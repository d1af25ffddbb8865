// SPDX-License-Identifier: Apache-2.0
#include "tests/support/program_checker.h"

#include <algorithm>
#include <array>
#include <deque>
#include <memory>

namespace orrery {
namespace {

constexpr std::array<const char*, kStreamCount> kStreamNames{"load", "tensor", "vector", "store"};

struct UnreadLoad {
  std::uint8_t semaphore;
  std::uint64_t value;  // that the semaphore has when this load has signalled
  std::uint64_t bytes;
};

struct Context {
  std::unique_ptr<CoreProgram> program;
  std::array<Command, kStreamCount> commands;
  std::array<bool, kStreamCount> has_command{};
  std::array<bool, kStreamCount> finished{};
  std::array<std::uint64_t, kSemaphoresPerContext> semaphores{};
  std::vector<UnreadLoad> unread;
  std::uint64_t unread_bytes = 0;
  std::uint64_t assigned = 0, ended = 0;
  bool closed = false;
};

class Machine {
 public:
  Machine(const Kernel& kernel, std::uint32_t clusters, Interleaving interleaving, RoomCheck room)
      : kernel_(kernel), interleaving_(interleaving), room_(room), size_(kernel.cluster_size()) {
    contexts_.resize(std::size_t{clusters} * kernel.contexts_per_core());
    for (auto& lane : contexts_) {
      lane.resize(size_);
      for (std::uint32_t rank = 0; rank < size_; ++rank) {
        lane[rank].program = kernel.make_program(rank);
      }
    }
  }

  ProgramCount run();

 private:
  // The same context on the cores of one cluster: whom multicast and cluster signals reach.
  using Lane = std::vector<Context>;

  void hand_out();
  bool step(Lane& lane, Context& context, std::size_t stream);
  void execute(Lane& lane, Context& context, const Command& command);
  void signal(Context& context, std::uint8_t semaphore);
  void count_load(Context& context, const Command& command);
  void read_loads(Context& context, const Command& command);
  void check_block(const Block& block);
  void check_end();
  void fail(const std::string& what) {
    if (count_.failure.empty()) {
      count_.failure = what;
    }
  }

  const Kernel& kernel_;
  Interleaving interleaving_;
  RoomCheck room_;
  std::uint32_t size_;
  std::vector<Lane> contexts_;
  std::uint64_t next_task_ = 0;
  ProgramCount count_;
};

void Machine::hand_out() {
  for (Lane& lane : contexts_) {
    const auto room = [&] {
      return next_task_ + size_ <= kernel_.task_count() &&
             std::all_of(lane.begin(), lane.end(), [&](const Context& context) {
               return context.assigned - context.ended < kernel_.tasks_in_flight();
             });
    };
    while (room()) {
      for (Context& context : lane) {
        context.program->assign(next_task_++);
        ++context.assigned;
      }
      if (interleaving_ != Interleaving::kLoadsFirst) {
        break;
      }
    }
    if (next_task_ == kernel_.task_count()) {
      for (Context& context : lane) {
        if (!context.closed) {
          context.program->close();
          context.closed = true;
        }
      }
    }
  }
}

void Machine::check_block(const Block& block) {
  if (block.rows == 0 || block.row_bytes == 0) {
    fail("an empty block");
  }
  if (std::uint64_t{block.first_row} + block.rows > block.matrix_rows ||
      block.first_byte + block.row_bytes > block.pitch_bytes) {
    fail("a block of " + std::to_string(block.rows) + " rows at " +
         std::to_string(block.first_row) + " and " + std::to_string(block.row_bytes) +
         " bytes at " + std::to_string(block.first_byte) + " leaves its matrix of " +
         std::to_string(block.matrix_rows) + " rows of " + std::to_string(block.pitch_bytes));
  }
  if (block.base_address % kTensorAlignmentBytes != 0) {
    fail("a matrix at an address that is not aligned");
  }
}

void Machine::signal(Context& context, std::uint8_t semaphore) {
  if (semaphore >= kSemaphoresPerContext) {
    fail("signals semaphore " + std::to_string(semaphore));
    return;
  }
  ++context.semaphores[semaphore];
}

void Machine::count_load(Context& context, const Command& command) {
  const std::uint64_t bytes = command.transfer.block.bytes();
  if (command.signal < kSemaphoresPerContext) {
    context.unread.push_back({command.signal, context.semaphores[command.signal] + 1, bytes});
    context.unread_bytes += bytes;
    count_.peak_unread_bytes = std::max(count_.peak_unread_bytes, context.unread_bytes);
    if (room_ == RoomCheck::kOn && context.unread_bytes > kernel_.scratchpad_bytes()) {
      fail("loads " + std::to_string(context.unread_bytes) + " bytes ahead into a scratchpad of " +
           std::to_string(kernel_.scratchpad_bytes()));
    }
  }
  signal(context, command.signal);
}

void Machine::read_loads(Context& context, const Command& command) {
  for (const Wait& wait : command.waits) {
    std::erase_if(context.unread, [&](const UnreadLoad& load) {
      const bool read = load.semaphore == wait.semaphore && load.value <= wait.value;
      context.unread_bytes -= read ? load.bytes : 0;
      return read;
    });
  }
}

// Whether a load is delivered to that rank of its cluster.
bool receives(const ClusterPart& part, std::size_t rank, bool is_sender) {
  if (part.count == 0) {
    return is_sender;
  }
  return rank >= part.first_rank && (rank - part.first_rank) % part.rank_step == 0 &&
         (rank - part.first_rank) / part.rank_step < part.count;
}

void Machine::execute(Lane& lane, Context& context, const Command& command) {
  count_.useful_flop += command.useful_flop;
  switch (command.kind) {
    case Command::Kind::kLoad: {
      const Block& block = command.transfer.block;
      check_block(block);
      count_.load_bytes[block.base_address] += block.bytes();
      count_.loads.push_back(block);
      if (const ClusterPart& part = command.transfer.multicast; part.count > 0) {
        for (std::uint32_t i = 0; i < part.count; ++i) {
          count_load(lane[part.first_rank + i * part.rank_step], command);
        }
      } else {
        count_load(context, command);
      }
      if (command.scope == SignalScope::kCluster && command.signal < kSemaphoresPerContext) {
        // Who did not take delivery hears of it, too.
        for (std::size_t rank = 0; rank < lane.size(); ++rank) {
          if (!receives(command.transfer.multicast, rank, &lane[rank] == &context)) {
            signal(lane[rank], command.signal);
          }
        }
      }
      break;
    }
    case Command::Kind::kStore: {
      const Block& block = command.transfer.block;
      check_block(block);
      count_.store_bytes[block.base_address] += block.bytes();
      count_.stores.push_back(block);
      break;
    }
    case Command::Kind::kMatmul:
      ++count_.matmuls;
      break;
    case Command::Kind::kVector:
      ++count_.vector_commands;
      count_.alu_ops += command.vector.alu_ops;
      count_.special_ops += command.vector.special_ops;
      break;
    case Command::Kind::kSignal:
      break;
  }
  if (command.kind != Command::Kind::kLoad) {
    read_loads(context, command);
    if (command.signal != kNoSemaphore) {
      if (command.scope == SignalScope::kCluster) {
        for (Context& receiver : lane) {
          signal(receiver, command.signal);
        }
      } else {
        signal(context, command.signal);
      }
    }
  }
  context.ended += command.ends_tasks;
  count_.tasks_ended += command.ends_tasks;
  if (context.ended > context.assigned) {
    fail("a context ended more tasks than it was given");
  }
}

bool Machine::step(Lane& lane, Context& context, std::size_t stream) {
  if (context.finished[stream]) {
    return false;
  }
  if (!context.has_command[stream]) {
    switch (context.program->next(static_cast<Stream>(stream), context.commands[stream])) {
      case CoreProgram::Next::kFinished:
        if (!context.closed) {
          fail("a stream finished before the program was closed");
        }
        context.finished[stream] = true;
        return true;
      case CoreProgram::Next::kNeedsTask:
        if (context.closed) {
          fail("a stream wants a task after the program was closed");
        }
        return false;
      case CoreProgram::Next::kCommand:
        context.has_command[stream] = true;
        break;
    }
  }
  const Command& command = context.commands[stream];
  for (const Wait& wait : command.waits) {
    if (wait.semaphore == kNoSemaphore) {
      continue;
    }
    if (wait.semaphore >= kSemaphoresPerContext) {
      fail("waits for semaphore " + std::to_string(wait.semaphore));
      return false;
    }
    if (context.semaphores[wait.semaphore] < wait.value) {
      return false;
    }
  }
  context.has_command[stream] = false;
  execute(lane, context, Command(command));
  return true;
}

void Machine::check_end() {
  for (std::size_t lane = 0; lane < contexts_.size(); ++lane) {
    for (std::size_t rank = 0; rank < contexts_[lane].size(); ++rank) {
      const Context& context = contexts_[lane][rank];
      const std::string who =
          "context " + std::to_string(lane) + " rank " + std::to_string(rank) + " ";
      for (std::size_t s = 0; s < kStreamCount; ++s) {
        if (context.finished[s]) {
          continue;
        }
        std::string why = who + kStreamNames[s] + " is stuck";
        for (const Wait& wait : context.commands[s].waits) {
          if (context.has_command[s] && wait.semaphore < kSemaphoresPerContext) {
            why += ", waits for semaphore " + std::to_string(wait.semaphore) +
                   " >= " + std::to_string(wait.value) + " (is " +
                   std::to_string(context.semaphores[wait.semaphore]) + ")";
          }
        }
        fail(why);
      }
      if (context.ended != context.assigned) {
        fail(who + "ended " + std::to_string(context.ended) + " of " +
             std::to_string(context.assigned) + " tasks");
      }
    }
  }
  if (count_.tasks_ended != kernel_.task_count()) {
    fail("ended " + std::to_string(count_.tasks_ended) + " of " +
         std::to_string(kernel_.task_count()) + " tasks");
  }
}

ProgramCount Machine::run() {
  bool moved = true;
  while (moved && count_.failure.empty()) {
    moved = false;
    hand_out();
    for (Lane& lane : contexts_) {
      for (Context& context : lane) {
        for (std::size_t i = 0; i < kStreamCount; ++i) {
          const bool backwards = interleaving_ == Interleaving::kStoresFirst;
          const std::size_t stream = backwards ? kStreamCount - 1 - i : i;
          bool stepped = step(lane, context, stream);
          moved = moved || stepped;
          while (stepped && interleaving_ != Interleaving::kRoundRobin) {
            stepped = step(lane, context, stream);
          }
        }
      }
    }
  }
  if (count_.failure.empty()) {
    check_end();
  }
  return std::move(count_);
}

}  // namespace

ProgramCount run_programs(const Kernel& kernel,
                          std::uint32_t clusters,
                          Interleaving interleaving,
                          RoomCheck room) {
  return Machine(kernel, clusters, interleaving, room).run();
}

std::vector<std::uint32_t> coverage(const std::vector<Block>& blocks,
                                    std::uint64_t base_address,
                                    std::uint64_t rows,
                                    std::uint64_t row_bytes) {
  std::vector<std::uint32_t> counts(rows * row_bytes, 0);
  for (const Block& block : blocks) {
    if (block.base_address != base_address) {
      continue;
    }
    for (std::uint64_t row = block.first_row; row < std::uint64_t{block.first_row} + block.rows;
         ++row) {
      for (std::uint64_t byte = block.first_byte; byte < block.first_byte + block.row_bytes;
           ++byte) {
        if (row < rows && byte < row_bytes) {
          ++counts[row * row_bytes + byte];
        }
      }
    }
  }
  return counts;
}

}  // namespace orrery
