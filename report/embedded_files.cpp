// SPDX-License-Identifier: Apache-2.0
#include "report/embedded_files.h"

// `.incbin` puts a file into the read-only data as it is: a megabyte as an array would take the
// compiler longer than the rest of the folder. ORRERY_ROOT is the repository; CMake rebuilds this
// file when one of those below changes.
#define ORRERY_FILE(path) ".incbin \"" ORRERY_ROOT "/" path "\"\n"
#define ORRERY_EMBED(name, files)                                   \
  asm(".pushsection .rodata\n"                                      \
      ".balign 16\n"                                                \
      "orrery_embedded_" #name ":\n" files "orrery_embedded_" #name \
      "_end:\n"                                                     \
      ".popsection\n");                                             \
  extern "C" const char orrery_embedded_##name[];                   \
  extern "C" const char orrery_embedded_##name##_end[]

ORRERY_EMBED(page, ORRERY_FILE("report/assets/page.html"));
ORRERY_EMBED(style, ORRERY_FILE("report/assets/page.css"));
ORRERY_EMBED(common, ORRERY_FILE("report/assets/common.js"));
ORRERY_EMBED(run,
             ORRERY_FILE("report/assets/run.js") ORRERY_FILE("report/assets/run_charts.js")
                 ORRERY_FILE("report/assets/run_timeline.js")
                     ORRERY_FILE("report/assets/run_links.js")
                         ORRERY_FILE("report/assets/run_table.js"));
ORRERY_EMBED(sweep, ORRERY_FILE("report/assets/sweep.js"));
ORRERY_EMBED(echarts, ORRERY_FILE("third_party/echarts/echarts.min.js"));

namespace orrery {

std::string_view page_template() {
  return {orrery_embedded_page, orrery_embedded_page_end};
}

std::string_view page_style() {
  return {orrery_embedded_style, orrery_embedded_style_end};
}

std::string_view common_script() {
  return {orrery_embedded_common, orrery_embedded_common_end};
}

std::string_view run_script() {
  return {orrery_embedded_run, orrery_embedded_run_end};
}

std::string_view sweep_script() {
  return {orrery_embedded_sweep, orrery_embedded_sweep_end};
}

std::string_view echarts_script() {
  return {orrery_embedded_echarts, orrery_embedded_echarts_end};
}

}  // namespace orrery
