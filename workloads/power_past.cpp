// SPDX-License-Identifier: Apache-2.0
#include "workloads/power_past.h"

#include <numeric>

#include "power/governor.h"

namespace orrery {
namespace {

constexpr std::uint64_t kMicrowattsPerWatt = 1'000'000;
constexpr int kRounds = 16;  // it comes to rest or swings by a step of the clock long before

Femtoseconds time_of(const TimeSplit& split, TimeCategory category) {
  return split[static_cast<std::size_t>(category)];
}

Activity half_way(const Activity& a, const Activity& b) {
  return {a.core_uw / 2 + b.core_uw / 2, a.other_uw / 2 + b.other_uw / 2};
}

}  // namespace

void OperatorActivity::add(const OperatorRun& run, std::uint64_t count) {
  core_fj_ += Wide{count} * run.core_reference_fj;
  for (const EnergyPart part : {EnergyPart::kNetwork, EnergyPart::kShared, EnergyPart::kHbm}) {
    other_fj_ += Wide{count} * run.energy_fj[static_cast<std::size_t>(part)];
  }
  const Femtoseconds all_fs = std::accumulate(run.split.begin(), run.split.end(), Femtoseconds{0});
  const Femtoseconds computing_fs =
      time_of(run.split, TimeCategory::kTensor) + time_of(run.split, TimeCategory::kVector);
  const Femtoseconds core_fs =
      all_fs == 0 ? 0 : static_cast<Femtoseconds>(Wide{run.duration_fs()} * computing_fs / all_fs);
  core_cycles_ += Wide{count} * core_fs * run.mean_clock_hz;
  other_fs_ += Wide{count} * (run.duration_fs() - core_fs);
}

Activity OperatorActivity::mean_at(std::uint64_t clock_hz) const {
  const Wide time_fs = core_cycles_ / clock_hz + other_fs_;
  if (time_fs == 0) {
    return {};
  }
  // fJ/fs are W. The cores' part as if at the reference clock.
  return {static_cast<std::uint64_t>(core_fj_ * kMicrowattsPerWatt / time_fs *
                                     power_.reference_clock_hz / clock_hz),
          static_cast<std::uint64_t>(other_fj_ * kMicrowattsPerWatt / time_fs)};
}

std::uint64_t clock_after(const ChipConfig& chip, const Activity& past) {
  PowerProtocol protocol;
  protocol.past = past;
  return Governor(*chip.power, chip.core.clock_hz, protocol).step_hz();
}

Activity settled_past(const ChipConfig& chip, const OperatorActivity& activity) {
  Activity past = activity.mean_at(chip.core.clock_hz);
  for (int round = 0; round < kRounds; ++round) {
    // Half way: a lower clock draws more a cycle, so that whole steps may swing.
    past = half_way(past, activity.mean_at(clock_after(chip, past)));
  }
  return past;
}

}  // namespace orrery
