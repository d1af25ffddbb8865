// SPDX-License-Identifier: Apache-2.0
#include "arch/core_accounting.h"

#include <algorithm>
#include <numeric>

namespace orrery {
namespace {

TimeCategory category_of(Stage stage) {
  switch (stage) {
    case Stage::kMemory:
      return TimeCategory::kLoadMemory;
    case Stage::kShared:
      return TimeCategory::kLoadShared;
    case Stage::kNetwork:
    case Stage::kCredit:
      return TimeCategory::kLoadNetwork;
  }
  return TimeCategory::kLoadNetwork;
}

// Time that a load spent in each stage. Waiting for a credit counts for none: a credit is missing
// because transfers before this one are held up where this one then is.
std::array<Femtoseconds, kStageCount> time_in_stages(const LoadJourney& journey) {
  std::array<Femtoseconds, kStageCount> spent_fs{};
  Femtoseconds start_fs = journey.issued_fs;
  for (std::uint32_t i = 0; i < journey.segment_count; ++i) {
    const Transfer::Segment& segment = journey.segments[i];
    if (segment.stage != Stage::kCredit) {
      spent_fs[static_cast<std::size_t>(segment.stage)] += segment.end_fs - start_fs;
    }
    start_fs = segment.end_fs;
  }
  return spent_fs;
}

}  // namespace

void CoreAccounting::begin(Femtoseconds now_fs) {
  *this = CoreAccounting{};
  accounted_fs_ = now_fs;
  task_start_fs_ = last_task_end_fs_ = now_fs;
}

void CoreAccounting::start_tensor(Femtoseconds now_fs,
                                  CauseKind cause,
                                  const LoadJourney* journey) {
  account_until(now_fs, cause, journey);
  tensor_busy_ = true;
}

void CoreAccounting::stop_tensor(Femtoseconds now_fs) {
  account_until(now_fs, CauseKind::kCompute, nullptr);
  tensor_busy_ = false;
}

void CoreAccounting::start_vector(Femtoseconds now_fs,
                                  CauseKind cause,
                                  const LoadJourney* journey) {
  account_until(now_fs, cause, journey);
  vector_busy_ = true;
}

void CoreAccounting::stop_vector(Femtoseconds now_fs) {
  account_until(now_fs, CauseKind::kCompute, nullptr);
  vector_busy_ = false;
}

void CoreAccounting::task_started(Femtoseconds now_fs) {
  has_task_ = true;
  task_start_fs_ = now_fs;
}

void CoreAccounting::account_until(Femtoseconds now_fs,
                                   CauseKind cause,
                                   const LoadJourney* journey) {
  if (now_fs == accounted_fs_) {
    return;
  }
  if (tensor_busy_) {
    add(TimeCategory::kTensor, now_fs - accounted_fs_);
  } else if (vector_busy_) {
    add(TimeCategory::kVector, now_fs - accounted_fs_);
  } else {
    blame_gap(accounted_fs_, now_fs, cause, journey);
  }
  accounted_fs_ = now_fs;
}

void CoreAccounting::take(TimeCategory category,
                          Femtoseconds start_fs,
                          Femtoseconds* cursor_fs,
                          Femtoseconds gap_start_fs) {
  const Femtoseconds start = std::clamp(start_fs, gap_start_fs, *cursor_fs);
  add(category, *cursor_fs - start);
  *cursor_fs = start;
}

void CoreAccounting::share_out(Femtoseconds duration_fs, const LoadJourney& journey) {
  const std::array<Femtoseconds, kStageCount> spent_fs = time_in_stages(journey);
  const Femtoseconds all_fs = std::accumulate(spent_fs.begin(), spent_fs.end(), Femtoseconds{0});
  const auto slowest = static_cast<std::size_t>(std::max_element(spent_fs.begin(), spent_fs.end()) -
                                                spent_fs.begin());
  Femtoseconds left_fs = duration_fs;
  for (std::size_t stage = 0; stage < kStageCount; ++stage) {
    if (all_fs == 0 || stage == slowest) {
      continue;
    }
    const Femtoseconds part_fs = scale_up(duration_fs, spent_fs[stage], all_fs);
    const Femtoseconds taken_fs = std::min(part_fs, left_fs);
    add(category_of(static_cast<Stage>(stage)), taken_fs);
    left_fs -= taken_fs;
  }
  add(all_fs == 0 ? TimeCategory::kLoadNetwork : category_of(static_cast<Stage>(slowest)), left_fs);
}

void CoreAccounting::blame_gap(Femtoseconds start_fs,
                               Femtoseconds end_fs,
                               CauseKind cause,
                               const LoadJourney* journey) {
  Femtoseconds cursor_fs = end_fs;
  if (cause == CauseKind::kLoad && journey != nullptr && journey->issued_fs < cursor_fs) {
    const Femtoseconds from_fs = std::max(start_fs, journey->issued_fs);
    share_out(cursor_fs - from_fs, *journey);
    cursor_fs = from_fs;
  }
  if (task_start_fs_ < cursor_fs) {
    // Not yet issued although the task had begun: the stage it loads into was held.
    take(cause == CauseKind::kStore ? TimeCategory::kStore : TimeCategory::kSync, task_start_fs_,
         &cursor_fs, start_fs);
  }
  // Between the end of a task and the start of the next: the dispatcher, the launch of a kernel,
  // the task's set-up. Before that: the stores of the task before.
  take(TimeCategory::kLaunch, std::min(last_task_end_fs_, cursor_fs), &cursor_fs, start_fs);
  take(TimeCategory::kStore, start_fs, &cursor_fs, start_fs);
}

const TimeSplit& CoreAccounting::finish(Femtoseconds tasks_end_fs,
                                        Femtoseconds end_fs,
                                        std::span<const Launch> launches) {
  Femtoseconds own_end_fs = std::max(last_task_end_fs_, accounted_fs_);
  own_end_fs = std::min(own_end_fs, tasks_end_fs);
  if (has_task_ && own_end_fs > accounted_fs_) {
    add(TimeCategory::kStore, own_end_fs - accounted_fs_);
    accounted_fs_ = own_end_fs;
  }
  if (tasks_end_fs > accounted_fs_) {
    Femtoseconds launch_fs = 0;
    for (const Launch& launch : launches) {
      const Femtoseconds start_fs = std::max(launch.start_fs, accounted_fs_);
      const Femtoseconds stop_fs = std::min(launch.end_fs, tasks_end_fs);
      launch_fs += stop_fs > start_fs ? stop_fs - start_fs : 0;
    }
    add(TimeCategory::kLaunch, launch_fs);
    add(TimeCategory::kIdle, tasks_end_fs - accounted_fs_ - launch_fs);
    accounted_fs_ = tasks_end_fs;
  }
  if (end_fs > accounted_fs_) {
    add(TimeCategory::kLaunch, end_fs - accounted_fs_);
    accounted_fs_ = end_fs;
  }
  return split_;
}

}  // namespace orrery
