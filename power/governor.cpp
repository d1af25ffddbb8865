// SPDX-License-Identifier: Apache-2.0
#include "power/governor.h"

#include <algorithm>

namespace orrery {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kIntervals = 8;        // in a window
constexpr std::uint64_t kFirstIntervals = 64;  // of a window, while nothing has been seen
constexpr Wide kAllPermille = 1'000'000;       // thousandths of thousandths

std::uint64_t narrow(Wide value) {
  return value > ~std::uint64_t{0} ? ~std::uint64_t{0} : static_cast<std::uint64_t>(value);
}

// A chip that idled knows it for a whole window, as it knows a past that it is told of.
Activity past_of(const PowerProtocol& protocol) {
  return protocol.mode == PowerMode::kBurst ? Activity{} : protocol.past.value_or(Activity{});
}
Femtoseconds seen_before(const PowerConfig& config, const PowerProtocol& protocol) {
  return protocol.mode == PowerMode::kBurst || protocol.past ? config.window_fs : 0;
}

}  // namespace

Governor::Governor(const PowerConfig& config,
                   std::uint64_t highest_clock_hz,
                   const PowerProtocol& protocol)
    : config_(config),
      reference_mv_(config.reference_mv()),
      in_window_(config.window_fs, seen_before(config, protocol), past_of(protocol)),
      lately_(std::max<Femtoseconds>(1, config.reaction_fs), config.reaction_fs) {
  for (std::uint64_t clock_hz = highest_clock_hz;; clock_hz -= config.clock_step_hz) {
    Step step;
    step.clock_hz = clock_hz;
    step.millivolts = config.voltage.millivolts_at(clock_hz);
    step.floor_and_leakage_mw =
        config.floor_mw + config.leakage_mw * step.millivolts / reference_mv_;
    steps_.push_back(step);
    if (clock_hz < config.lowest_clock_hz + config.clock_step_hz) {
      break;
    }
  }
  choose();
}

std::uint64_t Governor::stretched(std::uint64_t clock_hz) const {
  return clock_hz - static_cast<std::uint64_t>(Wide{clock_hz} * config_.droop_permille *
                                               active_permille_ / kAllPermille);
}

// reference * f/f0 (V/V0)^2
std::uint64_t Governor::switching(std::uint64_t reference, const Step& step) const {
  const Wide at_voltage =
      Wide{reference} * step.millivolts * step.millivolts / reference_mv_ / reference_mv_;
  return narrow(Wide{narrow(at_voltage)} * stretched(step.clock_hz) / config_.reference_clock_hz);
}

std::uint64_t Governor::static_mw(const Step& step) const {
  return step.floor_and_leakage_mw + switching(config_.clock_tree_mw, step);
}

Femtoseconds Governor::interval_fs() const {
  const Femtoseconds least_fs = std::max<Femtoseconds>(1, config_.window_fs / kFirstIntervals);
  const Femtoseconds interval_fs = std::clamp(in_window_.seen_fs() / 2, least_fs,
                                              std::max(least_fs, config_.window_fs / kIntervals));
  return config_.reaction_fs > 0 ? std::min(interval_fs, config_.reaction_fs) : interval_fs;
}

void Governor::observe(Femtoseconds duration_fs,
                       Attojoules core_energy,
                       Attojoules die_energy,
                       Attojoules memory_energy,
                       std::uint64_t active_permille) {
  if (duration_fs > 0) {
    // aJ/fs are mW. The cores' share is brought to the reference clock.
    const std::uint64_t core_uw =
        narrow(core_energy * 1000 / duration_fs * config_.reference_clock_hz / clock_hz());
    const std::uint64_t die_uw = narrow(die_energy * 1000 / duration_fs);
    const std::uint64_t other_uw = narrow((die_energy + memory_energy) * 1000 / duration_fs);
    in_window_.add(duration_fs, {core_uw, other_uw});
    lately_.add(duration_fs, {core_uw, die_uw});
  }
  active_permille_ = active_permille;
  choose();
}

bool Governor::keeps(const Step& step, const Activity& activity, std::uint64_t limit_mw) const {
  return Wide{static_mw(step)} * 1000 + switching(activity.core_uw, step) + activity.other_uw <=
         Wide{limit_mw} * 1000;
}

void Governor::choose() {
  for (step_ = 0; step_ + 1 < steps_.size(); ++step_) {
    const Step& step = steps_[step_];
    if (keeps(step, in_window_.mean(), config_.cap_mw) &&
        keeps(step, lately_.mean(), config_.peak_mw)) {
      return;
    }
  }
}

}  // namespace orrery
