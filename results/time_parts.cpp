// SPDX-License-Identifier: Apache-2.0
#include "results/time_parts.h"

#include <algorithm>
#include <numeric>

namespace orrery {

namespace {

constexpr std::array<std::string_view, kTimePartCount> kNames{
    "tensor", "vector", "power",  "load_hbm", "load_shared", "load_network",
    "store",  "sync",   "launch", "idle",     "unaccounted"};

// Where each category of the cores' time goes; in the order of StallCategory.
constexpr std::array<TimePart, kStallCategoryCount> kPartOfCategory{
    TimePart::kTensor,     TimePart::kVector,      TimePart::kLoadMemory,
    TimePart::kLoadShared, TimePart::kLoadNetwork, TimePart::kStore,
    TimePart::kSync,       TimePart::kLaunch,      TimePart::kIdle};

double& at(TimeParts& parts, TimePart part) {
  return parts[static_cast<std::size_t>(part)];
}

}  // namespace

std::string_view name_of(TimePart part) {
  return kNames[static_cast<std::size_t>(part)];
}

TimeParts split_time(const OpRow& op, std::uint64_t highest_clock_hz) {
  TimeParts parts{};
  const auto duration_fs = static_cast<double>(op.end_fs - op.start_fs);
  double whole_fs = 0;  // of all cores
  for (const std::uint64_t category_fs : op.stall_fs) {
    whole_fs += static_cast<double>(category_fs);
  }
  if (whole_fs == 0 || op.stall_fs.size() != kStallCategoryCount) {
    at(parts, TimePart::kUnaccounted) = duration_fs;
    return parts;
  }
  for (std::size_t i = 0; i < kStallCategoryCount; ++i) {
    at(parts, kPartOfCategory[i]) += static_cast<double>(op.stall_fs[i]) / whole_fs * duration_fs;
  }
  if (op.has_power() && op.clock_hz > 0 && op.clock_hz < highest_clock_hz) {
    const double slowdown =
        static_cast<double>(op.clock_hz) / static_cast<double>(highest_clock_hz);
    for (const TimePart unit : {TimePart::kTensor, TimePart::kVector}) {
      const double lost_fs = at(parts, unit) * (1 - slowdown);
      at(parts, unit) -= lost_fs;
      at(parts, TimePart::kPower) += lost_fs;
    }
  }
  return parts;
}

double sum_of(const TimeParts& parts) {
  return std::accumulate(parts.begin(), parts.end(), 0.0);
}

void add_to(TimeParts& sum, const TimeParts& parts) {
  std::transform(sum.begin(), sum.end(), parts.begin(), sum.begin(), std::plus<>());
}

}  // namespace orrery
