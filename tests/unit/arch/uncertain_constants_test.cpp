// SPDX-License-Identifier: Apache-2.0
#include "arch/uncertain_constants.h"

#include <filesystem>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "arch/chip_config.h"
#include "sim/error.h"
#include "tests/support/scratch_folder.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;

const std::string kConfigs = std::string(ORRERY_SOURCE_DIR) + "/configs";
constexpr std::size_t kMostOfAFamily = 16;

// The chip `tiny` with lines at its end.
ChipConfig tiny_with(const std::string& lines, const std::vector<std::string>& overrides = {}) {
  const ScratchFolder folder;
  write_text(folder.file("chip.yaml"), file_text(kConfigs + "/chips/tiny.yaml") + lines);
  return load_chip(folder.file("chip.yaml"), kConfigs, overrides);
}

std::string refusal_of(const std::string& lines) {
  try {
    tiny_with(lines);
  } catch (const InputError& error) {
    const std::string message = error.what();
    return message.substr(message.find("chip.yaml:"));
  }
  return "";
}

TEST(UncertainConstantsTest, ReadsWhatTheChipLists) {
  const ChipConfig chip = tiny_with(
      "family: small\n"
      "fitted:\n"
      "  - {constant: dispatch.kernel_launch, range: [0 us, 1 us], on: \"a bench\"}\n"
      "assumed:\n"
      "  - {constant: core.vector.special, range: [1 op/clk, 16 op/clk]}\n");
  EXPECT_EQ(chip.family, "small");
  ASSERT_EQ(chip.fitted.size(), 1U);
  EXPECT_EQ(chip.fitted[0],
            (UncertainConstant{"dispatch.kernel_launch", "200 ns", "0 us", "1 us", "a bench"}));
  ASSERT_EQ(chip.assumed.size(), 1U);
  EXPECT_EQ(chip.assumed[0].value, "4 op/clk");
  EXPECT_EQ(load_chip("tiny", kConfigs).family, "tiny");
}

TEST(UncertainConstantsTest, FindsConstantsOfTheMemoryPreset) {
  const ChipConfig chip = load_chip("maia100", kConfigs);
  for (const UncertainConstant& constant : chip.assumed) {
    if (constant.path == "memory.refresh_busy") {
      EXPECT_EQ(constant.value, "0.137 us");
      return;
    }
  }
  FAIL() << "maia100 lists no memory.refresh_busy";
}

TEST(UncertainConstantsTest, RefusesWhatCannotBeChecked) {
  const auto fitted = [](const std::string& item) { return refusal_of("fitted:\n  - " + item); };
  EXPECT_THAT(fitted("{constant: dispatch.kernel_lunch, range: [0 us, 1 us], on: x}\n"),
              HasSubstr("the chip has no constant 'dispatch.kernel_lunch', did you mean "
                        "'dispatch.kernel_launch'?"));
  EXPECT_THAT(fitted("{constant: dispatch.kernel_launch, range: [0 us, 1 us]}\n"),
              HasSubstr("missing key 'on'"));
  EXPECT_THAT(fitted("{constant: dispatch.kernel_launch, range: [0 us], on: x}\n"),
              HasSubstr("expected two values, [LEAST, MOST]"));
  EXPECT_THAT(fitted("{constant: dispatch.kernel_launch, range: [1 us, 2 us], on: x}\n"),
              HasSubstr("'dispatch.kernel_launch' is 200 ns, outside of its range, 1 us to 2 us"));
  EXPECT_THAT(fitted("{constant: dispatch.kernel_launch, range: [1 us, 0 us], on: x}\n"),
              HasSubstr("expected a range of that kind that rises, not 1 us to 0 us"));
  EXPECT_THAT(fitted("{constant: dispatch.kernel_launch, range: [0 clk, 9 clk], on: x}\n"),
              HasSubstr("expected a range of that kind that rises"));
  EXPECT_THAT(fitted("dispatch.kernel_launch\n"), HasSubstr("expected {constant: PATH"));
  EXPECT_THAT(fitted("{constant: core.count, range: [1, 9], on: x}\n"
                     "  - {constant: core.count, range: [1, 9], on: x}\n"),
              HasSubstr("'core.count' is listed twice"));
  EXPECT_THAT(refusal_of("assumed:\n  - {constant: core.count, range: [1, 9], on: x}\n"),
              HasSubstr("unknown key 'on'"));
}

