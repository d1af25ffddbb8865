// SPDX-License-Identifier: Apache-2.0
#include "mem/hbm_engine.h"

#include <algorithm>

#include "mem/hbm_detailed.h"
#include "mem/hbm_fast.h"
#include "sim/histogram.h"

namespace orrery {

Histogram HbmEngine::read_latency() const {
  return {};
}

std::uint64_t HbmEngine::permille_over_mean(const std::vector<std::uint64_t>& loads) {
  std::uint64_t most = 0;
  std::uint64_t sum = 0;
  for (const std::uint64_t load : loads) {
    most = std::max(most, load);
    sum += load;
  }
  return sum == 0 ? 1000 : scale_up(most, 1000 * loads.size(), sum);
}

std::unique_ptr<HbmEngine> make_hbm_engine(const HbmConfig& config) {
  if (config.kind == MemoryKind::kHbm && config.fidelity == MemoryFidelity::kDetailed) {
    return std::make_unique<HbmDetailed>(config);
  }
  return std::make_unique<HbmFast>(config);
}

}  // namespace orrery
