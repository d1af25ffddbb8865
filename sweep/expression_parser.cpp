// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

#include "sim/error.h"
#include "sweep/expression_node.h"

// Recursive descent, bounded in length and depth.
namespace orrery {
namespace {

constexpr std::size_t kMostCharacters = 4096;
constexpr int kMostDepth = 64;

using Node = Expression::Node;
using Kind = Expression::Node::Kind;
using NodePtr = std::unique_ptr<Node>;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class Parser {
 public:
  Parser(const std::string& text, std::vector<std::string>& names) : text_(text), names_(names) {}

  NodePtr parse() {
    if (text_.size() > kMostCharacters) {
      throw InputError(fmt::format("a condition of {} characters, expected at most {}",
                                   text_.size(), kMostCharacters));
    }
    NodePtr node = disjunction();
    skip_blanks();
    if (at_ < text_.size()) {
      fail(at_, fmt::format("'{}' is not expected here", text_.substr(at_, 12)));
    }
    return node;
  }

 private:
  [[noreturn]] void fail(std::size_t position, const std::string& message) const {
    throw InputError(fmt::format("'{}', at character {}: {}", text_, position + 1, message));
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) {
      ++at_;
    }
  }

  // Takes `sign` off the front.
  bool take(std::string_view sign) {
    skip_blanks();
    if (!std::string_view(text_).substr(at_).starts_with(sign)) {
      return false;
    }
    at_ += sign.size();
    return true;
  }

  bool take_word(std::string_view word) {
    skip_blanks();
    const std::size_t end = at_ + word.size();
    const bool ends = end >= text_.size() ||
                      !(is_letter(text_[end]) || is_digit(text_[end]) || text_[end] == '.');
    return ends && take(word);
  }

  NodePtr make(Kind kind, std::size_t position, std::string word, NodePtr left, NodePtr right) {
    NodePtr node = std::make_unique<Node>();
    node->kind = kind;
    node->position = position;
    node->word = std::move(word);
    node->children.push_back(std::move(left));
    if (right) {
      node->children.push_back(std::move(right));
    }
    return node;
  }

  class Depth {
   public:
    explicit Depth(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > kMostDepth) {
        parser_.fail(parser_.at_, fmt::format("nested deeper than {}", kMostDepth));
      }
    }
    ~Depth() { --parser_.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

   private:
    Parser& parser_;
  };

  NodePtr disjunction() {
    NodePtr left = conjunction();
    for (std::size_t at = here(); take_word("or"); at = here()) {
      NodePtr right = conjunction();
      left = make(Kind::kOr, at, "or", std::move(left), std::move(right));
    }
    return left;
  }

  NodePtr conjunction() {
    NodePtr left = negation();
    for (std::size_t at = here(); take_word("and"); at = here()) {
      NodePtr right = negation();
      left = make(Kind::kAnd, at, "and", std::move(left), std::move(right));
    }
    return left;
  }

  NodePtr negation() {
    const Depth depth(*this);
    const std::size_t at = here();
    if (take_word("not")) {
      return make(Kind::kNot, at, "not", negation(), nullptr);
    }
    return comparison();
  }

  NodePtr comparison() {
    NodePtr left = sum();
    const std::size_t at = here();
    for (const char* const sign : {"<=", ">=", "==", "!=", "<", ">"}) {
      if (take(sign)) {
        NodePtr node = make(Kind::kCompare, at, sign, std::move(left), sum());
        refuse_second_comparison();
        return node;
      }
    }
    if (take("=")) {
      fail(at, "'=', expected '=='");
    }
    return take_word("in") ? membership(at, std::move(left)) : std::move(left);
  }

  void refuse_second_comparison() {
    const std::size_t at = here();
    if (at < text_.size() && std::string_view("<>=!").find(text_[at]) != std::string_view::npos) {
      fail(at, "a second comparison, expected 'and' between two");
    }
  }

  NodePtr membership(std::size_t at, NodePtr left) {
    NodePtr node = make(Kind::kIn, at, "==", std::move(left), nullptr);
    if (!take("(")) {
      fail(here(), "expected '(' behind 'in'");
    }
    do {
      node->children.push_back(sum());
    } while (take(","));
    close();
    return node;
  }

