// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "arch/core_module.h"
#include "arch/dispatcher_module.h"
#include "arch/kernel_progress.h"
#include "arch/period_log.h"
#include "sim/counters.h"

namespace orrery {

// Sampling of large kernels: once their pace is steady, the chip leaves periods out and is credited
// with what they would have taken.
//
// Two things repeat. *Waves*: as many tile tasks as the chip holds, or more where the kernel's own
// period is longer; left out at the dispatcher. *Steps* of the inner loops, while all contexts are
// in one: each jumps ahead as far as its pace says. Waves are left out of kernels with many tasks,
// steps of those with long ones; a wave's time contains the credits of its steps.
// Simulated are the start, periods until their mean is known (period_log.h), and the end: a wave
// beyond those in flight and what does not fill one; a period of steps before the end of a loop.
// Nothing is left out while the pace or the hit rate drifts, nor while a cache has not yet been
// filled by this kernel but would be.
//
// The credit is the mean of those periods: time, every counter, and where each core's time went,
// which still sums exactly. Useful operations and tasks are exact: they are computed from what was
// left out. The cache loses what would have been displaced. SystemC's time stands still meanwhile;
// a credit is inserted into the time that is reported.
class ChipSampler {
 public:
  // Bytes that were given a place in a cache: for use, or to pass through.
  struct Allocated {
    std::uint64_t kept = 0, passing = 0;
    std::uint64_t sum() const { return kept + passing; }
  };
  // Bytes until now.
  struct Traffic {
    std::uint64_t memory_bytes = 0;     // moved by memory
    std::uint64_t requested_bytes = 0;  // asked for by cores
    Allocated allocated;                // really, without what was left out
  };
  // What the sampler asks of the chip.
  struct Surroundings {
    std::function<Traffic()> traffic;
    std::uint64_t cache_bytes = 0;
    // Of a software-managed SRAM: what lives in it now, and what finds room without fail.
    std::function<std::uint64_t()> used_bytes;
    std::uint64_t room_bytes = 0;
    std::function<void()> before_credit;  // while counters are still those of now
    // As if more had been allocated, like what was allocated last.
    std::function<void(const Allocated& more, const Allocated& last)> age_cache;
  };
  ChipSampler(const CounterRegistry& counters,
              const std::vector<std::unique_ptr<CoreModule>>& cores,
              DispatcherModule& dispatcher,
              Surroundings surroundings);

  KernelProgress& progress() { return progress_; }
  // A kernel has been launched; it outlives its end.
  void begin(const Kernel& kernel, Femtoseconds start_fs);
  // The simulation has paused before the kernel's end.
  void look(Femtoseconds now_fs);
  // Something changed that periods depend on, such as a clock.
  void restart();

  // Since the chip began.
  Femtoseconds credited_fs() const { return credited_fs_; }
  Femtoseconds error_fs() const { return error_fs_; }

 private:
  // Everything that a credit is taken from.
  struct Snapshot {
    PeriodMark mark;
    Allocated allocated;  // what was left out included
    std::uint64_t used_bytes = 0;
    std::vector<std::uint64_t> counters;
    std::vector<TimeSplit> splits;
  };
  struct Watch {
    PeriodLog log;
    std::deque<Snapshot> snapshots;

    void restart(Snapshot snapshot);
    void add(Snapshot snapshot);
  };
  // Waves are long, what disturbs their ends is little of them.
  static constexpr std::size_t kLeastWaves = 6;
  static constexpr std::size_t kFewWaves = 3;
  static constexpr std::size_t kLeastSteps = 8;
  struct Position {  // of a context that is in a loop
    std::uint32_t core = 0, context = 0;
    CoreProgram::Loop loop;
  };

  Snapshot snapshot(Femtoseconds now_fs, std::uint64_t work) const;
  void look_at_waves(Femtoseconds now_fs);
  void look_at_steps(Femtoseconds now_fs);
  // False when some context is not in a loop.
  bool find_positions(std::vector<Position>& positions) const;
  // How many steps of a loop are not to be left out at its end.
  std::uint64_t tail_steps(std::size_t steady) const;
  // How many steps each of the contexts is to leave out: as many as the shortest rest of a loop
  // allows, each at the pace at which its cluster has moved. Empty: too few.
  std::vector<std::uint64_t> steps_to_skip(const std::vector<Position>& positions,
                                           std::uint64_t tail_steps) const;
  // Whether the caches are in the same state from the first of the steady periods until `work` has
  // been left out: they had been filled by this kernel, or will not have been. An SRAM must not
  // fill up meanwhile.
  bool caches_are_steady(const Watch& watch, std::size_t steady, std::uint64_t work) const;
  bool sram_has_room(const Snapshot& start, const Snapshot& end, std::uint64_t work) const;
  void skip_waves(std::size_t steady, std::uint64_t tasks);
  // The measure of waves: commands where the kernel knows how many its tasks have, for a wave's end
  // finds tasks half done; else tasks.
  std::uint64_t wave_work() const;  // done so far
  std::uint64_t work_of(std::uint64_t tasks) const;
  // What `work` takes at the pace of the last `steady` periods.
  void credit(const Watch& watch, std::size_t steady, std::uint64_t work);

  const std::vector<std::unique_ptr<CoreModule>>& cores_;
  DispatcherModule& dispatcher_;
  const Surroundings chip_;
  std::vector<Counter*> scaled_;  // counters, but for those that are computed
  KernelProgress progress_;

  const Kernel* kernel_ = nullptr;
  KernelPeriod period_;
  std::uint64_t wave_tasks_ = 0;
  std::uint64_t allocated_before_ = 0;  // bytes, when the kernel began
  Allocated credited_allocated_;
  std::uint64_t skipped_commands_ = 0;  // of the steps left out of this kernel
  Watch waves_{PeriodLog(kLeastWaves, kFewWaves), {}};
  Watch steps_{PeriodLog(kLeastSteps, kLeastSteps), {}};
  std::vector<Position> first_positions_;  // at the start of the log of steps; empty: none
  Femtoseconds credited_fs_ = 0;
  Femtoseconds error_fs_ = 0;
};

}  // namespace orrery
