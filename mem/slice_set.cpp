// SPDX-License-Identifier: Apache-2.0
#include "mem/slice_set.h"

#include <algorithm>
#include <stdexcept>

namespace orrery {

SliceSet::SliceSet(std::uint32_t slices, std::uint64_t bytes_per_cycle, Femtoseconds cycle_fs)
    : bytes_per_cycle_(bytes_per_cycle),
      cycle_fs_(cycle_fs),
      load_(slices),
      next_free_fs_(slices),
      bytes_(slices) {
  if (slices == 0 || bytes_per_cycle == 0) {
    throw std::invalid_argument("an L2 partition needs at least one slice of at least 1 B/clk");
  }
}

void SliceSet::add(const BlockPiece& piece) {
  static_assert(kLineBytes / kSectorBytes == 4);
  std::size_t slice = reduce(piece.id << 16, static_cast<std::uint32_t>(load_.size()));
  const auto add_half = [&](std::uint64_t sectors_of_lines, std::uint32_t lines) {
    for (; lines > 0; --lines, sectors_of_lines >>= 4) {
      load_[slice] += sectors_of_lines & 15;
      slice = slice + 1 == load_.size() ? 0 : slice + 1;
    }
  };
  const std::uint64_t low = count_of_fours(static_cast<std::uint64_t>(piece.mask));
  if (piece.mask < 16) {
    add_half(low, 1);  // a single line
    return;
  }
  add_half(low, 16);
  add_half(count_of_fours(static_cast<std::uint64_t>(piece.mask >> 64)), 16);
}

Femtoseconds SliceSet::service_fs(std::uint64_t sectors) {
  constexpr std::uint64_t kMostRemembered = 1024;
  while (service_fs_.size() <= sectors && sectors < kMostRemembered) {
    const std::uint64_t bytes = service_fs_.size() * kSectorBytes;
    service_fs_.push_back(ceil_div(bytes * cycle_fs_, bytes_per_cycle_));
  }
  return sectors < kMostRemembered ? service_fs_[sectors]
                                   : ceil_div(sectors * kSectorBytes * cycle_fs_, bytes_per_cycle_);
}

Femtoseconds SliceSet::book(Femtoseconds now_fs, std::uint64_t cost) {
  Femtoseconds finish_fs = now_fs;
  Femtoseconds all_busy_fs = 0;
  for (std::size_t slice = 0; slice < load_.size(); ++slice) {
    if (load_[slice] == 0) {
      continue;
    }
    const Femtoseconds busy_fs = service_fs(load_[slice] * cost);
    next_free_fs_[slice] = std::max(now_fs, next_free_fs_[slice]) + busy_fs;
    finish_fs = std::max(finish_fs, next_free_fs_[slice]);
    bytes_[slice] += load_[slice] * kSectorBytes;
    all_busy_fs += busy_fs;
    load_[slice] = 0;
  }
  busy_fs_ += all_busy_fs;
  return finish_fs;
}

void SliceSet::reset() {
  std::fill(load_.begin(), load_.end(), 0);
  std::fill(next_free_fs_.begin(), next_free_fs_.end(), 0);
}

std::uint64_t SliceSet::imbalance_permille() const {
  std::uint64_t most = 0;
  std::uint64_t sum = 0;
  for (const Counter& counter : bytes_) {
    most = std::max(most, counter.value());
    sum += counter.value();
  }
  return sum == 0 ? 1000 : scale_up(most, 1000 * bytes_.size(), sum);
}

void SliceSet::register_counters(CounterRegistry& registry, const std::string& path) {
  registry.add(path + ".busy_fs", "fs", "time in service, summed over slices", busy_fs_);
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    registry.add(path + ".slice[" + std::to_string(i) + "].bytes", "byte",
                 "bytes the slice read or wrote for requests", bytes_[i]);
  }
}

}  // namespace orrery
