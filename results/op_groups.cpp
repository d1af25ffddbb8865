// SPDX-License-Identifier: Apache-2.0
#include "results/op_groups.h"

#include <cctype>
#include <map>
#include <tuple>

#include "results/run_totals.h"

namespace orrery {

std::string layers_name(const std::string& op_name) {
  std::string name;
  for (const char c : op_name) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (!digit) {
      name += c;
    } else if (name.empty() || name.back() != '*') {
      name += '*';
    }
  }
  return name;
}

std::vector<OpGroup> single_ops(const RunRecord& a,
                                const RunRecord& b,
                                const std::vector<OpPair>& pairs) {
  const std::uint64_t a_clock_hz = core_clocks(a).highest_hz;
  const std::uint64_t b_clock_hz = core_clocks(b).highest_hz;
  std::vector<OpGroup> groups;
  groups.reserve(pairs.size());
  for (const OpPair& pair : pairs) {
    const OpRow& op = pair.a ? a.ops[*pair.a] : b.ops[*pair.b];
    OpGroup group;
    group.name = op.name;
    group.kind = op.kind;
    if (pair.a) {
      group.count_a = 1;
      group.a_fs = split_time(a.ops[*pair.a], a_clock_hz);
    }
    if (pair.b) {
      group.count_b = 1;
      group.b_fs = split_time(b.ops[*pair.b], b_clock_hz);
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<OpGroup> group_ops(const RunRecord& a,
                               const RunRecord& b,
                               const std::vector<OpPair>& pairs) {
  std::vector<OpGroup> groups;
  std::map<std::tuple<std::string, std::string, bool, bool>, std::size_t> index;
  for (OpGroup& op : single_ops(a, b, pairs)) {
    op.name = layers_name(op.name);
    const auto [place, is_new] =
        index.try_emplace({op.name, op.kind, op.count_a > 0, op.count_b > 0}, groups.size());
    if (is_new) {
      groups.push_back(std::move(op));
      continue;
    }
    OpGroup& group = groups[place->second];
    group.count_a += op.count_a;
    group.count_b += op.count_b;
    add_to(group.a_fs, op.a_fs);
    add_to(group.b_fs, op.b_fs);
  }
  return groups;
}

}  // namespace orrery
