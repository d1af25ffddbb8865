// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "cli/table.h"
#include "results/run_record.h"

// What a run says to people. `orrery run` and `orrery show result` print the same.
namespace orrery {

struct LabelledRecord {
  std::string label;  // heads its columns: the chip, or the file where that is not enough
  RunRecord record;
};

// Chips as labels; where two runs of one phase are of one chip, the given names.
void set_labels(std::vector<LabelledRecord>& runs, const std::vector<std::string>& names);

// One run: chip, workload, phase and notes; operators by kind; figures; where the cores' time went.
void print_run(std::ostream& out, const RunRecord& record, TableStyle style);

// Runs of each phase side by side, ratios to the first; a phase with one run as print_run().
void print_side_by_side(std::ostream& out,
                        const std::vector<LabelledRecord>& runs,
                        TableStyle style);

// The parts.
std::string title_of(const RunRecord& record);  // "h100-sxm, llama-3.1-8b, prefill"
Table kind_table(const RunRecord& record);
Table figure_table(const std::vector<LabelledRecord>& runs);
Table stall_table(const std::vector<LabelledRecord>& runs);
// What the summary says of errors (error_bands.h); empty where it says nothing.
Table band_table(const std::vector<LabelledRecord>& runs);
Table kind_comparison(const std::vector<LabelledRecord>& runs);

}  // namespace orrery
