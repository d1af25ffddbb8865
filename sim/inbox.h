// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace orrery {

// Arrivals of one module, handed out in the order of their keys and never in the delta cycle in
// which they came: whether a sender's process ran before or after ours must not show.
// The owner passes `sc_delta_count()` and wakes itself a delta after a push.
template <typename Item>
class Inbox {
 public:
  void push(std::uint64_t key_high, std::uint64_t key_low, Item item, std::uint64_t delta) {
    arrivals_.push_back({delta, key_high, key_low, std::move(item)});
  }
  bool empty() const { return arrivals_.empty(); }
  std::size_t size() const { return arrivals_.size(); }

  // Calls `take(item)` for every arrival of an earlier delta, by key. `take` may push.
  template <typename Take>
  void drain(std::uint64_t delta, Take&& take) {
    const auto ripe_end = std::stable_partition(arrivals_.begin(), arrivals_.end(),
                                                [&](const Entry& e) { return e.delta < delta; });
    ripe_.assign(std::make_move_iterator(arrivals_.begin()), std::make_move_iterator(ripe_end));
    arrivals_.erase(arrivals_.begin(), ripe_end);
    if (ripe_.size() > 1) {
      std::sort(ripe_.begin(), ripe_.end(), [](const Entry& a, const Entry& b) {
        return a.key_high != b.key_high ? a.key_high < b.key_high : a.key_low < b.key_low;
      });
    }
    for (Entry& entry : ripe_) {
      take(entry.item);
    }
    ripe_.clear();
  }

  void clear() { arrivals_.clear(); }
  template <typename Predicate>
  void erase_if(Predicate&& predicate) {
    std::erase_if(arrivals_, [&](const Entry& entry) { return predicate(entry.item); });
  }

 private:
  struct Entry {
    std::uint64_t delta;
    std::uint64_t key_high;
    std::uint64_t key_low;
    Item item;
  };
  std::vector<Entry> arrivals_;
  std::vector<Entry> ripe_;
};

}  // namespace orrery
