// SPDX-License-Identifier: Apache-2.0
#include "arch/period_log.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace orrery {
namespace {

std::uint64_t ppm_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : scale_up(part, PeriodLog::kPpm, whole);
}

}  // namespace

void PeriodLog::restart(const PeriodMark& start) {
  marks_.assign(1, start);
}

void PeriodLog::add(const PeriodMark& end) {
  marks_.push_back(end);
}

std::array<std::uint64_t, 3> PeriodLog::paces(std::size_t block) const {
  constexpr std::uint64_t kFraction = 1 << 10;  // of a femtosecond: a step may take few
  std::array<std::uint64_t, 3> paces{};
  for (std::size_t i = 0; i < paces.size(); ++i) {
    const PeriodMark& start = back((i + 1) * block);
    const PeriodMark& end = back(i * block);
    paces[i] = scale(end.at_fs - start.at_fs, kFraction, end.work - start.work);
  }
  return paces;
}

bool PeriodLog::agree(std::size_t block) const {
  const std::array<std::uint64_t, 3> pace = paces(block);
  std::array<std::uint64_t, 3> memory_ppm{};
  for (std::size_t i = 0; i < 3; ++i) {
    const PeriodMark& start = back((i + 1) * block);
    const PeriodMark& end = back(i * block);
    memory_ppm[i] = ppm_of(end.memory_bytes - start.memory_bytes,
                           end.requested_bytes - start.requested_bytes);
  }
  const auto [least, most] = std::minmax_element(pace.begin(), pace.end());
  const auto [least_ppm, most_ppm] = std::minmax_element(memory_ppm.begin(), memory_ppm.end());
  return ppm_of(*most - *least, *most) <= kTimeTolerancePpm &&
         *most_ppm - *least_ppm <= kMemoryTolerancePpm;
}

std::size_t PeriodLog::agreed_periods() const {
  for (const std::size_t block : {1U, 2U, 4U}) {
    if (marks_.size() > 3 * block + 1 && agree(block)) {
      return 3 * block;
    }
  }
  return 0;
}

std::uint64_t PeriodLog::spread_ppm(std::size_t agreed_periods) const {
  const std::array<std::uint64_t, 3> pace = paces(agreed_periods / 3);
  const auto [least, most] = std::minmax_element(pace.begin(), pace.end());
  return ppm_of(*most - *least, *most + *least);
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
