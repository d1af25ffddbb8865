// SPDX-License-Identifier: Apache-2.0
#include "cli/noc_sweep.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <stdexcept>

namespace orrery {
namespace {

constexpr double kFirstZeroLoad = 0.01;
constexpr double kPrecision = 0.005;
constexpr double kLatencyFactor = 3;
constexpr std::array<double, 12> kFractions{0.1, 0.2, 0.3, 0.4,  0.5, 0.6,
                                            0.7, 0.8, 0.9, 0.95, 1,   1.05};

class KneeSearch {
 public:
  KneeSearch(const NocSetup& setup, const std::function<void(double)>& tried)
      : setup_(setup), tried_(tried) {}

  NocKnee find() {
    NocKnee found;
    for (found.zero_load = kFirstZeroLoad; found.zero_load >= kLeastLoad;) {
      const NocProbeResult idle = run(found.zero_load);
      if (idle.saturated) {
        found.zero_load /= 10;
        continue;
      }
      found.zero_load_latency = idle.mean_latency;
      found.knee = highest_load(found.zero_load, kLatencyFactor * idle.mean_latency);
      if (found.zero_load <= 0.11 * found.knee) {
        return found;
      }
      found.zero_load = 0.1 * found.knee;
    }
    throw std::invalid_argument(
        fmt::format("saturated at every load down to {} flits per node and cycle", kLeastLoad));
  }

 private:
  NocProbeResult run(double load) {
    tried_(load);
    NocProbe probe = setup_.probe(load);
    // Packets that take longer make the mean too high anyway.
    probe.drain_cycles = probe.measured_cycles / 2;
    NocProbeResult result = run_noc_probe(probe);
    if (result.packets == 0) {
      throw std::invalid_argument(
          fmt::format("no packet created in the {} measured cycles came out at a load of {:.4g}: "
                      "more --cycles or smaller packets",
                      probe.measured_cycles, load));
    }
    return result;
  }

  bool bears(double load, double latency) {
    const NocProbeResult result = run(load);
    return !result.saturated && result.mean_latency < latency;
  }

  // From below, because loads far beyond the knee take long.
  double highest_load(double borne, double latency) {
    double too_high = std::min(1.0, 2 * borne);
    while (bears(too_high, latency)) {
      if (too_high >= 1) {
        return 1;
      }
      borne = too_high;
      too_high = std::min(1.0, 2 * borne);
    }
    while (too_high - borne > kPrecision * borne) {
      const double middle = (borne + too_high) / 2;
      (bears(middle, latency) ? borne : too_high) = middle;
    }
    return borne;
  }

  const NocSetup& setup_;
  const std::function<void(double)>& tried_;
};

}  // namespace

NocKnee find_knee(const NocSetup& setup, const std::function<void(double)>& tried) {
  return KneeSearch(setup, tried).find();
}

std::vector<double> curve_loads(double knee) {
  std::vector<double> loads;
  for (const double fraction : kFractions) {
    if (fraction * knee <= 1) {
      loads.push_back(fraction * knee);
    }
  }
  return loads;
}

}  // namespace orrery
