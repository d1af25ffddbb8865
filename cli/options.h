// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What a subcommand accepts, over Boost.Program_options, stricter: no abbreviations, no stray
// words, no option twice unless it is a list, the nearest name for a misspelt one.
//
//   const OptionSet options =
//       OptionSet("orrery run", "simulates a workload on a chip")
//           .value("chip,c", "NAME|FILE", "the chip")
//           .list("set", "KEY=VALUE", "overrides a value of the chip")
//           .flag("json", "prints one JSON object")
//           .example("orrery run --chip tiny --workload gemm", "one GEMM on a small chip");
//   const auto parsed = options.parse(arguments);
//   if (parsed.help()) { streams.out << options.help(); return kSuccess; }
//   const std::string chip = parsed.text("chip");
namespace orrery {

class ParsedOptions {
 public:
  bool help() const { return has("help"); }
  bool has(const std::string& name) const { return values_.contains(name); }
  // Whether options were given beside these.
  bool has_beside(std::initializer_list<const char*> names) const;
  // The last one given; throws InputError "run: --chip is missing" when there is none.
  const std::string& text(const std::string& name) const;
  std::string text(const std::string& name, const std::string& otherwise) const;
  // A whole number in [min, max]; throws InputError.
  std::uint64_t integer(const std::string& name, std::uint64_t min, std::uint64_t max) const;
  std::optional<std::uint64_t> optional_integer(const std::string& name,
                                                std::uint64_t min,
                                                std::uint64_t max) const;
  // A number, finite, in [min, max]; throws InputError.
  std::optional<double> optional_number(const std::string& name, double min, double max) const;
  // In the order given; empty when there is none.
  const std::vector<std::string>& list(const std::string& name) const;
  const std::vector<std::string>& words() const { return words_; }

 private:
  friend class OptionSet;
  std::string command_;
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> words_;
};

class OptionSet {
 public:
  // `command` as it is typed, "orrery show result"; messages begin with its last words.
  OptionSet(std::string command, std::string purpose);

  // `name` is "json" or, with a short form, "output,o".
  OptionSet& flag(const std::string& name, const std::string& explanation);
  OptionSet& value(const std::string& name,
                   const std::string& placeholder,
                   const std::string& explanation);
  OptionSet& list(const std::string& name,
                  const std::string& placeholder,
                  const std::string& explanation);
  // Words that are not options, at least `least` and at most `most`. Without this there are none.
  OptionSet& words(const std::string& placeholder,
                   const std::string& explanation,
                   std::size_t least,
                   std::size_t most);
  OptionSet& example(const std::string& command_line, const std::string& explanation);

  // Throws InputError, one line. With --help nothing else needs to be there.
  ParsedOptions parse(const std::vector<std::string>& arguments) const;
  std::string help() const;

 private:
  enum class Kind : std::uint8_t { kFlag, kValue, kList };
  struct Option {
    Kind kind;
    std::string name;
    std::string short_name;  // one letter or none
    std::string placeholder;
    std::string explanation;
  };
  struct Example {
    std::string command_line;
    std::string explanation;
  };

  OptionSet& add(Kind kind,
                 const std::string& name,
                 const std::string& placeholder,
                 const std::string& explanation);
  [[noreturn]] void fail(const std::string& message) const;
  [[noreturn]] void fail_unknown(const std::string& option) const;
  void check_value(const std::string& name,
                   const std::vector<std::string>& values,
                   std::size_t tokens) const;
  void check(const ParsedOptions& parsed) const;
  std::string usage() const;

  std::string command_;
  std::string purpose_;
  std::vector<Option> options_;
  std::vector<Example> examples_;
  std::string words_placeholder_;
  std::string words_explanation_;
  std::size_t least_words_ = 0;
  std::size_t most_words_ = 0;
};

}  // namespace orrery
