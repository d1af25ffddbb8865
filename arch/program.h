// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sim/dtype.h"
#include "sim/transfer.h"
#include "sim/units.h"

// The instruction set of a core: what software (workloads/) compiles operators to, and what
// hardware (arch/core_engine.h) executes.
//
// A core runs one in-order stream of commands per engine and context. Streams are joined by
// timeline semaphores: counters that only grow. A command starts when every semaphore it waits
// for has reached its value, and adds one to the semaphore it signals when it is done. Loads of a
// stream run concurrently and signal in order. Because the values are absolute, a pipelined loop
// needs no reset: the load of step i waits for `freed >= i - stages + 1`, the multiply of step i
// for `loaded >= i + 1`. (Hopper's mbarriers and Maia's hardware semaphores are used like this.)
namespace orrery {

enum class Stream : std::uint8_t { kLoad, kTensor, kVector, kStore };
inline constexpr std::size_t kStreamCount = 4;

inline constexpr std::size_t kSemaphoresPerContext = 16;
inline constexpr std::uint8_t kNoSemaphore = 255;
inline constexpr std::size_t kMaxWaits = 5;  // semaphores that one command may wait for

struct Wait {
  std::uint8_t semaphore = kNoSemaphore;
  std::uint64_t value = 0;
};

// Whose semaphore a command signals: that of its own context, or that of the same context on
// every core of its cluster (a stage that all have freed may be refilled by multicast).
enum class SignalScope : std::uint8_t { kCore, kCluster };

// D[m,n] += A[m,k] B[k,n] from scratchpad (A may come from the accumulators' side: `a_local`).
struct MatmulWork {
  std::uint32_t m = 0, n = 0, k = 0;
  Dtype dtype = Dtype::kBf16;
  std::uint32_t issues = 1;  // groups of instructions, each waited for on its own
  bool a_local = false;      // A is in registers: costs no scratchpad bandwidth
  // For which software holds the unit without using it: warps that hand it over, chains of small
  // instructions that wait for each other.
  std::uint32_t stall_cycles = 0;
  bool b_halved = false;  // the other core of a pair holds and reads the other half of B
};

// Element-wise work of the vector unit. Operations are totals, not per element.
struct VectorWork {
  std::uint64_t alu_ops = 0;           // adds, multiplies, fused multiply-adds, compares, converts
  std::uint64_t special_ops = 0;       // exp, rsqrt, reciprocal, tanh
  std::uint64_t scratchpad_bytes = 0;  // read and written
  Dtype dtype = Dtype::kFp32;          // of the arithmetic
  // Until its result is there and the stream goes on, once the unit is done: chains of dependent
  // steps and barriers between warps. Other contexts use the unit meanwhile.
  std::uint64_t latency_cycles = 0;
};

// Cores of a cluster, by their ranks.
struct ClusterPart {
  std::uint32_t first_rank = 0;
  std::uint32_t count = 0;  // 0: nobody but the core itself
  std::uint32_t rank_step = 1;
};

// A load into, or a store out of the scratchpad. A load with a `multicast` is delivered to these
// cores of the cluster; it signals the same semaphore on every core of the cluster.
struct TransferWork {
  Block block;
  Placement placement = Placement::kShared;
  std::uint32_t expected_reads = 1;
  ClusterPart multicast;
};

struct Command {
  enum class Kind : std::uint8_t { kLoad, kStore, kMatmul, kVector, kSignal };
  Kind kind = Kind::kSignal;
  std::array<Wait, kMaxWaits> waits{};
  std::uint8_t signal = kNoSemaphore;
  SignalScope scope = SignalScope::kCore;
  std::uint32_t ends_tasks = 0;   // tile tasks that are finished when this command is done
  std::uint64_t useful_flop = 0;  // for accounting: what the operator asked for, no padding

  TransferWork transfer;
  MatmulWork matmul;
  VectorWork vector;

