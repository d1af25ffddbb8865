// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "report/embedded_files.h"

namespace orrery {

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// A page but for ECharts, which has elements in its own texts.
inline std::string without_echarts(std::string page) {
  const std::size_t at = page.find(echarts_script());
  return at == std::string::npos ? page : page.erase(at, echarts_script().size());
}

}  // namespace orrery
