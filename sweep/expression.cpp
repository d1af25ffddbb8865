// SPDX-License-Identifier: Apache-2.0
#include "sweep/expression.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "sim/error.h"
#include "sweep/expression_node.h"

// What an expression's nodes are worth.
namespace orrery {
namespace {

using Kind = Expression::Node::Kind;
using Node = Expression::Node;

class Evaluation {
 public:
  Evaluation(const std::string& text, const Names& names) : text_(text), names_(names) {}

  bool truth(const Node& node) const {
    const Value result = value(node);
    if (const bool* const holds = std::get_if<bool>(&result)) {
      return *holds;
    }
    fail(node, fmt::format("is {}, expected a comparison", kind_of(result)));
  }

 private:
  [[noreturn]] void fail(const Node& node, const std::string& message) const {
    throw InputError(fmt::format("'{}', at character {}: {}", text_, node.position + 1, message));
  }

  static std::string kind_of(const Value& value) {
    if (const Amount* const amount = std::get_if<Amount>(&value)) {
      return amount->dimension.text();
    }
    return std::holds_alternative<bool>(value) ? "true or false" : "a word";
  }

  Value value(const Node& node) const {
    switch (node.kind) {
      case Kind::kLiteral:
        return node.value;
      case Kind::kName:
        return named(node);
      case Kind::kNot:
        return !truth(*node.children[0]);
      case Kind::kAnd:
        return truth(*node.children[0]) && truth(*node.children[1]);
      case Kind::kOr:
        return truth(*node.children[0]) || truth(*node.children[1]);
      case Kind::kCompare:
        return compared(node, value(*node.children[0]), value(*node.children[1]));
      case Kind::kIn:
        return contained(node);
      case Kind::kNegate: {
        const Amount inner = amount(*node.children[0]);
        return Amount{-inner.value, inner.dimension};
      }
      case Kind::kArithmetic:
      case Kind::kFunction:
        return calculated(node);
    }
    fail(node, "cannot be reckoned");
  }

  Value named(const Node& node) const {
    if (std::optional<Value> found = names_(node.word)) {
      return *found;
    }
    fail(node, fmt::format("nothing is called '{}' here", node.word));
  }

  Amount amount(const Node& node) const {
    const Value result = value(node);
    if (const Amount* const found = std::get_if<Amount>(&result)) {
      return *found;
    }
    fail(node, fmt::format("is {}, expected a number", kind_of(result)));
  }

  void require_one_kind(const Node& node, const Amount& left, const Amount& right) const {
    if (left.dimension != right.dimension) {
      fail(node, fmt::format("'{}' between {} and {}, expected one kind of unit", node.word,
                             left.dimension.text(), right.dimension.text()));
    }
  }

  Amount calculated(const Node& node) const {
    const Amount left = amount(*node.children[0]);
    const Amount right = amount(*node.children[1]);
    if (node.word == "*") {
      return {left.value * right.value, left.dimension.times(right.dimension)};
    }
    if (node.word == "/") {
      if (right.value == 0) {
        fail(node, "division by zero");
      }
      return {left.value / right.value, left.dimension.over(right.dimension)};
    }
    require_one_kind(node, left, right);
    const double result = node.word == "+"     ? left.value + right.value
                          : node.word == "-"   ? left.value - right.value
                          : node.word == "min" ? std::min(left.value, right.value)
                                               : std::max(left.value, right.value);
    return {result, left.dimension};
  }

  bool compared(const Node& node, const Value& left, const Value& right) const {
    const std::string& op = node.word;
    if (left.index() != right.index() || std::holds_alternative<bool>(left)) {
      fail(node, fmt::format("'{}' between {} and {}", op, kind_of(left), kind_of(right)));
    }
    if (const std::string* const word = std::get_if<std::string>(&left)) {
      if (op != "==" && op != "!=") {
        fail(node, fmt::format("'{}' between words, expected == or !=", op));
      }
      return (*word == std::get<std::string>(right)) == (op == "==");
    }
    const Amount a = std::get<Amount>(left);
    const Amount b = std::get<Amount>(right);
    require_one_kind(node, a, b);
    if (op == "<") {
      return a.value < b.value && !equal(a.value, b.value);
    }
    if (op == "<=") {
      return a.value < b.value || equal(a.value, b.value);
    }
    if (op == ">") {
      return a.value > b.value && !equal(a.value, b.value);
    }
    if (op == ">=") {
      return a.value > b.value || equal(a.value, b.value);
    }
    return equal(a.value, b.value) == (op == "==");
  }

  // 3 * 0.1 is 0.3: decimal fractions are not exact, and plans are not that fine.
  static bool equal(double a, double b) {
    constexpr double kRounding = 1e-12;
    return a == b || std::abs(a - b) <= kRounding * std::max(std::abs(a), std::abs(b));
  }

  bool contained(const Node& node) const {
    const Value left = value(*node.children[0]);
    return std::any_of(node.children.begin() + 1, node.children.end(),
                       [&](const auto& child) { return compared(node, left, value(*child)); });
  }

  const std::string& text_;
  const Names& names_;
};

}  // namespace

Expression::Expression(const std::string& text) : text_(text) {
  root_ = parse_expression(text, names_);
}

bool Expression::holds(const Names& names) const {
  return Evaluation(text_, names).truth(*root_);
}

Value value_of(const std::string& text) {
  if (const std::optional<ParsedAmount> parsed = parse_amount(text)) {
    return parsed->amount();
  }
  return text;
}

}  // namespace orrery
