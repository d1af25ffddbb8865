// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/config_node.h"

namespace orrery {
namespace {

constexpr std::size_t kLongestWord = 64;  // beyond this nobody mistypes a key

// Insertions, deletions, changes and swaps of neighbours that turn one word into the other,
// without regard to case (the "optimal string alignment" distance).
std::size_t distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  const auto same = [&](char x, char y) { return lower(x) == lower(y); };
  using Row = std::array<std::size_t, kLongestWord + 1>;
  std::array<Row, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) {
    rows[0][j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    Row& row = rows[i % 3];
    const Row& above = rows[(i + 2) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min(
          {above[j] + 1, row[j - 1] + 1, above[j - 1] + (same(a[i - 1], b[j - 1]) ? 0U : 1U)});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1])) {
        row[j] = std::min(row[j], rows[(i + 1) % 3][j - 2] + 1);
      }
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string suggest(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > kLongestWord) {
    return "";
  }
  // A third of the letters may be wrong, and of a word of one or two letters only the case.
  std::size_t best = word.size() / 3 + 1;
  std::string nearest;
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongestWord) {
      continue;
    }
    const std::size_t changes = distance(word, candidate);
    if (changes < best) {
      best = changes;
      nearest = candidate;
    }
  }
  if (nearest.empty() && word.size() >= 3) {
    const auto longer = std::find_if(known.begin(), known.end(),
                                     [&](const std::string& k) { return k.starts_with(word); });
    nearest = longer == known.end() ? "" : *longer;
  }
  return nearest.empty() ? "" : "did you mean '" + nearest + "'?";
}

}  // namespace orrery
