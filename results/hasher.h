// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace orrery {

// XXH3-128 of a sequence of values. Every text and list goes in with its length, so that no two
// sequences give the same bytes.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  void add(std::uint64_t value);
  void add(double value);
  void add(const std::string& text);
  template <typename Item>
  void add(const std::vector<Item>& items) {
    add(std::uint64_t{items.size()});
    for (const Item& item : items) {
      add(item);
    }
  }

  std::string digits() const;  // 32, hexadecimal
  std::string text() const { return "xxh3-128:" + digits(); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orrery