  void close() {
    if (!take(")")) {
      fail(here(), "expected ')'");
    }
  }

  NodePtr sum() {
    NodePtr left = product();
    for (;;) {
      const std::size_t at = here();
      const char sign = at < text_.size() ? text_[at] : '\0';
      if (sign != '+' && sign != '-') {
        return left;
      }
      ++at_;
      NodePtr right = product();
      left = make(Kind::kArithmetic, at, std::string(1, sign), std::move(left), std::move(right));
    }
  }

  NodePtr product() {
    NodePtr left = factor();
    for (;;) {
      const std::size_t at = here();
      const char sign = at < text_.size() ? text_[at] : '\0';
      if (sign != '*' && sign != '/') {
        return left;
      }
      ++at_;
      NodePtr right = factor();
      left = make(Kind::kArithmetic, at, std::string(1, sign), std::move(left), std::move(right));
    }
  }

  NodePtr factor() {
    const Depth depth(*this);
    const std::size_t at = here();
    if (at >= text_.size()) {
      fail(at, "ends too early, expected a name, a number or '('");
    }
    const char c = text_[at];
    if (c == '-') {
      ++at_;
      return make(Kind::kNegate, at, "-", factor(), nullptr);
    }
    if (c == '(') {
      ++at_;
      NodePtr inner = disjunction();
      close();
      return inner;
    }
    if (is_digit(c) || c == '.') {
      return number();
    }
    if (c == '"' || c == '\'') {
      return quoted(c);
    }
    if (is_letter(c)) {
      return name();
    }
    fail(at, fmt::format("'{}' is not expected here, expected a name, a number or '('", c));
  }

  NodePtr literal(std::size_t at, Value value) {
    NodePtr node = std::make_unique<Node>();
    node->position = at;
    node->value = std::move(value);
    return node;
  }

  NodePtr number() {
    const std::size_t at = at_;
    double value = 0;
    const char* const begin = text_.data() + at_;
    const auto [end, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc() || !std::isfinite(value)) {
      fail(at, "expected a number");
    }
    at_ += static_cast<std::size_t>(end - begin);
    const std::size_t before_unit = at_;
    skip_blanks();
    const std::size_t length = unit_length(std::string_view(text_).substr(at_));
    if (length == 0) {
      at_ = before_unit;
      const bool is_word = at_ < text_.size() && is_letter(text_[at_]);
      if (is_word) {
        fail(at_, "unknown unit");
      }
      return literal(at, Amount{value, {}});
    }
    const Unit unit = *find_unit(std::string_view(text_).substr(at_, length));
    at_ += length;
    return literal(at, Amount{value * unit.factor, unit.dimension});
  }

  NodePtr quoted(char quote) {
    const std::size_t at = at_++;
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string::npos) {
      fail(at, "the quote is not closed");
    }
    std::string word = text_.substr(at_, end - at_);
    at_ = end + 1;
    return literal(at, std::move(word));
  }

  NodePtr name() {
    const std::size_t at = at_;
    while (at_ < text_.size() &&
           (is_letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '.')) {
      ++at_;
    }
    std::string word = text_.substr(at, at_ - at);
    if (word == "and" || word == "or" || word == "in" || word == "not") {
      fail(at, fmt::format("'{}' is not expected here, expected a name, a number or '('", word));
    }
    if ((word == "min" || word == "max") && take("(")) {
      NodePtr left = sum();
      if (!take(",")) {
        fail(here(), fmt::format("expected ',': {} takes two numbers", word));
      }
      NodePtr node = make(Kind::kFunction, at, word, std::move(left), sum());
      close();
      return node;
    }
    if (std::find(names_.begin(), names_.end(), word) == names_.end()) {
      names_.push_back(word);
    }
    NodePtr node = std::make_unique<Node>();
    node->kind = Kind::kName;
    node->position = at;
    node->word = std::move(word);
    return node;
  }

  std::size_t here() {
    skip_blanks();
    return at_;
  }

  const std::string& text_;
  std::vector<std::string>& names_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::unique_ptr<Expression::Node> parse_expression(const std::string& text,
                                                   std::vector<std::string>& names) {
  return Parser(text, names).parse();
}

}  // namespace orrery
