// SPDX-License-Identifier: Apache-2.0
#include "cli/validation_report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <span>

#include "cli/call_explanation.h"
#include "cli/format.h"
#include "cli/measured_power.h"
#include "cli/table.h"
#include "cli/uncertain_tables.h"
#include "results/whole_file.h"
#include "workloads/csv_reader.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

std::vector<double> cpu_seconds_of_rows(const ValidationReport& report) {
  std::vector<double> seconds;
  for (const ValidationGroup& group : report.groups) {
    for (const ValidationPoint& point : group.points) {
      if (point.cpu_seconds > 0) {
        seconds.push_back(point.cpu_seconds);
      }
    }
  }
  return seconds;
}

// Means over rows.
struct SampledFigures {
  double simulated_share = 1;
  double error = 0;
};

std::optional<SampledFigures> sampled_figures(const ValidationReport& report) {
  if (!report.sampled) {
    return std::nullopt;
  }
  SampledFigures sum{0, 0};
  std::size_t count = 0;
  for (const ValidationGroup& group : report.groups) {
    for (const ValidationPoint& point : group.points) {
      sum.simulated_share += 1 - point.credited_share;
      sum.error += point.sampling_error;
      ++count;
    }
  }
  const double rows = static_cast<double>(std::max<std::size_t>(count, 1));
  return SampledFigures{sum.simulated_share / rows, sum.error / rows};
}

Json figures_json(const ErrorFigures& figures) {
  return {{"points", figures.points},         {"mape", figures.mape},
          {"median_ape", figures.median_ape}, {"p90_ape", figures.p90_ape},
          {"worst_ape", figures.worst_ape},   {"bias", figures.bias}};
}

Json group_json(const ValidationGroup& group) {
  Json json{{"device", group.device},
            {"phase", group.phase},
            {"dtype", group.dtype},
            {"kv_dtype", group.kv_dtype}};
  json.update(figures_json(group.all));
  const auto mape = [](const std::optional<ErrorFigures>& figures) {
    return figures ? Json(figures->mape) : Json(nullptr);
  };
  json["mape_over_10us"] = mape(group.over_10us);
  json["mape_over_100us"] = mape(group.over_100us);
  const auto add = [&](const char* name, const std::optional<ErrorFigures>& figures) {
    json[name] = figures ? figures_json(*figures) : Json(nullptr);
  };
  add("tested", group.tested);
  add("over_10us", group.over_10us);
  add("over_100us", group.over_100us);
  if (const std::optional<PowerErrors> errors = power_errors(group.points)) {
    json["power"] = {{"points", errors->points},
                     {"mape", errors->mape},
                     {"median_ape", errors->median_ape},
                     {"bias", errors->bias}};
  }
  return json;
}

Json explained_json(const ExplainedPoint& worst) {
  Json json{{"group", worst.group},
            {"line", worst.point.row.line},
            {"shape", worst.point.row.text()},
            {"half", worst.point.row.tested() ? "test" : "fit"},
            {"measured_us", worst.point.row.latency_us},
            {"simulated_us", worst.point.simulated_us},
            {"error", worst.point.error()}};
  json.update(Json::parse(worst.explanation));
  return json;
}

void print_groups(std::ostream& out, const std::vector<ValidationGroup>& groups) {
  Table table({{"device", Align::kLeft},
               {"phase", Align::kLeft},
               {"dtype", Align::kLeft},
               {"kv", Align::kLeft},
               {"rows", Align::kLeft},
               {"points"},
               {"MAPE %"},
               {"median %"},
               {"p90 %"},
               {"worst %"},
               {"bias %"}});
  for (const ValidationGroup& group : groups) {
    std::vector<std::string> names{group.device, group.phase, group.dtype, group.kv_dtype};
    const auto add = [&](const char* rows, const std::optional<ErrorFigures>& figures) {
      if (!figures) {
        return;
      }
      std::vector<std::string> cells = names;
      cells.insert(cells.end(), {rows, std::to_string(figures->points), percent(figures->mape),
                                 percent(figures->median_ape), percent(figures->p90_ape),
                                 percent(figures->worst_ape), percent(figures->bias)});
      table.add_row(std::move(cells));
      names.assign(names.size(), "");
    };
    add("all", group.all);
    add("tested half", group.tested);
    add("> 10 µs", group.over_10us);
    add("> 100 µs", group.over_100us);
  }
  table.print(out, TableStyle::kText);
}

Table worst_table() {
  return Table({{"line"},
                {"shape", Align::kLeft},
                {"measured µs"},
                {"simulated µs"},
                {"error %"},
                {"tile", Align::kLeft},
                {"waves"},
                {"bound", Align::kLeft},
                {"clock MHz"},
                {"power W"},
                {"time of the cores %", Align::kLeft},
                {"next best tile (estimates µs)", Align::kLeft}});
}

