// SPDX-License-Identifier: Apache-2.0
#include "report/page.h"

#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/embedded_files.h"
#include "tests/unit/report/page_text.h"

namespace orrery {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string data_of(const std::string& page) {
  const std::string begin = R"(<script id="data" type="application/json">)";
  const std::size_t at = page.find(begin) + begin.size();
  return page.substr(at, page.find("</script>", at) - at);
}

TEST(PageTest, EscapesWhatHtmlTakesForItsOwn) {
  EXPECT_EQ(html_escaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
}

TEST(PageTest, LeavesNoLessThanInItsData) {
  const nlohmann::ordered_json data{{"name", "</script><!-- <b>"}};
  EXPECT_THAT(embedded_json(data), Not(HasSubstr("<")));
  EXPECT_EQ(nlohmann::ordered_json::parse(embedded_json(data)), data);
}

TEST(PageTest, ReplacesWrongUtf8) {
  const nlohmann::ordered_json data{{"name", "a\xff"}};
  EXPECT_EQ(nlohmann::ordered_json::parse(embedded_json(data))["name"], "a\uFFFD");
}

TEST(PageTest, HoldsAllThatItNeedsAndForbidsTheNetwork) {
  const std::string page = report_page("a <title>", "'use strict';", {{"answer", 42}});
  EXPECT_TRUE(contains(page, "<title>a &lt;title&gt;</title>"));
  EXPECT_TRUE(contains(page, "default-src 'none'"));
  EXPECT_TRUE(contains(page, echarts_script()));
  EXPECT_TRUE(contains(page, page_style()));
  EXPECT_EQ(data_of(page), R"({"answer":42})");
  EXPECT_FALSE(contains(without_echarts(page), "<link"));
  EXPECT_FALSE(contains(without_echarts(page), " src="));
}

TEST(PageTest, DoesNotFillInPlacesThatNamesMakeUp) {
  const std::string page = report_page("@DATA@", "", {{"name", "@SCRIPT@ @COMMON@"}});
  EXPECT_TRUE(contains(page, "<title>@DATA@</title>"));
  EXPECT_EQ(data_of(page), R"({"name":"@SCRIPT@ @COMMON@"})");
}

TEST(PageTest, NoScriptEndsTheElementInWhichItStands) {
  for (const std::string_view script :
       {echarts_script(), common_script(), run_script(), sweep_script()}) {
    EXPECT_FALSE(script.empty());
    EXPECT_EQ(script.find("</script"), std::string_view::npos);
    EXPECT_EQ(script.find("<!--"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace orrery
