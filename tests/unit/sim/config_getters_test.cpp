// SPDX-License-Identifier: Apache-2.0
// What ConfigNode's getters return, and what each says when it cannot.
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "sim/config_node.h"

namespace orrery {
namespace {

using Reader = std::function<void(const ConfigNode&)>;

std::string error_of(const std::string& text, const Reader& read) {
  try {
    read(parse_config(text, "f.yaml"));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ConfigNode, ReadsEveryKindOfValue) {
  const ConfigNode root = parse_config(R"(
core:
  count: 132
  clock: 1.755 GHz
  ratio: 0.25
  fused: true
  kind: mma
  capacity: 227 KiB
  latency: 20 clk
  port: 64 B/clk
  rate: 3.35 TB/s
  delay: 0 ns
  grid: [4, 0]
  names: [a, "b c"]
  parts: [{x: 1}, {x: 2}]
)",
                                       "f.yaml");
  const ConfigNode core = root.map("core");
  EXPECT_EQ(core.integer("count", 1, 200), 132U);
  EXPECT_EQ(core.frequency_hz("clock"), 1'755'000'000U);
  EXPECT_EQ(core.number("ratio", 0, 1), 0.25);
  EXPECT_TRUE(core.flag("fused"));
  EXPECT_EQ(core.choice("kind", {"mma", "systolic"}), "mma");
  EXPECT_EQ(core.bytes("capacity"), 227U * 1024);
  EXPECT_EQ(core.cycles("latency"), 20U);
  EXPECT_EQ(core.per_cycle("port", "B"), 64U);
  EXPECT_EQ(core.bandwidth("rate"), 3'350'000'000'000U);
  EXPECT_EQ(core.time_fs("delay"), 0U);
  EXPECT_EQ(core.integer_list("grid", 0, 9), (std::vector<std::uint64_t>{4, 0}));
  EXPECT_EQ(core.text_list("names"), (std::vector<std::string>{"a", "b c"}));
  const auto parts = core.list("parts");
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[1].integer("x", 0, 9), 2U);
  EXPECT_EQ(parts[1].path(), "core.parts.1");
  EXPECT_TRUE(parts[1].is_map());
  core.finish();
  root.finish();
}

TEST(ConfigNode, IntegerSaysItsRange) {
  const auto read = [](const ConfigNode& n) { n.integer("count", 1, 64); };
  const std::string expected = ", expected an integer from 1 to 64";
  for (const char* value : {"0", "65", "-1", "1.0", "1e1", "abc", "0x10", "010", "4 B",
                            "99999999999999999999", "\"\""}) {
    const std::string text = value == std::string("\"\"") ? "" : value;
    EXPECT_EQ(error_of(std::string("count: ") + value, read),
              "f.yaml:1:8: 'count' is '" + text + "'" + expected);
  }
}

TEST(ConfigNode, IntegerListNamesTheItem) {
  EXPECT_EQ(error_of("grid: [4,\n  x]", [](const ConfigNode& n) { n.integer_list("grid", 0, 9); }),
            "f.yaml:2:3: 'grid.1' is 'x', expected an integer from 0 to 9");
}

TEST(ConfigNode, NumberIsPlainFiniteAndInRange) {
  const auto read = [](const ConfigNode& n) { n.number("x", 0, 1.5); };
  EXPECT_EQ(error_of("x: 1.5", read), "no error");
  for (const char* value : {"nan", "inf", "1e999", "2", "-0.1", "0.5 GHz", "1,5", ".inf"}) {
    EXPECT_EQ(error_of(std::string("x: ") + value, read),
              std::string("f.yaml:1:4: 'x' is '") + value + "', expected a number from 0 to 1.5");
  }
}

TEST(ConfigNode, FlagIsTrueOrFalseOnly) {
  EXPECT_EQ(error_of("x: yes", [](const ConfigNode& n) { n.flag("x"); }),
            "f.yaml:1:4: 'x' is 'yes', expected true or false");
}

TEST(ConfigNode, ChoiceListsAndSuggests) {
  const auto read = [](const ConfigNode& n) { n.choice("kind", {"mma", "systolic"}); };
  EXPECT_EQ(error_of("kind: sistolic", read),
            "f.yaml:1:7: 'kind' is 'sistolic', expected one of: mma, systolic; did you mean "
            "'systolic'?");
  EXPECT_EQ(error_of("kind: optical", read),
            "f.yaml:1:7: 'kind' is 'optical', expected one of: mma, systolic");
}

TEST(ConfigNode, QuantitiesNameTheKeyTheValueAndTheUnits) {
  EXPECT_EQ(error_of("core:\n  clock: 1.7",
                     [](const ConfigNode& n) { n.map("core").frequency_hz("clock"); }),
            "f.yaml:2:10: 'core.clock' is '1.7': the unit is missing, expected one of: Hz, kHz, "
            "MHz, GHz");
  EXPECT_EQ(error_of("x: 20", [](const ConfigNode& n) { n.cycles("x"); }),
            "f.yaml:1:4: 'x' is '20': the unit is missing, expected one of: clk");
  EXPECT_EQ(error_of("x: 20 FLOP/clk", [](const ConfigNode& n) { n.per_cycle("x", "B"); }),
            "f.yaml:1:4: 'x' is '20 FLOP/clk': unknown unit 'FLOP/clk', expected one of: B/clk");
}

TEST(ConfigNode, ZeroIsRefusedWhereItMeansNothing) {
  const std::string zero = ": must be more than zero";
  EXPECT_EQ(error_of("x: 0 GHz", [](const ConfigNode& n) { n.frequency_hz("x"); }),
            "f.yaml:1:4: 'x' is '0 GHz'" + zero);
  EXPECT_EQ(error_of("x: 0 B/s", [](const ConfigNode& n) { n.bandwidth("x"); }),
            "f.yaml:1:4: 'x' is '0 B/s'" + zero);
  EXPECT_EQ(error_of("x: 0 B/clk", [](const ConfigNode& n) { n.per_cycle("x", "B"); }),
            "f.yaml:1:4: 'x' is '0 B/clk'" + zero);
  EXPECT_EQ(error_of("x: 0 B", [](const ConfigNode& n) { n.bytes("x"); }),
            "f.yaml:1:4: 'x' is '0 B'" + zero);
  EXPECT_EQ(error_of("x: 0 B", [](const ConfigNode& n) { n.bytes("x", 0); }), "no error");
  EXPECT_EQ(error_of("x: 1 KiB", [](const ConfigNode& n) { n.bytes("x", 4096); }),
            "f.yaml:1:4: 'x' is '1 KiB': must be at least 4096 B");
  EXPECT_EQ(error_of("x: 0 clk", [](const ConfigNode& n) { n.cycles("x"); }), "no error");
}

TEST(ConfigNode, AMissingKeyIsReportedAtItsMap) {
  EXPECT_EQ(error_of("core:\n  count: 1",
                     [](const ConfigNode& n) { n.map("core").frequency_hz("clock"); }),
            "f.yaml:2:3: missing key 'clock' in 'core'");
  EXPECT_EQ(error_of("a: 1", [](const ConfigNode& n) { n.text("b"); }),
            "f.yaml:1:1: missing key 'b'");
}

TEST(ConfigNode, AMissingKeyPointsAtTheMistypedOne) {
  EXPECT_EQ(error_of("core:\n  count: 1\n  clok: 1 GHz",
                     [](const ConfigNode& n) { n.map("core").frequency_hz("clock"); }),
            "f.yaml:3:3: missing key 'clock' in 'core'; of 'clok', did you mean 'clock'?");
}

TEST(ConfigNode, FinishRefusesUnknownKeysAndSuggests) {
  const auto read = [](const ConfigNode& n) {
    n.map("core").has("clock");
    n.map("core").finish();
    n.finish();
  };
  EXPECT_EQ(error_of("core:\n  clocks: 1", read),
            "f.yaml:2:3: unknown key 'clocks' in 'core', did you mean 'clock'?");
  EXPECT_EQ(error_of("core: {}\nmemory: 1", read), "f.yaml:2:1: unknown key 'memory'");
}

TEST(ConfigNode, KeysMarksNothingAsKnown) {
  EXPECT_EQ(error_of("a: 1",
                     [](const ConfigNode& n) {
                       EXPECT_EQ(n.keys(), std::vector<std::string>{"a"});
                       n.finish();
                     }),
            "f.yaml:1:1: unknown key 'a'");
}

TEST(ConfigNode, TheWrongKindSaysWhatItFound) {
  EXPECT_EQ(error_of("a: 1", [](const ConfigNode& n) { n.map("a"); }),
            "f.yaml:1:4: 'a' is a single value, expected a map");
  EXPECT_EQ(error_of("a: {b: 1}", [](const ConfigNode& n) { n.list("a"); }),
            "f.yaml:1:4: 'a' is a map, expected a list");
  EXPECT_EQ(error_of("a: [1]", [](const ConfigNode& n) { n.text("a"); }),
            "f.yaml:1:4: 'a' is a list, expected a single value");
  EXPECT_EQ(error_of("a: [[1]]", [](const ConfigNode& n) { n.text_list("a"); }),
            "f.yaml:1:5: 'a.0' is a list, expected a single value");
  EXPECT_EQ(error_of("a: [{b: 1}]", [](const ConfigNode& n) { n.list("a")[0].text("c"); }),
            "f.yaml:1:5: missing key 'c' in 'a.0'");
  EXPECT_EQ(error_of("a: [7]", [](const ConfigNode& n) { n.list("a")[0].text("c"); }),
            "f.yaml:1:5: missing key 'c' in 'a.0'");
}

TEST(ConfigNode, AForgottenValueIsAnErrorAndNullIsAbsence) {
  const auto text = [](const ConfigNode& n) { n.text("a"); };
  EXPECT_EQ(error_of("a:\nb: 1", text), "f.yaml:2:1: 'a' has no value");
  EXPECT_EQ(error_of("a: null\nb: 1", text), "f.yaml:1:1: missing key 'a'");
  EXPECT_EQ(error_of("b:\n", [](const ConfigNode& n) { n.map("b"); }).substr(0, 6), "f.yaml");
  EXPECT_TRUE(parse_config("a:\nb: 1", "f").has("a"));
  EXPECT_FALSE(parse_config("a: ~", "f").has("a"));
  EXPECT_FALSE(parse_config("{\"a\": null}", "f.json").has("a"));
  EXPECT_TRUE(parse_config("a: nullable", "f").has("a"));
}

TEST(ConfigNode, FailPointsAtTheNodeOrTheKey) {
  const auto at_key = [](const ConfigNode& n) { n.map("a").fail("b", "too odd"); };
  const auto at_node = [](const ConfigNode& n) { n.map("a").fail("too odd"); };
  EXPECT_EQ(error_of("a:\n  c: 1\n  b: 2", at_key), "f.yaml:3:6: too odd");
  EXPECT_EQ(error_of("a:\n  c: 1\n", at_key), "f.yaml:2:3: too odd");
  EXPECT_EQ(error_of("a:\n  c: 1\n  b: 2", at_node), "f.yaml:2:3: too odd");
}

}  // namespace
}  // namespace orrery
