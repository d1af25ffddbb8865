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

// What passes shared memory at least once. Of a table some rows are gathered, to a key-value cache
// some are appended: these count as what is made of them.
std::uint64_t touched_bytes(const Workload& workload, const Operator& op) {
  std::uint64_t sum = 0;
  for (const TensorId id : op.inputs) {
    const Tensor& tensor = workload.tensors[id];
    sum += tensor.role == TensorRole::kTable ? 0 : tensor.bytes();
  }
  for (const TensorId id : op.outputs) {
    const Tensor& tensor = workload.tensors[id];
    sum += tensor.role == TensorRole::kKvCache ? 0 : tensor.bytes();
  }
  return sum;
}

}  // namespace

std::vector<std::uint32_t> reuse_sources(const Workload& workload, std::uint64_t shared_bytes) {
  const auto count = static_cast<std::uint32_t>(workload.operators.size());
  Interner plain_numbers;
  Interner placed_numbers;
  std::vector<std::uint32_t> plain(count);   // the signature alone
  std::vector<std::uint32_t> placed(count);  // and how long ago each tensor was touched
  std::vector<std::uint32_t> last_touch(workload.tensors.size(), 0);  // 1 + the last operator
  std::vector<std::uint32_t> sources(count);
  // Bytes of the tensors touched by all operators up to the last touch of each tensor, and by now.
  std::vector<std::uint64_t> touched_until(workload.tensors.size(), 0);
  std::uint64_t touched = 0;
  std::vector<std::uint64_t> touched_before(count, 0);  // by operator
  const std::uint64_t all_forgotten = kTurnovers * shared_bytes;
  // repeats[p]: how many operators up to this one equal, one by one, those p places before.
  std::array<std::uint32_t, kLongestPeriod + 1> repeats{};

  for (std::uint32_t i = 0; i < count; ++i) {
    const Operator& op = workload.operators[i];
    plain[i] = plain_numbers.number_of(signature(workload, op));
    Words touches{plain[i]};
    touched_before[i] = touched;
    std::uint64_t past = 1;  // operators before this one that must be the same
    while (past <= i && touched - touched_before[i - past] < all_forgotten) {
      ++past;
    }
    for (const TensorId id : tensors_of(op)) {
      const std::uint64_t ago = i + 1 - last_touch[id];
      const bool may_be_left = last_touch[id] != 0 && ago <= kLongestPeriod &&
                               touched - touched_until[id] < all_forgotten;
      touches.push_back(may_be_left ? ago : 0);
      past = may_be_left ? std::max(past, ago) : past;
    }
    touched += touched_bytes(workload, op);
    for (const TensorId id : tensors_of(op)) {
      last_touch[id] = i + 1;
      touched_until[id] = touched;
    }
    placed[i] = placed_numbers.number_of(touches);

    sources[i] = i;
    for (std::uint32_t period = 1; period <= kLongestPeriod && period <= i; ++period) {
      repeats[period] = plain[i] == plain[i - period] ? repeats[period] + 1 : 0;
      if (sources[i] == i && repeats[period] > std::min<std::uint64_t>(past, period) &&
          placed[i] == placed[i - period]) {
        sources[i] = sources[i - period];
      }
    }
  }
  return sources;
}

}  // namespace orrery
