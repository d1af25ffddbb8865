// SPDX-License-Identifier: Apache-2.0
#include "workloads/reuse.h"

#include <algorithm>
#include <array>
#include <map>

#include "workloads/liveness.h"

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

// An SRAM has room for all that lives in it when that is half of it at most: the rest is for
// weights that pass, and for banks that fill unevenly.
constexpr std::uint64_t kAmplePart = 2;

// What a tensor's place in shared memory may depend on.
struct TensorPast {
  std::uint32_t last_touch = 0;     // 1 + the last operator that touched it; 0: none did
  std::uint32_t last_write = 0;     // 1 + the last that made it, or the first that touched it
  std::uint64_t touched_until = 0;  // bytes touched by all operators up to its last touch
  bool had_room = true;             // in an SRAM, when it was written
  bool is_preloaded = false;        // into an SRAM, before the first operator, if it found room
};

// Goes through the operators and tells of each how many before it decide what it finds in shared
// memory.
class SharedMemoryPast {
 public:
  SharedMemoryPast(const Workload& workload, const SharedMemoryConfig& shared)
      : workload_(workload),
        is_sram_(shared.kind == SharedMemoryKind::kSram),
        ample_bytes_(shared.capacity_bytes / kAmplePart),
        all_forgotten_(shared.kind == SharedMemoryKind::kL2 ? kTurnovers * shared.capacity_bytes
                                                            : 0),
        dead_(dead_after(workload)),
        tensors_(workload.tensors.size()) {
    if (is_sram_ && workload.warm_caches) {
      for (const TensorId id : inputs_from_outside(workload)) {  // simulation.cpp preloads them
        tensors_[id].is_preloaded = true;
        ++preloaded_alive_;
      }
    }
  }

  // Of operator i, before it runs. Appends to `words` what its tensors, and what else is alive,
  // have been through.
  std::uint64_t operators_before(std::uint32_t i, Words& words) const {
    std::uint64_t past = 1;
    while (past <= i && touched_ - touched_before_[i - past] < all_forgotten_) {
      ++past;
    }
    for (const TensorId id : tensors_of(workload_.operators[i])) {
      const TensorPast& tensor = tensors_[id];
      const std::uint64_t ago = i + 1 - tensor.last_touch;
      const bool may_be_left =
          tensor.last_touch != 0 && ago <= kLongestPeriod &&
          (is_sram_ ? is_alive(id) : touched_ - tensor.touched_until < all_forgotten_);
      words.push_back(may_be_left ? ago : 0);
      past = may_be_left && !is_sram_ ? std::max(past, ago) : past;
    }
    for (const TensorId id : alive_) {
      const TensorPast& tensor = tensors_[id];
      // What found room lies there, however long ago that was.
      const std::uint64_t ago =
          tensor.had_room ? 0 : std::min<std::uint64_t>(i + 1 - tensor.last_write, kLongestPeriod);
      words.insert(words.end(), {ago, workload_.tensors[id].bytes()});
      past = std::max(past, ago);
    }
    if (alive_bytes() > ample_bytes_) {
      words.push_back(alive_bytes());  // what still finds room depends on it
    }
    if (preloaded_alive_ > 0) {
      words.push_back(i);  // who finds how much of it is not looked into: it is like no other
    }
    return past;
  }

  void run(std::uint32_t i) {
    const Operator& op = workload_.operators[i];
    touched_before_.push_back(touched_);
    touched_ += touched_bytes(workload_, op);
    for (const TensorId id : tensors_of(op)) {
      TensorPast& tensor = tensors_[id];
      if (is_sram_ && !is_alive(id)) {
        tensor.last_write = i + 1;
        alive_.push_back(id);
      }
      tensor.last_touch = i + 1;
      tensor.touched_until = touched_;
    }
    const bool has_room = alive_bytes() <= ample_bytes_;
    for (const TensorId id : op.outputs) {
      tensors_[id].last_write = i + 1;
      tensors_[id].had_room = has_room;
    }
    for (const TensorId id : dead_[i]) {
      std::erase(alive_, id);
      preloaded_alive_ -= tensors_[id].is_preloaded ? 1 : 0;
      tensors_[id].is_preloaded = false;
    }
  }

 private:
  bool is_alive(TensorId id) const {
    return std::find(alive_.begin(), alive_.end(), id) != alive_.end();
  }

  std::uint64_t alive_bytes() const {
    std::uint64_t sum = 0;
    for (const TensorId id : alive_) {
      sum +=
          workload_.tensors[id].role == TensorRole::kActivation ? workload_.tensors[id].bytes() : 0;
    }
    return sum;
  }

  const Workload& workload_;
  bool is_sram_;
  std::uint64_t ample_bytes_;    // of an SRAM: where activations take less, all find room
  std::uint64_t all_forgotten_;  // bytes touched after which a cache holds nothing older
  std::vector<std::vector<TensorId>> dead_;
  std::vector<TensorPast> tensors_;
  std::vector<TensorId> alive_;  // in an SRAM; a few
  std::uint64_t preloaded_alive_ = 0;
  std::uint64_t touched_ = 0;                  // bytes, so far
  std::vector<std::uint64_t> touched_before_;  // each operator
};

}  // namespace

std::vector<std::uint32_t> operator_classes(const Workload& workload) {
  Interner numbers;
  std::vector<std::uint32_t> classes;
  for (const Operator& op : workload.operators) {
    classes.push_back(numbers.number_of(signature(workload, op)));
  }
  return classes;
}

std::vector<std::uint32_t> reuse_sources(const Workload& workload,
                                         const SharedMemoryConfig& shared) {
  const auto count = static_cast<std::uint32_t>(workload.operators.size());
  const std::vector<std::uint32_t> classes = operator_classes(workload);
  Interner placed_numbers;
  std::vector<std::uint32_t> placed(count);  // the class, and what its tensors have been through
  std::vector<std::uint32_t> sources(count);
  SharedMemoryPast shared_memory(workload, shared);
  // repeats[p]: how many operators up to this one equal, one by one, those p places before.
  std::array<std::uint32_t, kLongestPeriod + 1> repeats{};

  for (std::uint32_t i = 0; i < count; ++i) {
    Words words{classes[i]};
    const std::uint64_t past = shared_memory.operators_before(i, words);
    placed[i] = placed_numbers.number_of(words);
    shared_memory.run(i);

    sources[i] = i;
    for (std::uint32_t period = 1; period <= kLongestPeriod && period <= i; ++period) {
      repeats[period] = classes[i] == classes[i - period] ? repeats[period] + 1 : 0;
      if (sources[i] == i && repeats[period] > std::min<std::uint64_t>(past, period) &&
          placed[i] == placed[i - period]) {
        sources[i] = sources[i - period];
      }
    }
  }
  return sources;
}

}  // namespace orrery
