// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace orrery {

// How often values of which size came: bucket 0 counts zeros, bucket i values in [2^(i-1), 2^i).
// Good to a factor of two over any range, at the price of one increment.
class Histogram {
 public:
  void add(std::uint64_t value) { add(value, 1); }
  void add(std::uint64_t value, std::uint64_t times);

  std::uint64_t count() const { return count_; }
  std::uint64_t max() const { return max_; }
  // The used buckets, from the first to the last: n counts between n + 1 edges. Both are empty
  // when nothing was added. The edge above the largest values, 2^64, is given as 2^64 - 1.
  std::vector<std::uint64_t> edges() const;
  std::vector<std::uint64_t> counts() const;
  // The lower edge of the bucket in which the given share of the values is reached, 0 <= share <= 1
  // in thousandths; 0 when nothing was added.
  std::uint64_t quantile_floor(std::uint32_t thousandths) const;
  void reset() { *this = Histogram(); }

 private:
  static constexpr std::size_t kBuckets = 65;
  static std::uint64_t lower_edge(std::size_t bucket);
  std::size_t first_used() const;
  std::size_t last_used() const;

  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace orrery
