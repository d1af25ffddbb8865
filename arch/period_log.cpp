// SPDX-License-Identifier: Apache-2.0
#include "arch/period_log.h"

#include <algorithm>
#include <numeric>

namespace orrery {
namespace {

std::uint64_t ppm_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : scale_up(part, PeriodLog::kPpm, whole);
}

std::uint64_t difference(std::uint64_t a, std::uint64_t b) {
  return a > b ? a - b : b - a;
}

std::uint64_t square_root(std::uint64_t value) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit > 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= value) {
      root += bit;
    }
  }
  return root;
}

}  // namespace

void PeriodLog::restart(const PeriodMark& start) {
  marks_.assign(1, start);
}

void PeriodLog::add(const PeriodMark& end) {
  marks_.push_back(end);
}

std::uint64_t PeriodLog::pace(std::size_t first, std::size_t last) const {
  constexpr std::uint64_t kFraction = 1 << 10;  // of a femtosecond: a step may take few
  return scale(back(last).at_fs - back(first).at_fs, kFraction,
               std::max<std::uint64_t>(1, back(last).work - back(first).work));
}

std::uint64_t PeriodLog::memory_ppm(std::size_t first, std::size_t last) const {
  return ppm_of(back(last).memory_bytes - back(first).memory_bytes,
                back(last).requested_bytes - back(first).requested_bytes);
}

std::uint64_t PeriodLog::standard_error_ppm(std::size_t periods) const {
  const std::uint64_t mean = pace(periods, 0);
  std::uint64_t squares = 0;
  for (std::size_t i = 0; i < periods; ++i) {
    const std::uint64_t off = std::min(kPpm, ppm_of(difference(pace(i + 1, i), mean), mean));
    squares += off * off;
  }
  return square_root(squares / (periods * (periods - 1)));
}

std::uint64_t PeriodLog::drift_ppm(std::size_t periods) const {
  const std::size_t middle = periods / 2;
  return ppm_of(difference(pace(periods, middle), pace(middle, 0)), pace(periods, 0));
}

bool PeriodLog::is_flat(std::size_t periods) const {
  return standard_error_ppm(periods) <= kFlatPpm && drift_ppm(periods) <= kFlatPpm;
}

bool PeriodLog::is_steady(std::size_t periods, std::uint64_t error_tolerance_ppm) const {
  const std::size_t middle = periods / 2;
  const std::uint64_t error = standard_error_ppm(periods);
  return is_flat(periods) ||
         (error <= error_tolerance_ppm && drift_ppm(periods) <= kDriftTolerancePpm + 2 * error &&
          difference(memory_ppm(periods, middle), memory_ppm(middle, 0)) <= kMemoryTolerancePpm);
}

std::size_t PeriodLog::steady_periods() const {
  const std::size_t all = marks_.empty() ? 0 : marks_.size() - 1;
  for (std::size_t periods = std::min(all - all / 3, kMostPeriods); periods >= few_periods_;
       --periods) {
    if (is_steady(periods,
                  periods >= least_periods_ ? kErrorTolerancePpm : kFewErrorTolerancePpm)) {
      return periods;
    }
  }
  return all > kLeastFlatPeriods && is_flat(kLeastFlatPeriods) ? kLeastFlatPeriods : 0;
}

std::uint64_t PeriodLog::error_ppm(std::size_t periods) const {
  return 2 * standard_error_ppm(periods);
}

std::vector<std::uint64_t> share_out(std::uint64_t total, std::span<const std::uint64_t> weights) {
  std::vector<std::uint64_t> shares(weights.size(), 0);
  std::uint64_t weights_left = std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
  if (weights_left == 0) {
    if (!shares.empty()) {
      shares.front() = total;
    }
    return shares;
  }
  std::uint64_t left = total;
  for (std::size_t i = 0; i < weights.size() && weights_left > 0; ++i) {
    shares[i] = std::min(left, scale_up(left, weights[i], weights_left));
    left -= shares[i];
    weights_left -= weights[i];
  }
  return shares;
}

}  // namespace orrery
