// SPDX-License-Identifier: Apache-2.0
#include "workloads/power_past.h"

namespace orrery {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kMicrowattsPerWatt = 1'000'000;

}  // namespace

Activity mean_activity(const std::vector<OperatorResult>& operators, const PowerConfig& power) {
  Wide core_fj = 0;
  Wide other_fj = 0;
  Wide cycles = 0;  // hertz x femtoseconds
  Wide time_fs = 0;
  for (const OperatorResult& op : operators) {
    const OperatorRun& run = op.run;
    core_fj += run.core_reference_fj;
    for (const EnergyPart part : {EnergyPart::kNetwork, EnergyPart::kShared, EnergyPart::kHbm}) {
      other_fj += run.energy_fj[static_cast<std::size_t>(part)];
    }
    cycles += Wide{run.mean_clock_hz} * run.duration_fs();
    time_fs += run.duration_fs();
  }
  if (cycles == 0) {
    return {};
  }
  // fJ/fs are W.
  return {
      static_cast<std::uint64_t>(core_fj * kMicrowattsPerWatt * power.reference_clock_hz / cycles),
      static_cast<std::uint64_t>(other_fj * kMicrowattsPerWatt / time_fs)};
}

}  // namespace orrery
