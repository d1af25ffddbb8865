// SPDX-License-Identifier: Apache-2.0
#include "cli/error_bands.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/config_folder.h"
#include "cli/forked_work.h"
#include "sim/config_node.h"
#include "workloads/attention_mapping.h"

namespace orrery {
namespace {

constexpr double kMostOfTheRun = 0.9;
constexpr const char* kAll = "all";

// By class: the ratio that nine in ten measured rows lie within. Empty where the file is missing.
std::map<std::string, double> residuals() {
  std::map<std::string, double> found;
  const std::string path = config_folder() + "/accuracy/residuals.yaml";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return found;
  }
  const ConfigNode root = load_config(path);
  for (const char* name : {"gemm", "prefill", "decode"}) {
    if (root.has(name)) {
      found[name] = root.map(name).number("nine_in_ten", 0, 1000);
    }
  }
  root.finish();
  return found;
}

Femtoseconds time_of(const ClassTimes& times, const std::string& name) {
  const auto at = times.find(name);
  return at == times.end() ? 0 : at->second;
}

double span(const AssumedEnds& ends, const ClassTimes& times, const std::string& name) {
  const auto [low, high] =
      std::minmax({time_of(ends.least, name), time_of(ends.most, name), time_of(times, name)});
  return to_seconds(high - low) / to_seconds(time_of(times, name)) / 2;
}

std::optional<double> residual_of_all(const ClassTimes& times,
                                      const std::map<std::string, double>& residual) {
  double covered = 0;
  double sum = 0;
  for (const auto& [name, value] : residual) {
    covered += to_seconds(time_of(times, name));
    sum += value * to_seconds(time_of(times, name));
  }
  const bool enough = covered >= kMostOfTheRun * to_seconds(time_of(times, kAll));
  return covered > 0 && enough ? std::optional(sum / covered) : std::nullopt;
}

bool is_set(const std::string& path, const std::vector<std::string>& overrides) {
  return std::any_of(overrides.begin(), overrides.end(), [&](const std::string& assignment) {
    return assignment.starts_with(path + "=");
  });
}

}  // namespace

const std::vector<std::string>& error_classes() {
  static const std::vector<std::string> kClasses{"gemm", "prefill", "decode", "other", kAll};
  return kClasses;
}

std::string error_class(const Operator& op) {
  if (std::holds_alternative<GemmShape>(op.shape)) {
    return "gemm";
  }
  if (const auto* attention = std::get_if<AttentionShape>(&op.shape)) {
    return attention->seq_q <= kMostDecodeQueries ? "decode" : "prefill";
  }
  return "other";
}

ClassTimes class_times(const Workload& workload, const SimulationResult& result) {
  ClassTimes times;
  for (std::size_t i = 0; i < result.operators.size(); ++i) {
    times[error_class(workload.operators[i])] += result.operators[i].run.duration_fs();
  }
  times[kAll] = result.duration_fs;
  return times;
}

std::vector<AssumedEnds> simulate_assumed_ends(
    const ChipConfig& chip,
    const std::string& chip_name,
    const std::vector<std::string>& overrides,
    std::size_t jobs,
    const std::function<ClassTimes(const ChipConfig&)>& simulate_on,
    const std::function<void(std::size_t, std::size_t)>& ended) {
  std::vector<AssumedEnds> all;
  std::vector<ChipConfig> chips;  // two for each
  std::vector<std::string> settings;
  for (const UncertainConstant& constant : chip.assumed) {
    if (is_set(constant.path, overrides)) {
      continue;
    }
    for (const std::string& end : {constant.least, constant.most}) {
      std::vector<std::string> with_end = overrides;
      with_end.push_back(constant.path + "=" + end);
      chips.push_back(load_chip(chip_name, config_folder(), with_end));
      settings.push_back(with_end.back());
    }
    all.push_back({constant, {}, {}});
  }
  const auto outcomes = run_forked(
      chips.size(), jobs,
      [&](std::size_t i) { return nlohmann::json(simulate_on(chips[i])).dump(); },
      [&](std::size_t done) { ended(done, chips.size()); });
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (!outcomes[i].error.empty()) {
      throw InputError(
          fmt::format("run: --error-band with {}: {}", settings[i], outcomes[i].error));
    }
    (i % 2 == 0 ? all[i / 2].least : all[i / 2].most) =
        nlohmann::json::parse(outcomes[i].answer).get<ClassTimes>();
  }
  return all;
}

void add_error_bands(RunRecord& record,
                     const ChipConfig& chip,
                     const ClassTimes& times,
                     const std::vector<AssumedEnds>& ends) {
  if (chip.fitted.empty() && chip.assumed.empty()) {
    return;
  }
  const std::map<std::string, double> residual = residuals();
  const auto add = [&](const std::string& name, double value, const char* text) {
    record.summary.push_back({name, value, "1", text});
  };
  for (const std::string& name : error_classes()) {
    if (time_of(times, name) == 0) {
      continue;
    }
    std::optional<double> off;
    if (const auto at = residual.find(name); at != residual.end()) {
      off = at->second;
    } else if (name == kAll) {
      off = residual_of_all(times, residual);
    }
    double squares = 0;
    if (off) {
      squares += *off * *off;
      add("error_residual_" + name, *off, "nine in ten measured rows of GPUs lie within it");
    }
    if (!ends.empty()) {
      double sum = 0;
      for (const AssumedEnds& constant : ends) {
        sum += std::pow(span(constant, times, name), 2);
      }
      squares += sum;
      add("error_spread_" + name, std::sqrt(sum), "what the chip's assumed constants leave open");
    }
    if (off || !ends.empty()) {
      add("error_band_" + name, std::sqrt(squares), "error to expect of the time, either way");
    }
  }
}

}  // namespace orrery
