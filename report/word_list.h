// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace orrery {

// Words by number, in the order in which they first came: in a page a word stands once.
class WordList {
 public:
  std::size_t index(const std::string& word) {
    const auto [entry, is_new] = indices_.try_emplace(word, words_.size());
    if (is_new) {
      words_.push_back(word);
    }
    return entry->second;
  }
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::map<std::string, std::size_t> indices_;
  std::vector<std::string> words_;
};

}  // namespace orrery
