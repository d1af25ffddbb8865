// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arch/core_config.h"
#include "arch/software_config.h"
#include "arch/uncertain_constants.h"
#include "mem/hbm_config.h"
#include "mem/shared_memory_config.h"
#include "noc/network_config.h"
#include "power/area_config.h"
#include "power/power_config.h"

namespace orrery {

// Everything a chip is made of: read from configs/chips/*.yaml, read by the mapping, wired by Chip.
struct ChipConfig {
  std::string name;
  std::string description;
  std::string family;  // parts of one architecture share what was fitted; else the name
  CoreConfig core;
  DispatchConfig dispatch;
  NetworkConfig network;
  SharedMemoryConfig shared;
  HbmConfig memory;
  std::optional<PowerConfig> power;  // none: power is not modelled, and the clock never changes
  std::optional<AreaConfig> area;    // none: area and cost are not modelled
  SoftwareConfig software;
  std::vector<UncertainConstant> fitted, assumed;
  std::string resolved_text;  // the whole YAML, for the result

  NodeLayout layout() const;
  // Peaks of the whole chip, for rooflines and tables; the cores' at their rated clock.
  double peak_flop_per_s(Dtype dtype) const;  // 0 when the dtype is not supported
  // At the highest clock: faster than any run.
  double highest_flop_per_s(Dtype dtype) const;
  double peak_memory_bytes_per_s() const;
};

// Finds `name` as a path or as configs/chips/<name>.yaml under `config_folder`, applies overrides
// ("core.count=64") and checks all values and how they fit together. Throws InputError.
ChipConfig load_chip(const std::string& name,
                     const std::string& config_folder,
                     const std::vector<std::string>& overrides = {});

}  // namespace orrery
