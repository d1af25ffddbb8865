// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include <boost/program_options.hpp>

#include "sim/config_node.h"
#include "sim/error.h"

namespace orrery {

namespace {

namespace po = boost::program_options;

// "orrery show result" -> "show result: "
std::string message_prefix(const std::string& command) {
  const std::size_t blank = command.find(' ');
  return blank == std::string::npos ? "" : command.substr(blank + 1) + ": ";
}

}  // namespace

const std::string& ParsedOptions::text(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) {
    throw InputError(message_prefix(command_) + "--" + name + " is missing (see " + command_ +
                     " --help)");
  }
  return found->second.back();
}

std::string ParsedOptions::text(const std::string& name, const std::string& otherwise) const {
  return has(name) ? text(name) : otherwise;
}

bool ParsedOptions::has_beside(std::initializer_list<const char*> names) const {
  return std::any_of(values_.begin(), values_.end(), [&](const auto& value) {
    return std::find(names.begin(), names.end(), value.first) == names.end();
  });
}

std::uint64_t ParsedOptions::integer(const std::string& name,
                                     std::uint64_t min,
                                     std::uint64_t max) const {
  const std::string& word = text(name);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || number < min || number > max) {
    throw InputError(message_prefix(command_) + "--" + name + " '" + word +
                     "': expected a whole number from " + std::to_string(min) + " to " +
                     std::to_string(max));
  }
  return number;
}

std::optional<std::uint64_t> ParsedOptions::optional_integer(const std::string& name,
                                                             std::uint64_t min,
                                                             std::uint64_t max) const {
  return has(name) ? std::optional(integer(name, min, max)) : std::nullopt;
}

std::optional<double> ParsedOptions::optional_number(const std::string& name,
                                                     double min,
                                                     double max) const {
  if (!has(name)) {
    return std::nullopt;
  }
  const std::string& word = text(name);
  double number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  const bool inside = min <= number && number <= max;  // false for what is not a number
  if (error != std::errc() || end != word.data() + word.size() || !inside) {
    throw InputError(fmt::format("{}--{} '{}': expected a number from {} to {}",
                                 message_prefix(command_), name, word, min, max));
  }
  return number;
}

const std::vector<std::string>& ParsedOptions::list(const std::string& name) const {
  static const std::vector<std::string> none;
  const auto found = values_.find(name);
  return found == values_.end() ? none : found->second;
}

OptionSet::OptionSet(std::string command, std::string purpose)
    : command_(std::move(command)), purpose_(std::move(purpose)) {
  flag("help,h", "prints this text");
}

OptionSet& OptionSet::add(Kind kind,
                          const std::string& name,
                          const std::string& placeholder,
                          const std::string& explanation) {
  const std::size_t comma = name.find(',');
  const std::string short_name = comma == std::string::npos ? "" : name.substr(comma + 1);
  options_.push_back({kind, name.substr(0, comma), short_name, placeholder, explanation});
  return *this;
}

OptionSet& OptionSet::flag(const std::string& name, const std::string& explanation) {
  return add(Kind::kFlag, name, "", explanation);
}

OptionSet& OptionSet::value(const std::string& name,
                            const std::string& placeholder,
                            const std::string& explanation) {
  return add(Kind::kValue, name, placeholder, explanation);
}

OptionSet& OptionSet::list(const std::string& name,
                           const std::string& placeholder,
                           const std::string& explanation) {
  return add(Kind::kList, name, placeholder, explanation);
}

OptionSet& OptionSet::words(const std::string& placeholder,
                            const std::string& explanation,
                            std::size_t least,
                            std::size_t most) {
  words_placeholder_ = placeholder;
  words_explanation_ = explanation;
  least_words_ = least;
  most_words_ = most;
  return *this;
}

OptionSet& OptionSet::example(const std::string& command_line, const std::string& explanation) {
  examples_.push_back({command_line, explanation});
  return *this;
}

void OptionSet::fail(const std::string& message) const {
  throw InputError(message_prefix(command_) + message + " (see " + command_ + " --help)");
}

