// SPDX-License-Identifier: Apache-2.0
#include "power/governor.h"

#include <algorithm>

namespace orrery {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kIntervals = 8;        // in a window
constexpr std::uint64_t kFirstIntervals = 64;  // of a window, while nothing has been seen

std::uint64_t narrow(Wide value) {
  return value > ~std::uint64_t{0} ? ~std::uint64_t{0} : static_cast<std::uint64_t>(value);
}

// value * f/f0 (V/V0)^2
std::uint64_t switching(std::uint64_t value,
                        std::uint64_t clock_hz,
                        std::uint64_t millivolts,
                        const PowerConfig& config,
                        std::uint64_t reference_mv) {
  const Wide at_voltage = Wide{value} * millivolts * millivolts / reference_mv / reference_mv;
  return narrow(Wide{narrow(at_voltage)} * clock_hz / config.reference_clock_hz);
}

}  // namespace

Governor::Governor(const PowerConfig& config, std::uint64_t highest_clock_hz, PowerMode mode)
    : config_(config),
      reference_mv_(config.reference_mv()),
      seen_fs_(mode == PowerMode::kBurst ? config.window_fs : 0) {
  for (std::uint64_t clock_hz = highest_clock_hz;; clock_hz -= config.clock_step_hz) {
    Step step;
    step.clock_hz = clock_hz;
    step.millivolts = config.voltage.millivolts_at(clock_hz);
    step.static_mw =
        config.floor_mw + config.leakage_mw * step.millivolts / reference_mv_ +
        switching(config.clock_tree_mw, clock_hz, step.millivolts, config, reference_mv_);
    steps_.push_back(step);
    if (clock_hz < config.lowest_clock_hz + config.clock_step_hz) {
      break;
    }
  }
  choose();
}

Femtoseconds Governor::interval_fs() const {
  const Femtoseconds least_fs = std::max<Femtoseconds>(1, config_.window_fs / kFirstIntervals);
  return std::clamp(seen_fs_ / 2, least_fs, std::max(least_fs, config_.window_fs / kIntervals));
}

void Governor::observe(Femtoseconds duration_fs, Attojoules core_energy, Attojoules other_energy) {
  if (duration_fs == 0) {
    return;
  }
  // aJ/fs are mW. The cores' share is brought to the reference clock.
  const std::uint64_t core_uw = narrow(core_energy * 1000 / duration_fs *
                                       config_.reference_clock_hz / steps_[step_].clock_hz);
  const std::uint64_t other_uw = narrow(other_energy * 1000 / duration_fs);
  // A mean over all that was seen until that is a window; from then on the past fades.
  const auto average = [&](std::uint64_t& past, std::uint64_t now) {
    past =
        narrow((Wide{past} * seen_fs_ + Wide{now} * duration_fs) / (Wide{seen_fs_} + duration_fs));
  };
  average(core_uw_, core_uw);
  average(other_uw_, other_uw);
  seen_fs_ = std::min(config_.window_fs, seen_fs_ + duration_fs);
  choose();
}

void Governor::choose() {
  for (step_ = 0; step_ + 1 < steps_.size(); ++step_) {
    const Step& step = steps_[step_];
    const std::uint64_t core_uw =
        switching(core_uw_, step.clock_hz, step.millivolts, config_, reference_mv_);
    if (Wide{step.static_mw} * 1000 + core_uw + other_uw_ <= Wide{config_.cap_mw} * 1000) {
      return;
    }
  }
}

}  // namespace orrery
