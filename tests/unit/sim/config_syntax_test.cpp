// SPDX-License-Identifier: Apache-2.0
// What text the reader takes and refuses, before anybody asks for a key.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/config_node.h"
#include "sim/tree_builder.h"

namespace orrery {
namespace {

std::string error_of(const std::string& text, const std::string& name = "f.yaml") {
  try {
    parse_config(text, name);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

std::string repeat(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

TEST(ConfigSyntax, DuplicateKeysAreRefused) {
  EXPECT_EQ(error_of("a: 1\nb: 2\na: 3"), "f.yaml:3:1: duplicate key 'a', first in line 1");
  EXPECT_EQ(error_of("a: {b: 1, \"b\": 2}"), "f.yaml:1:11: duplicate key 'b', first in line 1");
  EXPECT_EQ(error_of("{\"a\":1,\n\"a\":2}", "f.json"),
            "f.json:2:1: duplicate key 'a', first in line 1");
}

TEST(ConfigSyntax, OnlyOneMapIsAConfig) {
  EXPECT_EQ(error_of(""), "f.yaml: is empty, expected a map of keys");
  EXPECT_EQ(error_of("# a comment\n---\n"), "f.yaml: is empty, expected a map of keys");
  EXPECT_EQ(error_of(" \n", "f.json"), "f.json: is empty, expected a map of keys");
  EXPECT_EQ(error_of("- 1"), "f.yaml:1:1: is a list, expected a map of keys");
  EXPECT_EQ(error_of("\n  word"), "f.yaml:2:3: is a single value, expected a map of keys");
  EXPECT_EQ(error_of("a: 1\n---\nb: 2"), "f.yaml:2:1: a second document, expected one in a file");
  EXPECT_EQ(error_of("  a: 1\nb: 2"),
            "f.yaml:2:1: expected the end of the file: is the indentation right?");
  EXPECT_EQ(error_of("---\na: 1\n...\n"), "no error");
}

TEST(ConfigSyntax, KeysAreText) {
  const std::string nested = "expected a key, found a map or a list: is a bracket left open?";
  EXPECT_EQ(error_of("? [a]\n: 1"), "f.yaml:1:3: " + nested);
  EXPECT_EQ(error_of("{a: 1"), "f.yaml:1:1: " + nested);
  EXPECT_EQ(error_of("~: 1"), "f.yaml:1:1: expected a key, found none");
  EXPECT_EQ(error_of(": 1"), "f.yaml:1:1: expected a key, found none");
}

TEST(ConfigSyntax, AnchorsAliasesAndTagsAreRefused) {
  EXPECT_EQ(error_of("a: &x 1"), "f.yaml:1:4: anchors (&name) are not supported");
  EXPECT_EQ(error_of("a: &x {b: 1}\nc: *x"), "f.yaml:1:4: anchors (&name) are not supported");
  EXPECT_EQ(error_of("a: *x"), "f.yaml:1:4: the referenced anchor is not defined");
  EXPECT_EQ(error_of("a: !secret 1"), "f.yaml:1:4: tag '!secret' is not supported");
}

TEST(ConfigSyntax, SyntaxErrorsHaveAPlace) {
  EXPECT_EQ(error_of("a: b: c"), "f.yaml:1:5: illegal map value");
  EXPECT_EQ(error_of("a: [1"), "f.yaml:1:1: end of sequence flow not found");
  EXPECT_EQ(error_of("a: \"x"), "f.yaml:1:6: illegal EOF in scalar");
  EXPECT_EQ(error_of("a: \"\\q\""), "f.yaml:1:7: unknown escape character: q");
}

TEST(ConfigSyntax, OnlyUtf8TextIsRead) {
  EXPECT_EQ(error_of("a: 1\nb: \xff"), "f.yaml:2:4: not UTF-8 text");
  for (const char* bad : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
    EXPECT_EQ(error_of(std::string("a: ") + bad), "f.yaml:1:4: not UTF-8 text");
  }
  EXPECT_EQ(error_of(std::string("a: \0", 4)), "f.yaml:1:4: control character 0x00, expected text");
  EXPECT_EQ(error_of("a: \x1b[0m"), "f.yaml:1:4: control character 0x1b, expected text");
  EXPECT_EQ(parse_config("\xef\xbb\xbf"
                         "a: µé😀",
                         "f")
                .text("a"),
            "µé😀");
  EXPECT_EQ(parse_config("a: 1\r\nb: 2\r\n", "f").text("b"), "2");
}

TEST(ConfigSyntax, TabsDoNotIndent) {
  EXPECT_EQ(error_of("a:\n\tb: 1"), "f.yaml:2:1: tab in the indentation, expected spaces");
  EXPECT_EQ(error_of("a:\n  \tb: 1"), "f.yaml:2:3: tab in the indentation, expected spaces");
  EXPECT_EQ(error_of("a: 1\t# a comment\n\t\n\t# another\n"), "no error");
}

TEST(ConfigSyntax, NestingIsBounded) {
  EXPECT_EQ(error_of("a: " + repeat("[", 63) + repeat("]", 63)), "no error");
  EXPECT_EQ(error_of("a: " + repeat("[", 64) + repeat("]", 64)),
            "f.yaml:1:67: more than 64 levels deep");
  EXPECT_EQ(error_of(repeat("[\n", 20'000)), "f.yaml:10001:1: more than 10000 open brackets");
  EXPECT_EQ(error_of(repeat("{\"a\":", 100'000), "f.json"),
            "f.json:1:321: more than 64 levels deep");
}

TEST(ConfigSyntax, SizesAreBounded) {
  EXPECT_EQ(error_of("a: " + std::string(70'000, 'x')),
            "f.yaml:1:65537: a line of more than 65536 bytes");
  std::string keys;
  for (int i = 0; i <= 10'000; ++i) {
    keys += "k" + std::to_string(i) + ": 1\n";
  }
  EXPECT_EQ(error_of(keys), "f.yaml:10001:1: more than 10000 keys in one map");
}

TEST(ConfigSyntax, ValuesAreBounded) {
  TreeBuilder builder(3);  // the list is one
  builder.open_list({"f.yaml", 1, 1});
  builder.scalar({"f.yaml", 1, 2}, "a", false);
  builder.absent({"f.yaml", 1, 3});
  try {
    builder.empty({"f.yaml", 1, 4});
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "f.yaml:1:4: more than 3 values");
  }
}

TEST(ConfigJson, IsReadThroughTheSameInterface) {
  const ConfigNode root = parse_config(
      "{\n\t\"hidden_size\": 4096, \"rms_norm_eps\": 1e-05,\n\t\"tie\": false, \"none\": null,\n"
      "\t\"names\": [\"a\", \"b\"], \"nested\": {\"x\": -1.5}\n}\n",
      "config.json");
  EXPECT_EQ(root.integer("hidden_size", 1, 1 << 20), 4096U);
  EXPECT_EQ(root.number("rms_norm_eps", 0, 1), 1e-5);
  EXPECT_FALSE(root.flag("tie"));
  EXPECT_FALSE(root.has("none"));
  EXPECT_EQ(root.text_list("names").size(), 2U);
  EXPECT_EQ(root.map("nested").number("x", -2, 0), -1.5);
}

TEST(ConfigJson, EscapesAreDecoded) {
  const ConfigNode root = parse_config(
      R"({"a": "\"\\\/\b\f\n\r\t", "b": "\u0041\u00e9\u20ac\uD83D\uDE00", "c": "\\uD83D"})",
      "f.json");
  EXPECT_EQ(root.text("a"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(root.text("b"), "Aé€😀");
  EXPECT_EQ(root.text("c"), "\\uD83D");
}

TEST(ConfigJson, LongKeysAndTextsAreLegal) {
  const std::string key(5'000, 'k');
  const std::string value(100'000, 'v');
  EXPECT_EQ(parse_config("{\"" + key + "\":\"" + value + "\"}", "f.json").text(key), value);
}

TEST(ConfigJson, MistakesHaveAPlaceAndAnExpectation) {
  const std::string value = "expected a value: a number, \"text\", true, false, null, [ or {";
  const std::string escape =
      "unknown escape, expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{\"a\":1", "1:7: the file ends early, expected ',' or '}'"},
      {"{\"a\":[1", "1:8: the file ends early, expected ',' or ']'"},
      {"{\"a\":\n", "2:1: the file ends early, " + value},
      {"{\"a\":\"x", "1:8: the file ends early, expected '\"'"},
      {"{\"a\":1}}", "1:8: expected the end of the file"},
      {"{\"a\":1,}", "1:8: expected a key in double quotes"},
      {"{a:1}", "1:2: expected a key in double quotes"},
      {"{\"a\" 1}", "1:6: expected ':' behind the key"},
      {"{\"a\":1 \"b\":2}", "1:8: expected ',' or '}'"},
      {"{\"a\":nul}", "1:6: " + value},
      {"{\"a\":NaN}", "1:6: " + value},
      {"{\"a\":}", "1:6: " + value},
      {"{\"a\":\"\\q\"}", "1:7: " + escape},
      {"{\"a\":\"\\u12\"}", "1:7: " + escape},
      {"{\"a\":\"\\", "1:7: " + escape},
      {"{\"a\":\"\\uD83D\"}", "1:7: half of a UTF-16 surrogate pair"},
      {"{\"a\":\"\\uD83D\\u0041\"}", "1:7: half of a UTF-16 surrogate pair"},
      {"{\"a\":\"\\uDE00\\uD83D\"}", "1:7: half of a UTF-16 surrogate pair"},
      {"{\"a\":\"\n\"}", "1:7: a line break or tab in a text, expected '\"'"},
      {"[1]", "1:1: is a list, expected a map of keys"}};
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(error_of(text, "f.json"), "f.json:" + expected) << text;
  }
}

}  // namespace
}  // namespace orrery
