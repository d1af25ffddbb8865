// SPDX-License-Identifier: Apache-2.0
#include "sim/timeline.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace orrery {
namespace {

struct Quotient {
  std::uint64_t quotient = 0, remainder = 0;
};

// amount * part / whole
Quotient divide(std::uint64_t amount, std::uint64_t part, std::uint64_t whole) {
  const WideUnsigned product = static_cast<WideUnsigned>(amount) * part;
  const std::uint64_t quotient = wide_quotient(product, whole);
  return {quotient,
          static_cast<std::uint64_t>(product - static_cast<WideUnsigned>(quotient) * whole)};
}

}  // namespace

Timeline::Timeline(std::size_t bin_count, Femtoseconds first_bin_fs)
    : first_bin_fs_(first_bin_fs), bin_fs_(first_bin_fs), bins_(bin_count, 0) {
  if (bin_count == 0 || bin_count % 2 != 0) {
    throw std::invalid_argument("a timeline needs an even number of bins above 0");
  }
  if (first_bin_fs == 0) {
    throw std::invalid_argument("a timeline needs bins wider than 0");
  }
}

void Timeline::add(Femtoseconds start_fs, Femtoseconds end_fs, std::uint64_t amount) {
  if (inserted_ != nullptr) {
    start_fs = inserted_->reported(start_fs);
    end_fs = inserted_->reported(end_fs);
  }
  add_reported(start_fs, end_fs, amount);
}

void Timeline::add_reported(Femtoseconds start_fs, Femtoseconds end_fs, std::uint64_t amount) {
  if (amount == 0) {
    return;
  }
  const Femtoseconds last_fs = std::max(start_fs, end_fs > start_fs ? end_fs - 1 : start_fs);
  while (last_fs / bin_fs_ >= bins_.size()) {
    merge_neighbours();
  }
  const std::size_t first = start_fs / bin_fs_;
  const std::size_t last = last_fs / bin_fs_;
  std::uint64_t counted = 0;
  if (first < last) {
    // What is due at the end of a bin is amount * elapsed / length; from bin to bin quotient and
    // remainder grow by the same, so that only the first two are divided.
    const Femtoseconds length_fs = end_fs - start_fs;
    const Quotient until_first = divide(amount, (first + 1) * bin_fs_ - start_fs, length_fs);
    const Quotient of_bin = last - first > 1 ? divide(amount, bin_fs_, length_fs) : Quotient{};
    Quotient due = until_first;
    for (std::size_t bin = first; bin < last; ++bin) {
      bins_[bin] += due.quotient - counted;
      counted = due.quotient;
      due.quotient += of_bin.quotient;
      due.remainder += of_bin.remainder;
      if (due.remainder >= length_fs) {
        due.remainder -= length_fs;
        ++due.quotient;
      }
    }
  }
  bins_[last] += amount - counted;
}

void Timeline::merge_neighbours() {
  const std::size_t half = bins_.size() / 2;
  for (std::size_t i = 0; i < half; ++i) {
    bins_[i] = bins_[2 * i] + bins_[2 * i + 1];
  }
  std::fill(bins_.begin() + static_cast<std::ptrdiff_t>(half), bins_.end(), 0);
  bin_fs_ *= 2;
}

void Timeline::widen_to(Femtoseconds bin_fs) {
  const Femtoseconds ratio = bin_fs / bin_fs_;
  if (ratio == 0 || bin_fs % bin_fs_ != 0 || (ratio & (ratio - 1)) != 0) {
    throw std::invalid_argument("a timeline's bins only double");
  }
  while (bin_fs_ < bin_fs) {
    merge_neighbours();
  }
}

std::size_t Timeline::used_bins() const {
  const auto last =
      std::find_if(bins_.rbegin(), bins_.rend(), [](std::uint64_t bin) { return bin != 0; });
  return static_cast<std::size_t>(bins_.rend() - last);
}

std::uint64_t Timeline::sum() const {
  return std::accumulate(bins_.begin(), bins_.end(), std::uint64_t{0});
}

void Timeline::reset() {
  std::fill(bins_.begin(), bins_.end(), 0);
  bin_fs_ = first_bin_fs_;
}

}  // namespace orrery
