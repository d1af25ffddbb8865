// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/units.h"

namespace orrery {

// What is on its way to one module: each item has a time of arrival, now or later (a sender that
// knows the time says it beforehand and need not wake for it). Items are handed out in the order of
// their times and keys, and never in the delta cycle in which they came: whether a sender's process
// ran before or after ours must not show. The owner passes `sc_delta_count()`.
template <typename Item>
class Inbox {
 public:
  void push(Femtoseconds at_fs,
            std::uint64_t key_high,
            std::uint64_t key_low,
            Item item,
            std::uint64_t delta) {
    heap_.push_back({at_fs, delta, key_high, key_low, std::move(item)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  Femtoseconds next_fs() const { return heap_.empty() ? kNever : heap_.front().at_fs; }

  // Calls `take(item, at_fs)` for everything that has arrived by `now_fs`, but not for what was
  // pushed for `now_fs` in this delta. `take` may push.
  template <typename Take>
  void drain(Femtoseconds now_fs, std::uint64_t delta, Take&& take) {
    while (next_fs() <= now_fs) {
      Entry entry = pop();
      if (entry.at_fs == now_fs && entry.delta >= delta) {
        held_back_.push_back(std::move(entry));
      } else {
        take(entry.item, entry.at_fs);
      }
    }
    for (Entry& entry : held_back_) {
      heap_.push_back(std::move(entry));
      std::push_heap(heap_.begin(), heap_.end(), later);
    }
    held_back_.clear();
  }
  // The same for all that is here, whenever it arrives.
  template <typename Take>
  void drain_all(Take&& take) {
    while (!heap_.empty()) {
      Entry entry = pop();
      take(entry.item, entry.at_fs);
    }
  }

  // Calls `visit(item, at_fs)` for all items, in no particular order.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const Entry& entry : heap_) {
      visit(entry.item, entry.at_fs);
    }
  }
  void clear() { heap_.clear(); }

 private:
  struct Entry {
    Femtoseconds at_fs;
    std::uint64_t delta;
    std::uint64_t key_high;
    std::uint64_t key_low;
    Item item;
  };
  static bool later(const Entry& a, const Entry& b) {  // the earliest is on top
    return std::tie(a.at_fs, a.key_high, a.key_low) > std::tie(b.at_fs, b.key_high, b.key_low);
  }
  Entry pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Entry entry = std::move(heap_.back());
    heap_.pop_back();
    return entry;
  }

  std::vector<Entry> heap_;
  std::vector<Entry> held_back_;
};

}  // namespace orrery
