// SPDX-License-Identifier: Apache-2.0
#include "cli/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/error.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

OptionSet sample() {
  return OptionSet("orrery run", "simulates")
      .value("chip,c", "NAME", "the chip")
      .value("batch", "N", "how many")
      .list("set", "KEY=VALUE", "overrides")
      .flag("json", "one object")
      .words("FILE", "inputs", 0, 2)
      .example("orrery run --chip tiny", "a small chip");
}

void expect_refused(const std::vector<std::string>& arguments, const std::string& message) {
  EXPECT_THAT([&] { sample().parse(arguments); }, ThrowsMessage<InputError>(HasSubstr(message)));
}

TEST(Options, ReadsValuesListsFlagsAndWords) {
  const auto parsed = sample().parse(
      {"one", "--chip", "tiny", "--set=a=1", "--set", "b.c=-2", "--json", "--batch=32", "two"});
  EXPECT_EQ(parsed.text("chip"), "tiny");
  EXPECT_EQ(parsed.integer("batch", 1, 100), 32U);
  EXPECT_THAT(parsed.list("set"), ElementsAre("a=1", "b.c=-2"));
  EXPECT_TRUE(parsed.has("json"));
  EXPECT_FALSE(parsed.help());
  EXPECT_THAT(parsed.words(), ElementsAre("one", "two"));
}

TEST(Options, ReadsShortFormsAndWordsAfterTwoDashes) {
  const auto parsed = sample().parse({"-c", "tiny", "--", "--json"});
  EXPECT_EQ(parsed.text("chip"), "tiny");
  EXPECT_FALSE(parsed.has("json"));
  EXPECT_THAT(parsed.words(), ElementsAre("--json"));
}

TEST(Options, GivesDefaultsForWhatIsNotThere) {
  const auto parsed = sample().parse({});
  EXPECT_EQ(parsed.text("chip", "h100-sxm"), "h100-sxm");
  EXPECT_EQ(parsed.optional_integer("batch", 1, 2), std::nullopt);
  EXPECT_TRUE(parsed.list("set").empty());
  EXPECT_THAT([&] { parsed.text("chip"); },
              ThrowsMessage<InputError>("run: --chip is missing (see orrery run --help)"));
}

TEST(Options, RefusesAbbreviations) {
  expect_refused({"--js"}, "run: unknown option '--js'");
  expect_refused({"--chi", "tiny"}, "unknown option '--chi', did you mean '--chip'?");
}

TEST(Options, RefusesMisspeltOptionsWithTheNearest) {
  expect_refused({"--jsno"}, "run: unknown option '--jsno', did you mean '--json'?");
  expect_refused({"--frobnicate"}, "unknown option '--frobnicate' (see orrery run --help)");
  expect_refused({"-x"}, "unknown option '-x'");
}

TEST(Options, RefusesStrayWords) {
  expect_refused({"a", "b", "c"}, "run: unexpected word 'c'");
}

TEST(Options, RefusesAnOptionGivenTwiceUnlessItIsAList) {
  expect_refused({"--json", "--json"}, "--json is given twice");
  expect_refused({"--chip", "a", "-c", "b"}, "--chip is given twice");
}

TEST(Options, RefusesAValueForAFlagAndAnOptionWithoutItsValue) {
  expect_refused({"--json=1"}, "--json");
  expect_refused({"--chip"}, "--chip");
  expect_refused({"--chip", "--json"}, "--chip needs a value");
  expect_refused({"--chip="}, "--chip");
  expect_refused({"--chip", ""}, "--chip needs a value");
  EXPECT_EQ(sample().parse({"--chip=--json"}).text("chip"), "--json");
}

TEST(Options, RefusesNumbersThatAreNotWholeOrOutOfRange) {
  for (const char* word : {"0", "101", "1.5", "x", "-1", "+1", "1 ", "99999999999999999999"}) {
    const auto parsed = sample().parse({std::string("--batch=") + word});
    EXPECT_THROW(static_cast<void>(parsed.integer("batch", 1, 100)), InputError) << word;
  }
}

TEST(Options, AskForAtLeastSomeWordsUnlessHelpIsAsked) {
  OptionSet options("orrery show result", "shows");
  options.words("FILE", "a result", 1, 9);
  EXPECT_THAT([&] { options.parse({}); },
              ThrowsMessage<InputError>(HasSubstr("show result: FILE is missing")));
  EXPECT_TRUE(options.parse({"--help"}).help());
  EXPECT_TRUE(options.parse({"-h"}).help());
}

TEST(Options, HelpNamesEveryOptionAndShowsExamples) {
  const std::string help = sample().help();
  for (const char* part : {"usage: orrery run [OPTIONS] [FILE]...", "-c, --chip NAME",
                           "--set KEY=VALUE", "overrides; may be repeated", "-h, --help",
                           "examples:\n  orrery run --chip tiny\n      a small chip\n"}) {
    EXPECT_THAT(help, HasSubstr(part));
  }
}

}  // namespace
}  // namespace orrery
