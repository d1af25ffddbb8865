// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "sweep/expression.h"

// Private to expressions: what a text becomes.
namespace orrery {

struct Expression::Node {
  enum class Kind : std::uint8_t {
    kLiteral,  // `value`
    kName,     // `word`
    kNot,
    kAnd,
    kOr,
    kCompare,  // `word` is the sign
    kIn,       // the first child is compared with the others; `word` is "=="
    kNegate,
    kArithmetic,  // `word` is the sign
    kFunction,    // `word` is min or max
  };
  Kind kind = Kind::kLiteral;
  std::size_t position = 0;  // in the text
  Value value;
  std::string word;
  std::vector<std::unique_ptr<Node>> children;
};

// Adds each name once to `names`. Throws InputError.
std::unique_ptr<Expression::Node> parse_expression(const std::string& text,
                                                   std::vector<std::string>& names);

}  // namespace orrery
