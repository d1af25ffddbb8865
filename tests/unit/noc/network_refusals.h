// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "noc/network_config.h"
#include "noc/topology.h"
#include "sim/error.h"

// What the readers and the checks of a network say to bad input; "" if nothing.
namespace orrery {

inline NetworkConfig read_network(const std::string& text) {
  return read_network_config(parse_config(text, "chip.yaml"));
}

inline std::string read_refusal(const std::string& text) {
  try {
    read_network(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

inline std::string network_refusal(const NetworkConfig& config, const NodeLayout& layout) {
  try {
    check_network(config, layout);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace orrery
