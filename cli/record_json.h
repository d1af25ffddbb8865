// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "results/run_record.h"

namespace orrery {

// One run as one object for programs; times in µs. Keys: chip, workload, phase, notes,
// total_time_us, tflops, hbm_gb_s, ops (name, kind, time_us, flop, hbm_bytes, bound, tile, reused,
// ...), summary (name -> value, units), stalls (category -> core time in µs), cpu_seconds,
// peak_rss_mb, events, transfers. docs and README list them.
nlohmann::ordered_json record_json(const RunRecord& record);

// Indented text with a final line end. Bytes that are not UTF-8 become U+FFFD.
std::string json_text(const nlohmann::ordered_json& json);

}  // namespace orrery
