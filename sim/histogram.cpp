// SPDX-License-Identifier: Apache-2.0
#include "sim/histogram.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace orrery {

void Histogram::add(std::uint64_t value, std::uint64_t times) {
  if (times == 0) {
    return;
  }
  buckets_[static_cast<std::size_t>(std::bit_width(value))] += times;
  count_ += times;
  max_ = std::max(max_, value);
}

std::uint64_t Histogram::lower_edge(std::size_t bucket) {
  return bucket == 0          ? 0
         : bucket == kBuckets ? std::numeric_limits<std::uint64_t>::max()
                              : std::uint64_t{1} << (bucket - 1);
}

std::size_t Histogram::first_used() const {
  std::size_t bucket = 0;
  while (bucket < kBuckets && buckets_[bucket] == 0) {
    ++bucket;
  }
  return bucket;
}

std::size_t Histogram::last_used() const {
  return static_cast<std::size_t>(std::bit_width(max_));
}

std::vector<std::uint64_t> Histogram::edges() const {
  std::vector<std::uint64_t> out;
  for (std::size_t i = first_used(); count_ > 0 && i <= last_used() + 1; ++i) {
    out.push_back(lower_edge(i));
  }
  return out;
}

std::vector<std::uint64_t> Histogram::counts() const {
  std::vector<std::uint64_t> out;
  for (std::size_t i = first_used(); count_ > 0 && i <= last_used(); ++i) {
    out.push_back(buckets_[i]);
  }
  return out;
}

std::uint64_t Histogram::quantile_floor(std::uint32_t thousandths) const {
  __extension__ using Wide = unsigned __int128;
  Wide seen = 0;
  for (std::size_t i = first_used(); i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen * 1000 >= static_cast<Wide>(count_) * thousandths) {
      return lower_edge(i);
    }
  }
  return 0;
}

}  // namespace orrery
