// SPDX-License-Identifier: Apache-2.0
#include "noc/network_engine.h"

#include "noc/detailed_network.h"
#include "noc/fast_network.h"

namespace orrery {

std::unique_ptr<NetworkEngine> make_network_engine(const NetworkConfig& config,
                                                   const NodeLayout& layout) {
  if (config.fidelity == NetworkFidelity::kDetailed && config.topology != TopologyKind::kIdeal) {
    return std::make_unique<DetailedNetwork>(config, layout);
  }
  return std::make_unique<FastNetwork>(config, layout);
}

}  // namespace orrery
