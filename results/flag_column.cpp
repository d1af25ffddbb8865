// SPDX-License-Identifier: Apache-2.0
#include "results/flag_column.h"

#include <map>
#include <sstream>

namespace orrery {

namespace {

constexpr std::size_t kMostWords = 4096;  // an attribute may take 64 KiB

}  // namespace

hdf5::Dataset write_flags(hdf5::Group& group,
                          const std::string& name,
                          const std::vector<std::string>& words,
                          const std::vector<std::string>& first) {
  std::map<std::string, std::uint16_t> code_of;
  std::vector<std::uint16_t> values;
  std::string meanings;
  const auto code = [&](const std::string& word) {
    const auto [place, added] = code_of.try_emplace(word, code_of.size());
    if (added) {
      if (values.size() == kMostWords) {
        throw hdf5::Error("column " + name + " has more than 4096 distinct words");
      }
      values.push_back(place->second);
      meanings += (meanings.empty() ? "" : " ") + word;
    }
    return place->second;
  };
  for (const std::string& word : first) {
    code(word);
  }
  std::vector<std::uint16_t> codes;
  codes.reserve(words.size());
  for (const std::string& word : words) {
    codes.push_back(code(word));
  }
  hdf5::Dataset column = group.write(name, codes);
  if (!values.empty()) {
    column.set("flag_values", values);
    column.set("flag_meanings", meanings);
  }
  return column;
}

std::vector<std::string> read_flags(const hdf5::Group& group,
                                    const std::string& name,
                                    const hdf5::Shape& expected) {
  const hdf5::Dataset column = group.dataset(name);
  const auto codes = column.read<std::uint16_t>(expected);
  if (codes.empty()) {
    return {};
  }
  const auto values = column.codes("flag_values");
  std::map<std::uint16_t, std::string> word_of;
  std::istringstream meanings(column.text("flag_meanings"));
  std::string word;
  for (const std::uint16_t value : values) {
    if (!(meanings >> word)) {
      throw hdf5::Error("column " + name + ": fewer flag_meanings than flag_values");
    }
    word_of.emplace(value, word);
  }
  std::vector<std::string> words;
  words.reserve(codes.size());
  for (const std::uint16_t code : codes) {
    const auto found = word_of.find(code);
    if (found == word_of.end()) {
      throw hdf5::Error("column " + name + ": code " + std::to_string(code) + " has no meaning");
    }
    words.push_back(found->second);
  }
  return words;
}

}  // namespace orrery
