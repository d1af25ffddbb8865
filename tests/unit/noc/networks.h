// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "noc/network_config.h"

// Small networks at 1 GHz, so that a cycle is a nanosecond.
namespace orrery {

inline constexpr Femtoseconds kCycle = kFsPerNanosecond;

inline NetworkConfig crossbar_config() {
  NetworkConfig config;
  config.topology = TopologyKind::kCrossbar;
  config.core_port_bytes_per_cycle = 64;
  config.memory_port_bytes_per_cycle = 128;
  config.hop_cycles = 20;
  config.header_bytes = 32;
  return config;
}

inline NetworkConfig partitioned_config() {
  NetworkConfig config = crossbar_config();
  config.topology = TopologyKind::kPartitionedCrossbar;
  config.partition_link_bytes_per_cycle = 32;
  config.partition_link_cycles = 50;
  config.cores_per_cluster = 2;
  return config;
}

// 4 x 3 routers, memory nodes at the corners of the first column.
inline NetworkConfig mesh_config() {
  NetworkConfig config = crossbar_config();
  config.topology = TopologyKind::kMesh;
  config.hop_cycles = 3;
  config.columns = 4;
  config.rows = 3;
  config.link_bytes_per_cycle = 32;
  config.memory_positions = {{0, 0}, {0, 2}};
  return config;
}
inline constexpr NodeLayout kMeshLayout{.cores = 12, .shared_nodes = 12, .memory_nodes = 2};

// The same routers with four cores and a shared node each.
inline NetworkConfig cluster_config() {
  NetworkConfig config = mesh_config();
  config.topology = TopologyKind::kClusterMesh;
  config.cores_per_cluster = 4;
  return config;
}
inline constexpr NodeLayout kClusterLayout{.cores = 48, .shared_nodes = 12, .memory_nodes = 2};

}  // namespace orrery
