// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sim/transfer.h"
#include "sim/units.h"

namespace orrery {

// Where the time of a core went. The order is that of results/run_record.h.
enum class TimeCategory : std::uint8_t {
  kTensor,
  kVector,
  kLoadMemory,
  kLoadShared,
  kLoadNetwork,
  kStore,
  kSync,
  kLaunch,
  kIdle,
};
inline constexpr std::size_t kTimeCategoryCount = 9;
using TimeSplit = std::array<Femtoseconds, kTimeCategoryCount>;

// The way of a load, as its transfer marked it: what a wait for it is blamed on.
struct LoadJourney {
  Femtoseconds issued_fs = 0;
  std::array<Transfer::Segment, 12> segments{};
  std::uint32_t segment_count = 0;
};

// What made the last increment of a semaphore.
enum class CauseKind : std::uint8_t { kLoad, kStore, kRemote, kCompute };

// Splits the time of one core, from the launch of an operator to its end, over categories that sum
// exactly. While the tensor unit works the time is tensor; while only the vector unit works,
// vector; a gap in which neither works is blamed, when it ends, on what arrived last: a store,
// another core, or a load. A wait for a load is shared out over the stages of its journey as it
// spent its time in them: with many loads under way the wait is for their common bottleneck, and
// every load dwells where that is, wherever it happens to be during the gap. What lies before the
// load was issued belongs to the set-up of the task (launch) and to the store it waited for.
class CoreAccounting {
 public:
  void begin(Femtoseconds now_fs);

  // A unit starts or stops. `cause` and `journey` say what the starting command waited for.
  void start_tensor(Femtoseconds now_fs, CauseKind cause, const LoadJourney* journey);
  void stop_tensor(Femtoseconds now_fs);
  void start_vector(Femtoseconds now_fs, CauseKind cause, const LoadJourney* journey);
  void stop_vector(Femtoseconds now_fs);

  // A tile task has been handed out and set up.
  void task_started(Femtoseconds now_fs);
  // A task's last store was accepted.
  void task_ended(Femtoseconds now_fs) { last_task_end_fs_ = now_fs; }

  // So far, up to the last start or stop of a unit.
  const TimeSplit& split() const { return split_; }
  // Time that was left out of the simulation.
  void credit(const TimeSplit& split) {
    for (std::size_t i = 0; i < kTimeCategoryCount; ++i) {
      split_[i] += split[i];
    }
  }

  // The last kernel's last task on any core has ended at `tasks_end_fs`; `end_fs` is what the user
  // sees. `launches` are the times in which a kernel was being launched, in their order: a core
  // that gets none of its tasks waits for the launch as the others do, and is idle only then.
  struct Launch {
    Femtoseconds start_fs = 0, end_fs = 0;
  };
  const TimeSplit& finish(Femtoseconds tasks_end_fs,
                          Femtoseconds end_fs,
                          std::span<const Launch> launches = {});

 private:
  void account_until(Femtoseconds now_fs, CauseKind cause, const LoadJourney* journey);
  void blame_gap(Femtoseconds start_fs,
                 Femtoseconds end_fs,
                 CauseKind cause,
                 const LoadJourney* journey);
  void share_out(Femtoseconds duration_fs, const LoadJourney& journey);
  // Adds [start, end) cut to before `*cursor` and moves the cursor down to its start.
  void take(TimeCategory category,
            Femtoseconds start_fs,
            Femtoseconds* cursor_fs,
            Femtoseconds gap_start_fs);
  void add(TimeCategory category, Femtoseconds duration_fs) {
    split_[static_cast<std::size_t>(category)] += duration_fs;
  }

  TimeSplit split_{};
  Femtoseconds accounted_fs_ = 0;
  bool tensor_busy_ = false;
  bool vector_busy_ = false;
  bool has_task_ = false;  // since begin()
  Femtoseconds task_start_fs_ = 0;
  Femtoseconds last_task_end_fs_ = 0;
};

}  // namespace orrery
