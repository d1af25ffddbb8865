// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <ostream>
#include <string>

#include "sweep/sweep_run.h"

namespace orrery {

// "812/2000 done, 12 infeasible, 1 failed, 3.4 points/s, 6 min left": what has been run now.
std::string progress_text(const SweepProgress& progress, double seconds);

// One line that is overwritten a few times a second, and only for somebody who watches.
class ProgressLine {
 public:
  explicit ProgressLine(std::ostream& err);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void checking(std::size_t done, std::size_t count);
  void running(const SweepProgress& progress);
  double seconds() const;

 private:
  bool is_due(bool last);
  void show(const std::string& text);

  std::ostream& err_;
  bool watched_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point start_, last_;
};

}  // namespace orrery
