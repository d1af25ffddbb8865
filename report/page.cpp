// SPDX-License-Identifier: Apache-2.0
#include "report/page.h"

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "report/embedded_files.h"

namespace orrery {
namespace {

// Places of the template, in the order in which they come there.
struct Filling {
  std::string_view place;
  std::string_view text;
};

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

std::string embedded_json(const nlohmann::ordered_json& data) {
  const std::string text =
      data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  std::string escaped;
  escaped.reserve(text.size());
  for (const char letter : text) {  // '<' stands in texts only: JSON's own signs have none
    if (letter == '<') {
      escaped += "\\u003c";
    } else {
      escaped += letter;
    }
  }
  return escaped;
}

std::string report_page(const std::string& title,
                        std::string_view script,
                        const nlohmann::ordered_json& data) {
  const std::string safe_title = html_escaped(title);
  const std::string json = embedded_json(data);
  const std::array fillings{
      Filling{"@TITLE@", safe_title},
      Filling{"@STYLE@", page_style()},
      Filling{"@DATA@", json},
      Filling{"@ECHARTS@", echarts_script()},
      Filling{"@COMMON@", common_script()},
      Filling{"@SCRIPT@", script},
  };
  std::string_view rest = page_template();
  std::string page;
  page.reserve(rest.size() + json.size() + echarts_script().size() + (std::size_t{1} << 17));
  for (const Filling& filling : fillings) {  // what was filled in is not looked at again
    const std::size_t at = rest.find(filling.place);
    if (at == std::string_view::npos) {
      throw std::logic_error("report/assets/page.html has no " + std::string(filling.place));
    }
    page += rest.substr(0, at);
    page += filling.text;
    rest.remove_prefix(at + filling.place.size());
  }
  page += rest;
  return page;
}

}  // namespace orrery
