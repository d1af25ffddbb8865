// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "results/run_record.h"

// What a run was asked for, from the texts in its provenance: chip, memory preset, workload. The
// texts are a program's own, but a file may hold anything: what cannot be read counts as one value.
namespace orrery {

// The chip's YAML alone, without the memory preset that may follow it.
std::string chip_text(const RunRecord& record);

// "core.count" -> "132", every value of the chip; those of the memory preset as "memory preset.cl".
// Lists of uncertain constants are left out: they do not act on a run.
std::map<std::string, std::string> chip_values(const RunRecord& record);

// "batch" -> "32", every value of a workload's YAML; of a trace in CSV each line as "line 2".
std::map<std::string, std::string> workload_values(const RunRecord& record);

// The dtypes that the workload names, as "bf16" or "bf16, fp8 (kv)"; "" where it names none.
std::string dtypes_of(const RunRecord& record);

struct ConfigDifference {
  std::string key;
  std::string a, b;  // "" where the side does not have it
};

// Of two such maps, in the order of keys.
std::vector<ConfigDifference> differences_of(const std::map<std::string, std::string>& a,
                                             const std::map<std::string, std::string>& b);

}  // namespace orrery