void OptionSet::fail_unknown(const std::string& option) const {
  std::vector<std::string> names;
  for (const Option& known : options_) {
    names.push_back("--" + known.name);
  }
  const std::string near = suggest(option, names);
  if (near.empty()) {
    fail("unknown option '" + option + "'");
  }
  throw InputError(message_prefix(command_) + "unknown option '" + option + "', " + near);
}

ParsedOptions OptionSet::parse(const std::vector<std::string>& arguments) const {
  po::options_description description;
  for (const Option& option : options_) {
    const std::string names =
        option.name + (option.short_name.empty() ? "" : ",") + option.short_name;
    if (option.kind == Kind::kFlag) {
      description.add_options()(names.c_str(), "");
    } else {
      description.add_options()(names.c_str(), po::value<std::string>(), "");
    }
  }
  // Boost guesses abbreviations unless told otherwise.
  const int style = po::command_line_style::unix_style ^ po::command_line_style::allow_guessing;
  ParsedOptions parsed;
  parsed.command_ = command_;
  try {
    const auto result = po::command_line_parser(arguments).options(description).style(style).run();
    for (const auto& option : result.options) {
      check_value(option.string_key, option.value, option.original_tokens.size());
      auto& values = option.string_key.empty() ? parsed.words_ : parsed.values_[option.string_key];
      values.insert(values.end(), option.value.begin(), option.value.end());
      if (option.value.empty()) {
        values.emplace_back();  // a flag, once
      }
    }
  } catch (const po::unknown_option& error) {
    fail_unknown(error.get_option_name());
  } catch (const po::error& error) {
    fail(error.what());
  }
  check(parsed);
  return parsed;
}

// Boost takes the next word as a value whatever it is: "--chip --json" is a forgotten value.
// "--chip=--json", one token, is meant.
void OptionSet::check_value(const std::string& name,
                            const std::vector<std::string>& values,
                            std::size_t tokens) const {
  const bool forgotten = values.size() == 1 && tokens == 2 && values[0].starts_with("--");
  if (!name.empty() && (forgotten || (values.size() == 1 && values[0].empty()))) {
    fail("--" + name + " needs a value");
  }
}

void OptionSet::check(const ParsedOptions& parsed) const {
  for (const Option& option : options_) {
    if (option.kind != Kind::kList && parsed.list(option.name).size() > 1) {
      fail("--" + option.name + " is given twice");
    }
  }
  if (parsed.words_.size() > most_words_) {
    fail("unexpected word '" + parsed.words_[most_words_] + "'");
  }
  if (!parsed.help() && parsed.words_.size() < least_words_) {
    fail(words_placeholder_ + " is missing");
  }
}

std::string OptionSet::usage() const {
  std::string text = "usage: " + command_ + " [OPTIONS]";
  if (most_words_ > 0) {
    text += least_words_ == 0 ? " [" + words_placeholder_ + "]" : " " + words_placeholder_;
    text += most_words_ > 1 ? "..." : "";
  }
  return text;
}

std::string OptionSet::help() const {
  std::string text = command_ + " - " + purpose_ + "\n\n" + usage() + "\n";
  if (most_words_ > 0) {
    text += "\n  " + words_placeholder_ + "  " + words_explanation_ + "\n";
  }
  text += "\noptions:\n";
  std::vector<std::string> lefts;
  std::size_t width = 0;
  for (const Option& option : options_) {
    std::string left = option.short_name.empty() ? "    " : "-" + option.short_name + ", ";
    left += "--" + option.name + (option.placeholder.empty() ? "" : " " + option.placeholder);
    width = std::max(width, left.size());
    lefts.push_back(std::move(left));
  }
  for (std::size_t i = 0; i < options_.size(); ++i) {
    text += "  " + lefts[i] + std::string(width + 2 - lefts[i].size(), ' ');
    text += options_[i].explanation;
    text += options_[i].kind == Kind::kList ? "; may be repeated\n" : "\n";
  }
  if (!examples_.empty()) {
    text += "\nexamples:\n";
  }
  for (const Example& example : examples_) {
    text += "  " + example.command_line + "\n      " + example.explanation + "\n";
  }
  return text;
}

}  // namespace orrery
