// SPDX-License-Identifier: Apache-2.0
#include "cli/call_explanation.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cli/format.h"
#include "cli/simulation_record.h"

namespace orrery {
namespace {

constexpr std::size_t kSharesShown = 4;
constexpr double kLeastShareShown = 0.005;

}  // namespace

void CallExplanation::add(const LoweredOperator& lowered, const ChipConfig& chip) {
  waves = 0;
  for (const auto& kernel : lowered.kernels) {
    kernels.push_back(kernel->name());
    const std::uint64_t at_once = std::uint64_t{chip.core.count} * kernel->contexts_per_core();
    waves =
        std::max(waves, static_cast<double>(kernel->task_count()) / static_cast<double>(at_once));
  }
  tile = lowered.tile;
  candidates = lowered.candidates;
}

nlohmann::ordered_json explanation_json(const CallExplanation& explanation) {
  nlohmann::ordered_json json;
  json["tile"] = explanation.tile;
  json["waves"] = explanation.waves;
  json["kernels"] = explanation.kernels;
  json["bound"] = bound_name(explanation.run);
  const OperatorRun& run = explanation.run;
  const Femtoseconds whole_fs =
      std::accumulate(run.split.begin(), run.split.end(), Femtoseconds{0});
  if (run.has_power && run.duration_fs() > 0) {
    json["clock_mhz"] = static_cast<double>(run.mean_clock_hz) / 1e6;
    json["power_w"] =
        static_cast<double>(run.total_energy_fj()) / static_cast<double>(run.duration_fs());
  }
  json["shares"] = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < run.split.size() && whole_fs > 0; ++i) {
    json["shares"][resource_name(static_cast<StallCategory>(i))] =
        to_seconds(run.split[i]) / to_seconds(whole_fs);
  }
  const std::vector<MappingCandidate>& candidates = explanation.candidates;
  if (candidates.empty()) {
    return json;
  }
  json["estimate_us"] = to_microseconds(candidates.front().estimate_fs);
  // The mirror image of the chosen tile is no other choice.
  const auto other = std::find_if(candidates.begin(), candidates.end(), [&](const auto& candidate) {
    return candidate.estimate_fs != candidates.front().estimate_fs;
  });
  if (other != candidates.end()) {
    json["runner_up"] = other->text;
    json["runner_up_estimate_us"] = to_microseconds(other->estimate_fs);
  }
  return json;
}

std::string shares_text(const nlohmann::ordered_json& explanation) {
  std::vector<std::pair<double, std::string>> shares;
  for (const auto& [category, share] : explanation.at("shares").items()) {
    if (share.get<double>() >= kLeastShareShown) {
      shares.emplace_back(share.get<double>(), category);
    }
  }
  std::stable_sort(shares.begin(), shares.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  shares.resize(std::min(shares.size(), kSharesShown));
  std::string text;
  for (const auto& [share, category] : shares) {
    text += fmt::format("{}{} {:.0f}", text.empty() ? "" : ", ", category, 100 * share);
  }
  return text;
}

std::string runner_up_text(const nlohmann::ordered_json& explanation) {
  if (!explanation.contains("runner_up")) {
    return "-";
  }
  return fmt::format("{} ({} against {})", explanation.at("runner_up").get<std::string>(),
                     fixed(explanation.at("runner_up_estimate_us").get<double>(), 2),
                     fixed(explanation.at("estimate_us").get<double>(), 2));
}

}  // namespace orrery
