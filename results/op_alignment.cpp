// SPDX-License-Identifier: Apache-2.0
#include "results/op_alignment.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>

namespace orrery {

namespace {

constexpr std::size_t kMostCells = std::size_t{1} << 24;

using Match = std::pair<std::size_t, std::size_t>;  // row of A, row of B

bool same(const OpRow& a, const OpRow& b) {
  return a.name == b.name && a.kind == b.kind;
}

// Rows [begin, a_end) of A and [begin, b_end) of B, by the table of common lengths.
std::vector<Match> longest_common(const std::vector<OpRow>& a,
                                  const std::vector<OpRow>& b,
                                  std::size_t begin,
                                  std::size_t a_end,
                                  std::size_t b_end) {
  const std::size_t rows = a_end - begin;
  const std::size_t columns = b_end - begin;
  // length[i][j]: of the longest common subsequence of what begins at i and j.
  std::vector<std::uint32_t> lengths((rows + 1) * (columns + 1));
  const auto length = [&](std::size_t i, std::size_t j) -> std::uint32_t& {
    return lengths[i * (columns + 1) + j];
  };
  for (std::size_t i = rows; i-- > 0;) {
    for (std::size_t j = columns; j-- > 0;) {
      length(i, j) = same(a[begin + i], b[begin + j])
                         ? length(i + 1, j + 1) + 1
                         : std::max(length(i + 1, j), length(i, j + 1));
    }
  }
  std::vector<Match> matches;
  for (std::size_t i = 0, j = 0; i < rows && j < columns;) {
    if (same(a[begin + i], b[begin + j])) {
      matches.emplace_back(begin + i++, begin + j++);
    } else if (length(i + 1, j) >= length(i, j + 1)) {
      ++i;
    } else {
      ++j;
    }
  }
  return matches;
}

// The n-th of a name with the n-th, and of these the longest run that rises in both.
std::vector<Match> by_occurrence(const std::vector<OpRow>& a,
                                 const std::vector<OpRow>& b,
                                 std::size_t begin,
                                 std::size_t a_end,
                                 std::size_t b_end) {
  using Key = std::tuple<std::string, std::string>;
  std::map<Key, std::vector<std::size_t>> places;
  for (std::size_t j = begin; j < b_end; ++j) {
    places[{b[j].name, b[j].kind}].push_back(j);
  }
  std::map<Key, std::size_t> seen;
  std::vector<Match> candidates;
  for (std::size_t i = begin; i < a_end; ++i) {
    const Key key{a[i].name, a[i].kind};
    const auto found = places.find(key);
    const std::size_t occurrence = seen[key]++;
    if (found != places.end() && occurrence < found->second.size()) {
      candidates.emplace_back(i, found->second[occurrence]);
    }
  }
  // tails[n]: the candidate with the earliest row of B at which a run of n + 1 can end.
  constexpr std::size_t kNone = ~std::size_t{0};
  std::vector<std::size_t> tails;
  std::vector<std::size_t> before(candidates.size(), kNone);
  for (std::size_t c = 0; c < candidates.size(); ++c) {
    const auto place = std::lower_bound(
        tails.begin(), tails.end(), candidates[c].second,
        [&](std::size_t tail, std::size_t row) { return candidates[tail].second < row; });
    before[c] = place == tails.begin() ? kNone : *(place - 1);
    if (place == tails.end()) {
      tails.push_back(c);
    } else {
      *place = c;
    }
  }
  std::vector<Match> matches;
  for (std::size_t c = tails.empty() ? kNone : tails.back(); c != kNone; c = before[c]) {
    matches.push_back(candidates[c]);
  }
  std::reverse(matches.begin(), matches.end());
  return matches;
}

}  // namespace

std::vector<OpPair> align_ops(const std::vector<OpRow>& a, const std::vector<OpRow>& b) {
  std::size_t begin = 0;
  while (begin < a.size() && begin < b.size() && same(a[begin], b[begin])) {
    ++begin;
  }
  std::size_t a_end = a.size();
  std::size_t b_end = b.size();
  while (a_end > begin && b_end > begin && same(a[a_end - 1], b[b_end - 1])) {
    --a_end;
    --b_end;
  }
  std::vector<Match> matches;
  for (std::size_t i = 0; i < begin; ++i) {
    matches.emplace_back(i, i);
  }
  const bool small = b_end == begin || a_end - begin <= kMostCells / (b_end - begin + 1);
  const std::vector<Match> middle =
      small ? longest_common(a, b, begin, a_end, b_end) : by_occurrence(a, b, begin, a_end, b_end);
  matches.insert(matches.end(), middle.begin(), middle.end());
  for (std::size_t i = 0; a_end + i < a.size(); ++i) {
    matches.emplace_back(a_end + i, b_end + i);
  }
  matches.emplace_back(a.size(), b.size());  // the end, so that what stands before it comes out

  std::vector<OpPair> pairs;
  std::size_t next_a = 0;
  std::size_t next_b = 0;
  for (const auto& [row_a, row_b] : matches) {
    for (; next_a < row_a; ++next_a) {
      pairs.push_back({next_a, std::nullopt});
    }
    for (; next_b < row_b; ++next_b) {
      pairs.push_back({std::nullopt, next_b});
    }
    if (row_a < a.size()) {
      pairs.push_back({next_a++, next_b++});
    }
  }
  return pairs;
}

}  // namespace orrery
