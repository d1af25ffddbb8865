// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "results/run_record.h"
#include "results/run_totals.h"

namespace orrery {

// All operators of one kind together.
struct KindTotal {
  std::string kind;
  std::uint64_t count = 0;
  Femtoseconds time_fs = 0;
  double flop = 0;
  double hbm_bytes = 0;
  double energy_j = 0;
  double cycles = 0;  // mean clock x time
  // Time by what bounds it, longest first.
  std::vector<std::pair<std::string, Femtoseconds>> bounds;

  double flop_per_s() const;
  double hbm_bytes_per_s() const;
  double power_w() const;
  double clock_hz() const;  // mean over time
  // "tensor 83 %, hbm 17 %": what bounds a tenth of the time or more.
  std::string bound_text() const;
};

// Longest time first; ties by name.
std::vector<KindTotal> kind_totals(const std::vector<OpRow>& ops);

// All kinds together, as the kind "all".
KindTotal total_of(const std::vector<OpRow>& ops);

}  // namespace orrery
