// SPDX-License-Identifier: Apache-2.0
#include "cli/measured_power.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <sstream>

#include "cli/format.h"
#include "cli/power_options.h"

namespace orrery {

PowerProtocol protocol_of(const MeasuredRow& row, const ParsedOptions& options) {
  PowerProtocol protocol;
  protocol.mode = row.mode.value_or(row.power_w ? PowerMode::kSustained : PowerMode::kBurst);
  protocol.operands = row.operands.value_or(Operands::kRandom);
  return power_protocol(options, protocol);
}

std::optional<CallSeries> series_of(const MeasuredRow& row, const ParsedOptions& options) {
  if (row.mode || row.power_w || options.has("power-mode")) {
    return std::nullopt;
  }
  CallSeries series;
  series.calls = std::holds_alternative<GemmShape>(row.shape) ? 60 : 12;
  series.rest_fs = 5000 * kFsPerMicrosecond;
  return series;
}

ChipConfig under_limit(ChipConfig chip, const MeasuredRow& row) {
  if (chip.power && row.power_limit_w) {
    chip.power->cap_mw = static_cast<std::uint64_t>(std::llround(*row.power_limit_w * 1e3));
  }
  return chip;
}

std::string call_answer(Femtoseconds duration_fs, const CallPower& power) {
  return fmt::format("{} {} {}", duration_fs, std::llround(power.power_w * 1e3), power.clock_hz);
}

ValidationPoint point_of(const MeasuredRow& row, const std::string& answer) {
  std::istringstream fields(answer);
  Femtoseconds duration_fs = 0;
  double milliwatts = 0;
  ValidationPoint point;
  double cpu_us = 0;
  fields >> duration_fs >> milliwatts >> point.simulated_clock_hz;
  if (fields >> cpu_us >> point.credited_share >> point.sampling_error) {
    point.cpu_seconds = cpu_us / 1e6;
  }
  point.row = row;
  point.simulated_us = to_microseconds(duration_fs);
  point.simulated_w = milliwatts / 1e3;
  return point;
}

std::optional<PowerErrors> power_errors(const std::vector<ValidationPoint>& points) {
  PowerErrors errors;
  std::vector<double> rising;
  for (const ValidationPoint& point : points) {
    if (const std::optional<double> error = point.power_error()) {
      errors.bias += *error;
      rising.push_back(std::abs(*error));
      errors.mape += rising.back();
    }
  }
  if (rising.empty()) {
    return std::nullopt;
  }
  std::sort(rising.begin(), rising.end());
  errors.points = rising.size();
  errors.mape /= static_cast<double>(rising.size());
  errors.bias /= static_cast<double>(rising.size());
  errors.median_ape = (rising[(rising.size() - 1) / 2] + rising[rising.size() / 2]) / 2;
  return errors;
}

Table power_table(const std::vector<ValidationGroup>& groups) {
  Table table({{"device", Align::kLeft},
               {"phase", Align::kLeft},
               {"dtype", Align::kLeft},
               {"points"},
               {"power MAPE %"},
               {"median %"},
               {"bias %"}});
  for (const ValidationGroup& group : groups) {
    if (const std::optional<PowerErrors> errors = power_errors(group.points)) {
      table.add_row({group.device, group.phase, group.dtype, std::to_string(errors->points),
                     percent(errors->mape), percent(errors->median_ape), percent(errors->bias)});
    }
  }
  return table;
}

}  // namespace orrery
