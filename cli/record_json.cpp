// SPDX-License-Identifier: Apache-2.0
#include "cli/record_json.h"

#include "cli/kind_totals.h"

namespace orrery {

namespace {

using Json = nlohmann::ordered_json;

Json op_json(const OpRow& op) {
  Json json{{"name", op.name},
            {"kind", op.kind},
            {"start_us", to_microseconds(op.start_fs)},
            {"time_us", to_microseconds(op.end_fs - op.start_fs)},
            {"flop", op.flop},
            {"hbm_bytes", op.hbm_read_bytes + op.hbm_write_bytes},
            {"hbm_read_bytes", op.hbm_read_bytes},
            {"hbm_write_bytes", op.hbm_write_bytes},
            {"bound", op.bound},
            {"tile", op.tile},
            {"reused", op.reused}};
  if (op.credited_fs > 0) {
    const auto time_fs = static_cast<double>(op.end_fs - op.start_fs);
    json["simulated_share"] = 1 - static_cast<double>(op.credited_fs) / time_fs;
    json["sampling_error"] = static_cast<double>(op.sampling_error_fs) / time_fs;
  }
  if (op.has_power()) {
    json["clock_mhz"] = static_cast<double>(op.clock_hz) / 1e6;
    json["power_w"] = op.power_w();
    json["energy_j"] = op.total_energy_j();
  }
  return json;
}

Json energy_json(const std::vector<OpRow>& ops) {
  Json energy = Json::object();
  for (std::size_t i = 0; i < kEnergyPartNames; ++i) {
    double sum_j = 0;
    for (const OpRow& op : ops) {
      sum_j += op.has_power() ? op.energy_j[i] : 0;
    }
    energy[energy_part_names()[i]] = sum_j;
  }
  return energy;
}

Json stalls_json(const std::vector<OpRow>& ops) {
  Json stalls = Json::object();
  for (std::size_t i = 0; i < kStallCategoryCount; ++i) {
    double sum_us = 0;
    for (const OpRow& op : ops) {
      sum_us += i < op.stall_fs.size() ? to_microseconds(op.stall_fs[i]) : 0;
    }
    stalls[stall_category_names()[i]] = sum_us;
  }
  return stalls;
}

// A count that the summary holds as a double; 0 for what cannot be one.
std::uint64_t count_from(double value) {
  return value > 0 && value < 1.8e19 ? static_cast<std::uint64_t>(value) : 0;
}

}  // namespace

nlohmann::ordered_json record_json(const RunRecord& record) {
  const KindTotal total = total_of(record.ops);
  const Femtoseconds time_fs = total_time_fs(record);
  const auto rate = [&](const char* name, double amount) {
    return summary_value(record, name, time_fs == 0 ? 0 : amount / to_seconds(time_fs));
  };
  Json json;
  json["chip"] = record.chip;
  json["workload"] = record.workload;
  json["phase"] = record.phase;
  json["notes"] = record.notes;
  json["total_time_us"] = to_microseconds(time_fs);
  json["tflops"] = rate("achieved_flop_per_s", total.flop) / 1e12;
  json["hbm_gb_s"] = rate("achieved_hbm_bytes_per_s", total.hbm_bytes) / 1e9;
  json["ops"] = Json::array();
  for (const OpRow& op : record.ops) {
    json["ops"].push_back(op_json(op));
  }
  json["summary"] = Json::object();
  for (const SummaryValue& value : record.summary) {
    json["summary"][value.name] = {{"value", value.value}, {"units", value.units}};
  }
  json["stalls"] = stalls_json(record.ops);
  if (!record.ops.empty() && record.ops.front().has_power()) {
    json["energy_j"] = energy_json(record.ops);
  }
  json["cpu_seconds"] = record.provenance.cpu_seconds;
  json["peak_rss_mb"] = static_cast<double>(record.provenance.peak_rss_bytes) / 1e6;
  json["events"] = record.provenance.events;
  json["transfers"] = count_from(summary_value(record, "transfers", 0));
  return json;
}

std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace orrery
