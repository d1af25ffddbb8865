// SPDX-License-Identifier: Apache-2.0
#include "cli/compare_cells.h"

#include <cmath>
#include <fmt/format.h>
#include <map>

#include "cli/format.h"

namespace orrery {

namespace {

bool is_zero(const std::string& text) {
  return text.find_first_of("123456789") == std::string::npos;
}

// "+1.0", "-1.0", "0.0"; what is no number stays as it is.
std::string with_sign(const std::string& text) {
  if (is_zero(text)) {
    return text.starts_with('-') ? text.substr(1) : text;
  }
  return (text.starts_with('-') ? "" : "+") + text;
}

}  // namespace

std::string us(double time_us, double whole_us) {
  const std::string text = fixed(time_us, whole_us < 100 ? 3 : 1);
  return is_zero(text) && text.starts_with('-') ? text.substr(1) : text;
}

std::string signed_us(double time_us, double whole_us) {
  return with_sign(us(time_us, whole_us));
}

std::string signed_percent(double ratio) {
  return with_sign(percent(ratio));
}

std::string ratio(double b, double a) {
  return a > 0 && b > 0 ? significant(b / a) : "";
}

// With a prefix, in the unit that a record gives.
std::string amount(double value, const std::string& unit) {
  if (unit == "fs") {
    return engineering(value / static_cast<double>(kFsPerSecond), "s");
  }
  if (unit == "byte") {
    return engineering(value, "B");
  }
  if (unit == "byte/s") {
    return engineering(value, "B/s");
  }
  if (unit == "1/s") {
    return engineering(value, "/s");
  }
  if (unit == "1" || unit.empty()) {
    return std::abs(value) < 1e6 ? fmt::format("{:g}", value) : engineering(value, "");
  }
  return engineering(value, unit);
}

std::string amount(const std::optional<double>& value, const std::string& unit) {
  return value ? amount(*value, unit) : "none";
}

const StepLabel& label_of(const std::string& step) {
  static const std::map<std::string, StepLabel, std::less<>> labels{
      {"tensor", {"tensor unit", "tensor"}},
      {"vector", {"vector unit alone", "vector"}},
      {"power", {"lowered clock (power)", "power"}},
      {"load_hbm", {"  in HBM", "HBM"}},
      {"load_shared", {"  in L2 or SRAM", "L2 or SRAM"}},
      {"load_network", {"  on the network", "network"}},
      {"store", {"blocked on store", "store"}},
      {"sync", {"synchronisation", "sync"}},
      {"launch", {"launch", "launch"}},
      {"idle", {"idle cores", "idle"}},
      {"unaccounted", {"not accounted for", "not accounted for"}},
      {"only_a", {"operators only in A", "only A"}},
      {"only_b", {"operators only in B", "only B"}},
      {"between_operators", {"between operators", "between"}},
  };
  static const StepLabel unknown{"?", "?"};
  const auto found = labels.find(step);
  return found == labels.end() ? unknown : found->second;
}

}  // namespace orrery
