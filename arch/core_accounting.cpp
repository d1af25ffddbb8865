// SPDX-License-Identifier: Apache-2.0
#include "arch/core_accounting.h"

#include <algorithm>

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

// A credit is missing because transfers before this one are held up: presumably where this one
// then spends most of its own time.
Stage slowest_stage(const LoadJourney& journey) {
  std::array<Femtoseconds, kStageCount> spent_fs{};
  Femtoseconds start_fs = journey.issued_fs;
  for (std::uint32_t i = 0; i < journey.segment_count; ++i) {
    const Transfer::Segment& segment = journey.segments[i];
    if (segment.stage != Stage::kCredit) {
      spent_fs[static_cast<std::size_t>(segment.stage)] += segment.end_fs - start_fs;
    }
    start_fs = segment.end_fs;
  }
  const auto slowest = std::max_element(spent_fs.begin(), spent_fs.end());
  return *slowest == 0 ? Stage::kNetwork : static_cast<Stage>(slowest - spent_fs.begin());
}

}  // namespace

void CoreAccounting::begin(Femtoseconds now_fs) {
  *this = CoreAccounting{};
  accounted_fs_ = now_fs;
  task_given_fs_ = task_start_fs_ = last_task_end_fs_ = now_fs;
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

void CoreAccounting::task_started(Femtoseconds given_fs, Femtoseconds now_fs) {
  has_task_ = true;
  task_given_fs_ = given_fs;
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

void CoreAccounting::blame_gap(Femtoseconds start_fs,
                               Femtoseconds end_fs,
                               CauseKind cause,
                               const LoadJourney* journey) {
  Femtoseconds cursor_fs = end_fs;
  if (cause == CauseKind::kLoad && journey != nullptr) {
    // Backwards over the journey. What lies between delivery and now is the scratchpad's own
    // queue or the wait for an earlier load of the stream: the last stage bears it.
    for (std::uint32_t i = journey->segment_count; i > 0; --i) {
      const Femtoseconds segment_start_fs =
          i > 1 ? journey->segments[i - 2].end_fs : journey->issued_fs;
      const Stage stage = journey->segments[i - 1].stage;
      take(category_of(stage == Stage::kCredit ? slowest_stage(*journey) : stage), segment_start_fs,
           &cursor_fs, start_fs);
    }
  }
  if (task_start_fs_ < cursor_fs) {
    // Not yet issued although the task had begun: the stage it loads into was held.
    take(cause == CauseKind::kStore ? TimeCategory::kStore : TimeCategory::kSync, task_start_fs_,
         &cursor_fs, start_fs);
  }
  take(TimeCategory::kLaunch, task_given_fs_, &cursor_fs, start_fs);
  // Before the task was handed out: the stores of the one before, or the launch of the kernel.
  take(last_task_end_fs_ < cursor_fs ? TimeCategory::kSync : TimeCategory::kStore,
       std::min(last_task_end_fs_, cursor_fs), &cursor_fs, start_fs);
  take(TimeCategory::kStore, start_fs, &cursor_fs, start_fs);
}

const TimeSplit& CoreAccounting::finish(Femtoseconds tasks_end_fs, Femtoseconds end_fs) {
  Femtoseconds own_end_fs = std::max(last_task_end_fs_, accounted_fs_);
  own_end_fs = std::min(own_end_fs, tasks_end_fs);
  if (has_task_ && own_end_fs > accounted_fs_) {
    add(TimeCategory::kStore, own_end_fs - accounted_fs_);
    accounted_fs_ = own_end_fs;
  }
  if (tasks_end_fs > accounted_fs_) {
    add(TimeCategory::kIdle, tasks_end_fs - accounted_fs_);
    accounted_fs_ = tasks_end_fs;
  }
  if (end_fs > accounted_fs_) {
    add(TimeCategory::kLaunch, end_fs - accounted_fs_);
    accounted_fs_ = end_fs;
  }
  return split_;
}

}  // namespace orrery