TEST(UncertainConstantsTest, SaysWhere) {
  const std::string text = file_text(kConfigs + "/chips/tiny.yaml");
  const auto lines = std::count(text.begin(), text.end(), '\n');
  EXPECT_THAT(refusal_of("fitted:\n  - {constant: core.cout, range: [1, 9], on: x}\n"),
              HasSubstr("chip.yaml:" + std::to_string(lines + 2) + ":16: "));
}

TEST(UncertainConstantsTest, OverridesMayLeaveTheRangeAndAreShown) {
  const ChipConfig chip =
      tiny_with("fitted:\n  - {constant: dispatch.kernel_launch, range: [0 us, 1 us], on: x}\n",
                {"dispatch.kernel_launch=5 us"});
  EXPECT_EQ(chip.fitted.at(0).value, "5 us");
}

// One silicon, one set of constants: no part of a family may have a fit of its own.
TEST(UncertainConstantsTest, PartsOfAFamilyShareWhatWasFitted) {
  std::map<std::string, std::vector<UncertainConstant>> fitted;
  for (const auto& entry : std::filesystem::directory_iterator(kConfigs + "/chips")) {
    const ChipConfig chip = load_chip(entry.path().string(), kConfigs);
    const auto [family, is_new] = fitted.emplace(chip.family, chip.fitted);
    EXPECT_EQ(family->second, chip.fitted) << chip.name << " of family " << chip.family;
    EXPECT_LE(chip.fitted.size(), kMostOfAFamily) << chip.name;
  }
  EXPECT_EQ(load_chip("h100-sxm", kConfigs).family, "hopper");
}

// The constants of a file whose remark says that they were fitted: "core.tensor.issue".
std::vector<std::string> remarked_as_fitted(const std::string& text) {
  std::vector<std::string> paths;
  std::vector<std::pair<std::size_t, std::string>> parents;  // indent and path
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t indent = line.find_first_not_of(' ');
    const std::size_t colon = line.find(':');
    if (indent == std::string::npos || line[indent] == '#' || line[indent] == '-' ||
        colon == std::string::npos) {
      continue;
    }
    while (!parents.empty() && parents.back().first >= indent) {
      parents.pop_back();
    }
    const std::string key = line.substr(indent, colon - indent);
    parents.emplace_back(indent, parents.empty() ? key : parents.back().second + "." + key);
    if (line.find("# fitted") != std::string::npos) {
      paths.push_back(parents.back().second);
    }
  }
  return paths;
}

// What is fitted is listed, not only remarked upon.
TEST(UncertainConstantsTest, WhatARemarkCallsFittedIsListed) {
  for (const auto& entry : std::filesystem::directory_iterator(kConfigs + "/chips")) {
    const ChipConfig chip = load_chip(entry.path().string(), kConfigs);
    std::set<std::string> listed;
    for (const UncertainConstant& constant : chip.fitted) {
      listed.insert(constant.path);
    }
    for (const std::string& path : remarked_as_fitted(file_text(entry.path().string()))) {
      EXPECT_TRUE(listed.contains(path)) << chip.name << ": " << path;
    }
  }
  EXPECT_EQ(remarked_as_fitted("a: 1\nb:\n  c: 2  # fitted\nd: 3  # fitted: x\n"),
            (std::vector<std::string>{"b.c", "d"}));
}

}  // namespace
}  // namespace orrery
