// SPDX-License-Identifier: Apache-2.0
#include "power/power_model.h"

namespace orrery {
namespace {

constexpr std::uint64_t kAttojoulesPerFemtojoule = 1000;

EnergySplit in_femtojoules(const std::array<Attojoules, kEnergyPartCount>& energy) {
  EnergySplit split{};
  for (std::size_t i = 0; i < kEnergyPartCount; ++i) {
    split[i] = static_cast<std::uint64_t>(energy[i] / kAttojoulesPerFemtojoule);
  }
  return split;
}

}  // namespace

PowerModel::PowerModel(const PowerConfig& config,
                       std::uint64_t highest_clock_hz,
                       const PowerProtocol& protocol)
    : config_(config),
      highest_clock_hz_(highest_clock_hz),
      reference_mv_(config.reference_mv()),
      toggle_permille_(protocol.operands == Operands::kZeros ? config.zeros_permille : 1000),
      governor_(config, highest_clock_hz, protocol) {}

void PowerModel::begin(Femtoseconds now_fs, const EventCounts& counts) {
  last_fs_ = now_fs;
  counts_ = counts;
  energy_ = {};
  core_reference_ = 0;
  duration_fs_ = 0;
  cycles_ = 0;
  lost_hz_fs_ = 0;
}

EnergySplit PowerModel::until(Femtoseconds now_fs,
                              const EventCounts& counts,
                              std::uint64_t active_permille) {
  const Femtoseconds duration_fs = now_fs > last_fs_ ? now_fs - last_fs_ : 0;
  const DynamicEnergy reference =
      dynamic_energy(counts - counts_, config_.energy, toggle_permille_);
  const std::uint64_t millivolts = governor_.millivolts();
  std::array<Attojoules, kEnergyPartCount> used{};
  Attojoules core = 0;
  Attojoules die = 0;
  for (std::size_t i = 0; i < kEnergyPartCount; ++i) {
    if (i < kCoreEnergyParts) {
      core += reference[i];
      used[i] = reference[i] * millivolts * millivolts / reference_mv_ / reference_mv_;
    } else {
      if (i != static_cast<std::size_t>(EnergyPart::kHbm)) {
        die += reference[i];
      }
      used[i] = reference[i];
    }
  }
  used[static_cast<std::size_t>(EnergyPart::kStatic)] =
      Attojoules{governor_.static_mw()} * duration_fs;
  for (std::size_t i = 0; i < kEnergyPartCount; ++i) {
    energy_[i] += used[i];
  }
  core_reference_ += core;
  duration_fs_ += duration_fs;
  cycles_ += CycleSum{governor_.clock_hz()} * duration_fs;
  lost_hz_fs_ += CycleSum{highest_clock_hz_ - governor_.step_hz()} * duration_fs;
  last_fs_ += duration_fs;
  counts_ = counts;
  governor_.observe(duration_fs, core, die, reference[static_cast<std::size_t>(EnergyPart::kHbm)],
                    active_permille);
  return in_femtojoules(used);
}

PowerUse PowerModel::finish() const {
  PowerUse use;
  use.energy_fj = in_femtojoules(energy_);
  use.core_reference_fj = static_cast<std::uint64_t>(core_reference_ / kAttojoulesPerFemtojoule);
  use.mean_clock_hz =
      duration_fs_ == 0 ? governor_.clock_hz() : static_cast<std::uint64_t>(cycles_ / duration_fs_);
  use.capped = duration_fs_ > 0 && lost_hz_fs_ >= CycleSum{config_.clock_step_hz} * duration_fs_;
  return use;
}

}  // namespace orrery
