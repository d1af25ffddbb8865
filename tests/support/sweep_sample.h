// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include "results/sweep_record.h"

namespace orrery {

// Three points, one of each status.
inline SweepRecord sample_sweep() {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  SweepRecord record;
  record.name = "sample";
  record.notes = {"tiers: memory fast, network fast"};
  record.axes = {
      {"chip", "", "the chip", {0, 1, 1}, {"tiny", "npu4"}},
      {"core.clock", "Hz", "core.clock of the chip", {1e9, 1.5e9, 2e9}, {}},
  };
  record.metrics = {{"total_time", "fs", "time of all operators", {1.5e12, kNone, kNone}, {}}};
  record.status = {PointStatus::kComplete, PointStatus::kInfeasible, PointStatus::kFailed};
  record.reasons = {"", "it does not fit", "its process died of signal 9"};
  record.identities = {"00000000000000000000000000000001", "00000000000000000000000000000002",
                       "00000000000000000000000000000003"};
  record.provenance.command_line = "orrery sweep sample.yaml -o out";
  record.provenance.config_resolved = "name: sample\n";
  return record;
}

}  // namespace orrery
