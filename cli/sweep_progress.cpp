// SPDX-License-Identifier: Apache-2.0
#include "cli/sweep_progress.h"

#include <fmt/format.h>
#include <unistd.h>

namespace orrery {
namespace {

std::string left_text(double seconds) {
  if (seconds < 90) {
    return fmt::format("{:.0f} s", seconds);
  }
  return seconds < 5400 ? fmt::format("{:.0f} min", seconds / 60)
                        : fmt::format("{:.1f} h", seconds / 3600);
}

}  // namespace

std::string progress_text(const SweepProgress& progress, double seconds) {
  const auto done = static_cast<double>(progress.done());
  std::string text = fmt::format("{}/{} done, {} infeasible, {} failed", progress.done(),
                                 progress.points, progress.infeasible, progress.failed);
  if (done > 0 && seconds > 0) {
    const double rate = done / seconds;
    const double left = static_cast<double>(progress.points - progress.done()) / rate;
    text += fmt::format(", {:.3g} points/s, {} left", rate, left_text(left));
  }
  return text;
}

ProgressLine::ProgressLine(std::ostream& err)
    : err_(err),
      watched_(isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

ProgressLine::~ProgressLine() {
  if (shown_) {
    err_ << "\r\033[K" << std::flush;
  }
}

double ProgressLine::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void ProgressLine::checking(std::size_t done, std::size_t count) {
  if (is_due(done == count)) {
    show(fmt::format("{}/{} points checked", done, count));
  }
}

void ProgressLine::running(const SweepProgress& progress) {
  if (is_due(progress.done() == progress.points)) {
    show(progress_text(progress, seconds()));
  }
}

bool ProgressLine::is_due(bool last) {
  constexpr std::chrono::milliseconds kPause{200};
  const auto now = std::chrono::steady_clock::now();
  if (!watched_ || (!last && now - last_ < kPause)) {
    return false;
  }
  last_ = now;
  return true;
}

void ProgressLine::show(const std::string& text) {
  shown_ = true;
  err_ << "\r\033[K" << text << std::flush;
}

}  // namespace orrery
