// SPDX-License-Identifier: Apache-2.0
#include "cli/chip_options.h"

#include <fmt/format.h>

#include "sim/error.h"

namespace orrery {
namespace {

// Tiers are a value of the part's map in the chip's file.
std::string override_of(const std::string& part, const std::string& tier) {
  if (tier != "fast" && tier != "detailed") {
    throw InputError("--fidelity: unknown tier '" + tier + "', expected fast or detailed");
  }
  if (part != "memory" && part != "network") {
    throw InputError("--fidelity: unknown part '" + part + "', expected memory or network");
  }
  return part + ".fidelity=" + tier;
}

}  // namespace

void add_fidelity_option(OptionSet& options) {
  options.value("fidelity", "TIER|PART=TIER,...",
                "fast or detailed, for memory and network, or by part: memory=detailed");
}

void add_chip_options(OptionSet& options) {
  options.list("set", "KEY=VALUE", "overrides a value of the chip, e.g. core.count=64");
  add_fidelity_option(options);
}

std::vector<std::string> chip_overrides(const ParsedOptions& parsed) {
  std::vector<std::string> overrides = parsed.list("set");
  if (!parsed.has("fidelity")) {
    return overrides;
  }
  const std::string& text = parsed.text("fidelity");
  if (text.find('=') == std::string::npos) {
    overrides.push_back(override_of("memory", text));
    overrides.push_back(override_of("network", text));
    return overrides;
  }
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string item = text.substr(at, end - at);
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos) {
      throw InputError("--fidelity: '" + item + "' is not PART=TIER");
    }
    overrides.push_back(override_of(item.substr(0, equals), item.substr(equals + 1)));
    at = end + 1;
  }
  return overrides;
}

std::string tiers_note(const ChipConfig& chip) {
  const bool memory = chip.memory.fidelity == MemoryFidelity::kDetailed;
  const bool network = chip.network.fidelity == NetworkFidelity::kDetailed;
  return fmt::format("tiers: memory {}, network {}{}", memory ? "detailed" : "fast",
                     network ? "detailed" : "fast", memory != network ? " (mixed)" : "");
}

}  // namespace orrery