std::string number_or_none(const Json& json, const char* name) {
  return json.contains(name) ? fixed(json.at(name).get<double>(), 0) : "-";
}

void print_worst(std::ostream& out, const std::vector<ExplainedPoint>& worst) {
  for (std::size_t i = 0; i < worst.size();) {
    const std::string& group = worst[i].group;
    Table table = worst_table();
    for (; i < worst.size() && worst[i].group == group; ++i) {
      const ValidationPoint& point = worst[i].point;
      const Json why = Json::parse(worst[i].explanation);
      table.add_row({std::to_string(point.row.line), point.row.text(),
                     fixed(point.row.latency_us, 2), fixed(point.simulated_us, 2),
                     percent(point.error()), why.at("tile").get<std::string>(),
                     fixed(why.at("waves").get<double>(), 2), why.at("bound").get<std::string>(),
                     number_or_none(why, "clock_mhz"), number_or_none(why, "power_w"),
                     shares_text(why), runner_up_text(why)});
    }
    out << fmt::format("\nfarthest off: {}\n", group);
    table.print(out, TableStyle::kText);
  }
}

}  // namespace

nlohmann::ordered_json validation_json(const ValidationReport& report) {
  Json json;
  json["groups"] = Json::array();
  for (const ValidationGroup& group : report.groups) {
    json["groups"].push_back(group_json(group));
  }
  json["worst"] = Json::array();
  for (const ExplainedPoint& worst : report.worst) {
    json["worst"].push_back(explained_json(worst));
  }
  json["fitted"] = Json::object();
  for (const auto& [device, chip] : report.chips) {
    json["fitted"][device] = {{"family", chip.family}, {"constants", uncertain_json(chip.fitted)}};
  }
  json["skipped"] = Json::object();
  for (const auto& [reason, count] : report.skipped) {
    json["skipped"][reason] = count;
  }
  json["failed"] = report.failed;
  if (const auto sampled = sampled_figures(report)) {
    json["sampling"] = {{"simulated_share", sampled->simulated_share},
                        {"estimated_error", sampled->error}};
  }
  json["cpu_seconds"] = report.cpu_seconds;
  if (const auto rows = cpu_seconds_of_rows(report); !rows.empty()) {
    json["cpu_seconds_row"] = {{"median", percentile(rows, 50)}, {"p95", percentile(rows, 95)}};
  }
  return json;
}

void print_validation(std::ostream& out, const ValidationReport& report) {
  print_groups(out, report.groups);
  if (const Table power = power_table(report.groups); !power.empty()) {
    out << '\n';
    power.print(out, TableStyle::kText);
  }
  print_worst(out, report.worst);
  for (const auto& [device, chip] : report.chips) {
    if (!chip.fitted.empty()) {
      out << fmt::format("\nfitted constants of {} (family {})\n", device, chip.family);
      uncertain_table(chip.fitted).print(out, TableStyle::kText);
    }
  }
  out << '\n';
  if (const auto rows = cpu_seconds_of_rows(report); !rows.empty()) {
    out << fmt::format(
        "CPU time of a row: {:.3f} s in the median, {:.3f} s at the 95th percentile\n",
        percentile(rows, 50), percentile(rows, 95));
  }
  if (const auto sampled = sampled_figures(report)) {
    out << fmt::format(
        "sampled: {:.1f} % of the time of a row simulated, estimated error {:.2f} %, in the mean\n",
        100 * sampled->simulated_share, 100 * sampled->error);
  }
  for (const auto& [reason, count] : report.skipped) {
    out << fmt::format("skipped {} rows: {}\n", count, reason);
  }
  if (report.failed > 0) {
    out << fmt::format("failed: {} rows\n", report.failed);
  }
}

void write_points(const std::string& path, const std::vector<ValidationPoint>& points) {
  std::string text =
      "line,device,phase,dtype,kv_dtype,shape,half,measured_us,simulated_us,error,"
      "measured_w,simulated_w,simulated_mhz,cpu_s,simulated_share,sampling_error\n";
  for (const ValidationPoint& point : points) {
    const MeasuredRow& row = point.row;
    text += fmt::format(
        "{},{},{},{},{},{},{},{:.4f},{:.4f},{:.4f},{},{:.1f},{:.0f},{:.4f},{:.4f},{:.5f}\n",
        row.line, csv_field(row.device), row.phase, csv_field(row.dtype), csv_field(row.kv_dtype),
        csv_field(row.text()), row.tested() ? "test" : "fit", row.latency_us, point.simulated_us,
        point.error(), row.power_w ? fmt::format("{:.1f}", *row.power_w) : "", point.simulated_w,
        static_cast<double>(point.simulated_clock_hz) / 1e6, point.cpu_seconds,
        1 - point.credited_share, point.sampling_error);
  }
  const auto bytes = std::as_bytes(std::span(text));
  write_whole_file(path, {bytes.begin(), bytes.end()});
}

}  // namespace orrery
