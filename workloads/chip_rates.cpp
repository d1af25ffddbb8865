// SPDX-License-Identifier: Apache-2.0
#include "workloads/chip_rates.h"

#include <algorithm>

#include "noc/topology.h"
#include "sim/clock.h"

namespace orrery {
namespace {

__extension__ using Wide = unsigned __int128;

// Routers that a transfer passes one way, on average: a third of each side of a mesh, a quarter of
// a ring; on a custom network from the first core to all nodes of memory.
std::uint64_t mean_hops(const ChipConfig& chip) {
  const NetworkConfig& network = chip.network;
  switch (network.topology) {
    case TopologyKind::kIdeal:
      return 0;
    case TopologyKind::kCrossbar:
    case TopologyKind::kPartitionedCrossbar:
      return 1;
    case TopologyKind::kMesh:
    case TopologyKind::kClusterMesh:
      return 1 + (network.columns + network.rows) / 3;
    case TopologyKind::kRing:
    case TopologyKind::kTorus:
      return 1 + (network.columns + network.rows) / 4;
    case TopologyKind::kDualDie:
      return 1 + (2 * network.columns + network.rows) / 3;
    case TopologyKind::kCustom: {
      const NodeLayout layout = chip.layout();
      const Topology topology(network, layout);
      std::uint64_t hops = 0;
      for (NodeId node = layout.first_shared(); node < layout.count(); ++node) {
        hops += topology.hops(0, node);
      }
      return std::max<std::uint64_t>(1, hops / (layout.count() - layout.first_shared()));
    }
  }
  return 1;
}

}  // namespace

Femtoseconds ChipRates::memory_read_fs(std::uint64_t bytes, std::uint64_t bytes_of_row) const {
  return std::max(
      memory.time_for(bytes),
      scale_up(activate_interval_fs, ceil_div(bytes, std::max<std::uint64_t>(1, bytes_of_row)),
               memory_channels));
}

ChipRates ChipRates::of(const ChipConfig& chip) {
  const Clock core_clock(chip.core.clock_hz);
  const Clock network_clock(chip.network.clock_hz);
  const Clock shared_clock(chip.shared.clock_hz);
  ChipRates rates;
  rates.cores = chip.core.count;
  const bool ideal = chip.network.topology == TopologyKind::kIdeal;
  rates.port = {ideal ? 1'000'000 : chip.network.core_port_bytes_per_cycle,
                network_clock.period_fs()};
  rates.scratchpad = {chip.core.scratchpad.bytes_per_cycle(), core_clock.period_fs()};
  rates.outstanding_bytes = chip.core.dma.outstanding_bytes;
  rates.shared_capacity_bytes = chip.shared.capacity_bytes;

  const std::uint64_t refresh_free =
      chip.memory.refresh_interval_fs > 0
          ? chip.memory.refresh_interval_fs - chip.memory.refresh_busy_fs
          : 1;
  const std::uint64_t refresh_all =
      chip.memory.refresh_interval_fs > 0 ? chip.memory.refresh_interval_fs : 1;
  rates.memory = chip.memory.kind == MemoryKind::kIdeal
                     ? Rate{1'000'000'000, 1}
                     : Rate{std::max<std::uint64_t>(
                                1, static_cast<std::uint64_t>(
                                       static_cast<Wide>(chip.memory.bandwidth_bytes_per_s) *
                                       refresh_free / refresh_all)),
                            kFsPerSecond};
  rates.memory_channels = std::max(1U, chip.memory.channels());
  rates.activate_interval_fs =
      std::max(chip.memory.activate_interval_fs, chip.memory.read_activate_interval_fs);
  const Femtoseconds network_fs =
      2 * network_clock.to_fs(mean_hops(chip) * chip.network.hop_cycles);
  const std::uint64_t node_port = chip.network.memory_port_bytes_per_cycle;
  switch (chip.shared.kind) {
    case SharedMemoryKind::kNone:
      rates.shared = {std::max<std::uint64_t>(1, node_port * chip.memory.node_count()),
                      network_clock.period_fs()};
      rates.shared_writes = rates.shared;
      rates.shared_latency_fs = network_fs;
      break;
    case SharedMemoryKind::kL2:
      rates.shared = {chip.shared.slices * chip.shared.slice_bytes_per_cycle,
                      shared_clock.period_fs()};
      rates.shared_writes = {chip.shared.slices * chip.shared.slice_write_bytes_per_cycle,
                             shared_clock.period_fs()};
      rates.shared_latency_fs = network_fs + shared_clock.to_fs(chip.shared.latency_cycles);
      break;
    case SharedMemoryKind::kSram:
      rates.shared = {chip.shared.banks * chip.shared.bank_bytes_per_cycle,
                      shared_clock.period_fs()};
      rates.shared_writes = rates.shared;
      rates.shared_latency_fs = network_fs + shared_clock.to_fs(chip.shared.latency_cycles);
      break;
  }
  rates.memory_latency_fs =
      rates.shared_latency_fs + chip.memory.array_latency_fs + chip.memory.front_end_latency_fs;
  return rates;
}

}  // namespace orrery
