// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sweep/plan.h"
#include "tests/support/scratch_folder.h"

namespace orrery {

inline const std::string kSourceConfigs = ORRERY_SOURCE_DIR "/configs";

inline constexpr const char* kTwoGemms =
    "workloads:\n"
    "  - {name: g, operators: [{name: a, kind: gemm, m: 128, n: 128, k: 64}]}\n"
    "  - {name: h, operators: [{name: a, kind: gemm, m: 256, n: 128, k: 64}]}\n";

// A plan on the chip `tiny` with two small workloads, and `more`.
inline Plan tiny_plan(const ScratchFolder& folder, const std::string& more) {
  write_text(folder.file("plan.yaml"), "chips: [tiny]\n" + std::string(kTwoGemms) + more);
  return read_plan(folder.file("plan.yaml"), kSourceConfigs);
}

}  // namespace orrery
