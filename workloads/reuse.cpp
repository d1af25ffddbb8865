// SPDX-License-Identifier: Apache-2.0
#include "workloads/reuse.h"

#include <algorithm>
#include <array>
#include <map>

namespace orrery {
namespace {

using Words = std::vector<std::uint64_t>;

// Small numbers for equal lists of words: comparing signatures is comparing two integers.
class Interner {
 public:
  std::uint32_t number_of(const Words& words) {
    return numbers_.emplace(words, static_cast<std::uint32_t>(numbers_.size())).first->second;
  }

 private:
  std::map<Words, std::uint32_t> numbers_;
};

struct AppendShape {
  Words& words;
  void operator()(const GemmShape& s) const {
    words.insert(words.end(), {0, s.batch, s.m, s.n, s.k});
  }
  void operator()(const AttentionShape& s) const {
    words.insert(words.end(), {1, s.batch, s.seq_q, s.seq_kv, s.heads, s.kv_heads, s.head_dim,
                               s.causal ? 1U : 0U, static_cast<std::uint64_t>(s.kv_dtype)});
  }
  void operator()(const RowwiseShape& s) const {
    words.insert(words.end(), {2, static_cast<std::uint64_t>(s.kind), s.rows, s.columns,
                               s.table_rows, s.heads, s.kv_heads, s.head_dim});
  }
};

std::vector<TensorId> tensors_of(const Operator& op) {
  std::vector<TensorId> ids = op.inputs;
  ids.insert(ids.end(), op.outputs.begin(), op.outputs.end());
  return ids;
}

// What an operator is, wherever it stands.
Words signature(const Workload& workload, const Operator& op) {
  Words words{static_cast<std::uint64_t>(op.dtype), static_cast<std::uint64_t>(op.output_dtype),
              op.inputs.size()};
  std::visit(AppendShape{words}, op.shape);
  for (const TensorId id : tensors_of(op)) {
    const Tensor& tensor = workload.tensors[id];
    words.insert(words.end(),
                 {tensor.rows, tensor.columns, static_cast<std::uint64_t>(tensor.dtype),
                  static_cast<std::uint64_t>(tensor.role)});
  }
  return words;
}

}  // namespace

std::vector<std::uint32_t> reuse_sources(const Workload& workload) {
  const auto count = static_cast<std::uint32_t>(workload.operators.size());
  Interner plain_numbers;
  Interner placed_numbers;
  std::vector<std::uint32_t> plain(count);   // the signature alone
  std::vector<std::uint32_t> placed(count);  // and how long ago each tensor was touched
  std::vector<std::uint32_t> last_touch(workload.tensors.size(), 0);  // 1 + the last operator
  std::vector<std::uint32_t> sources(count);
  // repeats[p]: how many operators up to this one equal, one by one, those p places before.
  std::array<std::uint32_t, kLongestPeriod + 1> repeats{};

  for (std::uint32_t i = 0; i < count; ++i) {
    const Operator& op = workload.operators[i];
    plain[i] = plain_numbers.number_of(signature(workload, op));
    Words touches{plain[i]};
    for (const TensorId id : tensors_of(op)) {
      const std::uint64_t ago = i + 1 - last_touch[id];
      touches.push_back(last_touch[id] == 0 ? kLongestPeriod + 1
                                            : std::min<std::uint64_t>(ago, kLongestPeriod + 1));
      last_touch[id] = i + 1;
    }
    placed[i] = placed_numbers.number_of(touches);

    sources[i] = i;
    for (std::uint32_t period = 1; period <= kLongestPeriod && period <= i; ++period) {
      repeats[period] = plain[i] == plain[i - period] ? repeats[period] + 1 : 0;
      if (sources[i] == i && repeats[period] > period && placed[i] == placed[i - period]) {
        sources[i] = sources[i - period];
      }
    }
  }
  return sources;
}

}  // namespace orrery
