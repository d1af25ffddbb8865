// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// The files that a page is made of, as they were when the program was built: report/assets and
// ECharts from third_party/. So the program needs no file beside it.
namespace orrery {

std::string_view page_template();   // report/assets/page.html
std::string_view page_style();      // report/assets/page.css
std::string_view common_script();   // report/assets/common.js
std::string_view run_script();      // report/assets/run*.js, one after another
std::string_view sweep_script();    // report/assets/sweep.js
std::string_view echarts_script();  // third_party/echarts/echarts.min.js

}  // namespace orrery
