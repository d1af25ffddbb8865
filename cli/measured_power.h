// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "arch/chip_config.h"
#include "cli/measured_call.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/validation.h"

// Power beside time in a validation.
namespace orrery {

// What the row says; else, rows that state a power were measured in long runs, others after a
// pause, and on random operands. Options hold above all.
PowerProtocol protocol_of(const MeasuredRow& row, const ParsedOptions& options);
// Rows that do not say how they were measured, and options neither, were taken as the collector of
// the aiconfigurator database takes them: six rounds to warm up and six timed ones, of five calls
// of a GEMM or one of attention, then the operands of the next row are made. How long that takes is
// fitted: on bf16 GEMMs of over 150 us of A100, H100 and H200, fitting half.
std::optional<CallSeries> series_of(const MeasuredRow& row, const ParsedOptions& options);
// The chip with the row's cap, where it states one.
ChipConfig under_limit(ChipConfig chip, const MeasuredRow& row);

// One call's answer, from the process that simulated it: "fs mW Hz".
std::string call_answer(Femtoseconds duration_fs, const CallPower& power);
ValidationPoint point_of(const MeasuredRow& row, const std::string& answer);

// Errors in power of the rows that state one; none where there is no such row.
struct PowerErrors {
  std::size_t points = 0;
  double mape = 0, median_ape = 0, bias = 0;  // ratios
};
std::optional<PowerErrors> power_errors(const std::vector<ValidationPoint>& points);

// A line for each group that has power; empty where none has.
Table power_table(const std::vector<ValidationGroup>& groups);

}  // namespace orrery
