// SPDX-License-Identifier: Apache-2.0
// Files, `extends`, overrides, and the resolved text.
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "sim/config_node.h"

namespace orrery {
namespace {

// A folder of its own for each test, gone afterwards.
class ConfigLoad : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "orrery_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  // The message without the folder's name.
  std::string error_of(const std::string& path,
                       const std::vector<std::string>& overrides = {}) const {
    try {
      load_config(path, overrides);
    } catch (const InputError& error) {
      std::string message = error.what();
      const std::string prefix = folder_.string() + "/";
      for (std::size_t at = 0; (at = message.find(prefix)) != std::string::npos;) {
        message.erase(at, prefix.size());
      }
      return message;
    }
    return "no error";
  }

  std::filesystem::path folder_;
};

std::string override_error(const std::string& text, const std::string& assignment) {
  try {
    parse_config(text, "f.yaml", {assignment});
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(ConfigLoad, AFileThatCannotBeReadIsNamed) {
  EXPECT_EQ(error_of((folder_ / "none.yaml").string()),
            "none.yaml: cannot read: No such file or directory");
  std::filesystem::create_directory(folder_ / "sub");
  EXPECT_EQ(error_of((folder_ / "sub").string()), "sub: cannot read: is a folder");
  EXPECT_EQ(error_of("/dev/zero"), "/dev/zero: cannot read: larger than 64 MiB");
}

TEST_F(ConfigLoad, AFileWithoutPermissionIsNamed) {
  const std::string path = write("secret.yaml", "a: 1");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  if (access(path.c_str(), R_OK) == 0) {
    GTEST_SKIP() << "root reads everything";
  }
  EXPECT_EQ(error_of(path), "secret.yaml: cannot read: Permission denied");
}

TEST_F(ConfigLoad, ExtendsMergesMapsAndReplacesTheRest) {
  write("base/core.yaml", "core: {count: 8, clock: 1 GHz, list: [1, 2]}\nname: base\n");
  const std::string path =
      write("chip.yaml", "extends: base/core.yaml\ncore: {count: 4, list: [3], more: x}\n");
  const ConfigNode root = load_config(path);
  const ConfigNode core = root.map("core");
  EXPECT_EQ(core.integer("count", 0, 99), 4U);
  EXPECT_EQ(core.text("clock"), "1 GHz");
  EXPECT_EQ(core.text_list("list"), std::vector<std::string>{"3"});
  EXPECT_EQ(core.text("more"), "x");
  EXPECT_EQ(root.text("name"), "base");
  root.finish();  // `extends` itself is no key for the reader
}

TEST_F(ConfigLoad, ErrorsInABaseFileAreLocatedThere) {
  write("base.yaml", "core:\n  count: many\n");
  const ConfigNode root = load_config(write("chip.yaml", "extends: base.yaml\nname: x\n"));
  try {
    root.map("core").integer("count", 1, 2);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("base.yaml:2:10: 'core.count' is 'many'"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(ConfigLoad, NullTakesAKeyOfTheBaseAway) {
  write("base.yaml", "a: 1\nb: 2\n");
  const ConfigNode root = load_config(write("chip.yaml", "extends: base.yaml\na: null\n"));
  EXPECT_FALSE(root.has("a"));
  EXPECT_TRUE(root.has("b"));
}

TEST_F(ConfigLoad, ExtendsIsRelativeToItsOwnFile) {
  write("x/base.yaml", "extends: deep/core.yaml\n");
  write("x/deep/core.yaml", "a: 1\n");
  EXPECT_EQ(load_config(write("chip.yaml", "extends: x/base.yaml\n")).text("a"), "1");
}

TEST_F(ConfigLoad, BadExtendsAreRefused) {
  const std::string self =
      write("self.yaml", "extends: ../" + folder_.filename().string() + "/self.yaml");
  EXPECT_NE(error_of(self).find("self.yaml', which extends this"), std::string::npos);
  write("a.yaml", "extends: b.yaml\n");
  const std::string b = write("b.yaml", "x: 1\nextends: a.yaml\n");
  EXPECT_EQ(error_of(b), "a.yaml:1:10: 'extends' comes back to 'b.yaml', which extends this");
  EXPECT_EQ(error_of(write("c.yaml", "extends: none.yaml")),
            "c.yaml:1:10: none.yaml: cannot read: No such file or directory");
  EXPECT_EQ(error_of(write("d.yaml", "extends: [a]")), "d.yaml:1:10: 'extends' must name one file");
  EXPECT_EQ(error_of(write("e.yaml", "extends: \"\"")),
            "e.yaml:1:10: 'extends' must name one file");
}

TEST_F(ConfigLoad, TheChainOfExtendsIsBounded) {
  write("17.yaml", "a: 1");
  for (int i = 16; i > 0; --i) {
    write(std::to_string(i) + ".yaml", "extends: " + std::to_string(i + 1) + ".yaml");
  }
  EXPECT_EQ(error_of((folder_ / "2.yaml").string()), "no error");
  EXPECT_EQ(error_of((folder_ / "1.yaml").string()),
            "16.yaml:1:10: more than 16 files extend each other");
}

TEST(ConfigText, ExtendsWorksInFilesOnly) {
  EXPECT_THROW(parse_config("extends: a.yaml", "f.yaml"), InputError);
}

TEST(ConfigOverride, SetsScalarsListsAndItems) {
  const ConfigNode root =
      parse_config("core: {count: 8, list: [1, 2], parts: [{x: 1}]}", "f.yaml",
                   {"core.count=64", "core.list.1=7", "core.parts.0.x=9", "core.more=[a, b]",
                    "core.note=a: b = c", "core.quoted=\"x # y\""});
  const ConfigNode core = root.map("core");
  EXPECT_EQ(core.text("count"), "64");
  EXPECT_EQ(core.text_list("list"), (std::vector<std::string>{"1", "7"}));
  EXPECT_EQ(core.list("parts")[0].text("x"), "9");
  EXPECT_EQ(core.text_list("more"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(core.text("note"), "a: b = c");
  EXPECT_EQ(core.text("quoted"), "x # y");
}

TEST(ConfigOverride, MistakesAreLocatedAtTheOption) {
  const std::string text = "core: {count: 8, list: [1, 2]}";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"core.count", "expected key=value, as in core.count=64"},
      {"=3", "expected key=value, as in core.count=64"},
      {"core.count=", "the value is missing, expected key=value"},
      {"core.count={a: 1}", "a map cannot be set, expected a single value or [a list]"},
      {"core.count=[1", "expected a single value or [a list]"},
      {"coer.count=1", "no key 'coer', did you mean 'core'?"},
      {"core.none.x=1", "no key 'core.none'"},
      {"core.=1", "no key 'core.'"},
      {"core.count.x=1", "'core.count' is a single value, it has no keys"},
      {"core.list.2=1", "no item '2' in 'core.list', which is a list of 2"},
      {"core.list.-1=1", "no item '-1' in 'core.list', which is a list of 2"},
      {"core.list.x=1", "no item 'x' in 'core.list', which is a list of 2"}};
  for (const auto& [assignment, expected] : cases) {
    EXPECT_EQ(override_error(text, assignment), "--set " + assignment + ": " + expected);
  }
}

TEST(ConfigOverride, ValuesAreCheckedLikeAFile) {
  const ConfigNode core =
      parse_config("core: {count: 8}", "f.yaml", {"core.count=many", "core.cout=3"}).map("core");
  try {
    core.integer("count", 1, 9);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "--set core.count=many: 'core.count' is 'many', expected an integer from 1 to 9");
  }
  try {
    core.finish();
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "--set core.cout=3: unknown key 'cout' in 'core', did you mean 'count'?");
  }
}

TEST(ConfigText, LeavesAreInFileOrder) {
  using Leaf = std::pair<std::string, std::string>;
  EXPECT_EQ(parse_config("b: {y: 1, x: [2, {z: 3}]}\na: 4\nc: null\n", "f").leaves(),
            (std::vector<Leaf>{{"b.y", "1"}, {"b.x.0", "2"}, {"b.x.1.z", "3"}, {"a", "4"}}));
}

TEST(ConfigText, ResolvedTextIsYamlAsPeopleWriteIt) {
  const std::string text =
      "core:\n  count: 4\n  clock: 1.755 GHz\n  grid: [1, 2]\n  parts:\n    - x: 1\n      y: a b\n"
      "    - [3]\nnote: \"a: b\"\nnone: null\n";
  EXPECT_EQ(parse_config(text, "f").resolved_text(), text);
}

TEST(ConfigText, ResolvedTextReadsBackAsTheSame) {
  const std::string text = R"(
a: {b: [], c: {}, d: "null", e: "", f: ~, g: }
"odd key: #": 'it''s'
text: "tab\t quote\" back\\ line\n bell\x07 µ😀"
list: [1, [2, [3, {x: 4}]], "- x", {}, [], null]
folded: >
  two
  lines
signs: ["-1", "1 ", " 1", "true", "@", "a#b", "a #b", "[", "*", "%", "1e5", "?", "-", "=", "<<"]
)";
  const ConfigNode first = parse_config(text, "f");
  const ConfigNode second = parse_config(first.resolved_text(), "again");
  EXPECT_EQ(second.leaves(), first.leaves());
  EXPECT_EQ(second.resolved_text(), first.resolved_text());
  EXPECT_FALSE(second.map("a").has("f"));
  EXPECT_TRUE(second.map("a").has("g"));
}

}  // namespace
}  // namespace orrery
