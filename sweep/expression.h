// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sweep/amount.h"

// Conditions that a plan states: a fixed grammar over numbers with units, names and words, nothing
// that runs.
//
//   core.count * core.tensor.rates.bf16 * core.clock <= 1.2e15 FLOP/s
//   chip != "h100-sxm" or memory.stacks in (4, 6) and not workload.batch > 64
//
//   or > and > not > comparison (< <= > >= == !=, in (a, b)) > + - > * / > - > name, number with a
//   unit, "word", min(a, b), max(a, b), (...)
//
// Units are checked: what is compared or added must be of one kind. Names are keys of chips,
// "workload.batch" and the like, or metrics; the caller says what each is.
namespace orrery {

using Value = std::variant<Amount, std::string, bool>;
// What a name stands for; none when there is no such name.
using Names = std::function<std::optional<Value>(const std::string& name)>;

class Expression {
 public:
  struct Node;

  // Throws InputError "'text', at character n: what is wrong, what was expected".
  explicit Expression(const std::string& text);
  const std::string& text() const { return text_; }
  const std::vector<std::string>& names() const { return names_; }  // each once

  // Whether it holds. Throws InputError for a name that is not there (see unknown_name) and for
  // what cannot be compared.
  bool holds(const Names& names) const;

 private:
  std::string text_;
  std::vector<std::string> names_;
  std::shared_ptr<const Node> root_;
};

// A word or an amount as it stands in a configuration: "1.4 GHz", "mesh".
Value value_of(const std::string& text);

}  // namespace orrery