  void wait_for(std::uint8_t semaphore, std::uint64_t value) {
    for (Wait& wait : waits) {
      if (wait.semaphore == kNoSemaphore) {
        wait = {semaphore, value};
        return;
      }
    }
  }
};

// What one context of one core executes: made by a kernel, fed with tile tasks by the dispatcher,
// asked for commands by the core's engines, one stream at a time.
class CoreProgram {
 public:
  enum class Next : std::uint8_t { kCommand, kNeedsTask, kFinished };

  virtual ~CoreProgram() = default;
  // Hands over the next tile task of this context.
  virtual void assign(std::uint64_t task) = 0;
  // No task will follow.
  virtual void close() = 0;
  // The inner loop that the program is in, for sampling: nothing at a task's start and end, where
  // streams work on different tasks, and for programs without one.
  struct Loop {
    std::uint64_t task = 0;  // ordinal in the program
    std::uint64_t done = 0;  // steps of the tensor stream, over all tasks
    std::uint64_t left = 0;  // steps of this task that no stream has begun
  };
  virtual std::optional<Loop> loop() const { return std::nullopt; }
  // Leaves the next `steps` out, at most `loop()->left`; returns their useful operations.
  virtual std::uint64_t skip_steps(std::uint64_t /*steps*/) { return 0; }
  // The next command of a stream; kNeedsTask when the tasks assigned so far are used up and the
  // program is not closed. May be asked again after `assign` or `close`.
  virtual Next next(Stream stream, Command& command) = 0;
};

// How a kernel repeats itself, as far as it does; for sampling (arch/chip_sampler.h).
struct KernelPeriod {
  std::uint64_t tasks = 0;              // its work repeats after these; 0: never
  std::uint64_t steps = 0;              // of the inner loop of a task; 0: it has none
  std::uint64_t commands_per_step = 1;  // of the tensor unit
  bool of_vector_unit = false;          // whose commands are counted; else the tensor unit's
  // What a cache holds at the end is read by what comes next: the end is simulated from there on
  // where that has been made.
  bool leaves_data = false;
  std::uint64_t commands = 0;  // that are counted in `tasks`; 0: not known
};

// One launch: a grid of tile tasks and the programs that run them. Tasks are numbers; a program
// turns a number into commands when it needs them, so that a grid of any size takes no memory.
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual const std::string& name() const = 0;
  virtual std::uint64_t task_count() const = 0;
  // Cores that work on neighbouring tasks together and may multicast: tasks
  // [c * size, (c + 1) * size) go to one cluster, one each. task_count() is a multiple of it.
  virtual std::uint32_t cluster_size() const { return 1; }
  // Programs that share a core (occupancy).
  virtual std::uint32_t contexts_per_core() const { return 1; }
  // Tasks a context may hold at once: 1 means a task starts when the one before has ended, 2 that
  // its loads overlap the end of the one before (a persistent kernel).
  virtual std::uint32_t tasks_in_flight() const { return 1; }
  // Part of the launch of the kernel before it: the last blocks of that one, found by counters in
  // memory, go on with these tasks.
  virtual bool continues() const { return false; }
  // Launched ahead of the end of the kernel before it, as DispatchConfig::early_launch_fs says.
  virtual bool launches_early() const { return false; }
  // What a task takes before its first command, beside what the dispatcher charges for any task.
  virtual Femtoseconds task_setup_fs() const { return 0; }
  // Scratchpad and accumulators that a context holds; the core refuses what does not fit.
  virtual std::uint64_t scratchpad_bytes() const = 0;
  virtual std::uint64_t accumulator_bytes() const = 0;
  virtual KernelPeriod period() const { return {}; }
  // Of the tasks [first, first + count), as their commands sum it; of kernels that have a period.
  virtual std::uint64_t useful_flop(std::uint64_t /*first*/, std::uint64_t /*count*/) const {
    return 0;
  }
  // `rank` is the position of the core in its cluster.
  virtual std::unique_ptr<CoreProgram> make_program(std::uint32_t rank) const = 0;
};

}  // namespace orrery
