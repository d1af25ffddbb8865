// SPDX-License-Identifier: Apache-2.0
#include "sim/counters.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace orrery {

void CounterRegistry::add(std::string path,
                          std::string_view unit,
                          std::string_view description,
                          Counter& counter) {
  if (!paths_.insert(path).second) {
    throw std::invalid_argument("counter '" + path + "' is registered twice");
  }
  entries_.push_back({std::move(path), std::string(unit), std::string(description), &counter});
}

std::uint64_t CounterRegistry::value(std::string_view path) const {
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const CounterEntry& e) { return e.path == path; });
  if (entry == entries_.end()) {
    throw std::out_of_range("no counter '" + std::string(path) + "'");
  }
  return entry->counter->value();
}

void CounterRegistry::reset() {
  for (const CounterEntry& entry : entries_) {
    entry.counter->reset();
  }
}

}  // namespace orrery
