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

// Four routers in a circle with two cores each.
inline NetworkConfig ring_config() {
  NetworkConfig config = mesh_config();
  config.topology = TopologyKind::kRing;
  config.rows = 1;
  config.cores_per_cluster = 2;
  config.memory_positions = {{0, 0}, {2, 0}};
  return config;
}
inline constexpr NodeLayout kRingLayout{.cores = 8, .shared_nodes = 4, .memory_nodes = 2};

inline NetworkConfig torus_config() {
  NetworkConfig config = cluster_config();
  config.topology = TopologyKind::kTorus;
  return config;
}

// Two dies of 2 x 3 routers with a core each, joined in the middle row.
inline NetworkConfig dual_die_config() {
  NetworkConfig config = mesh_config();
  config.topology = TopologyKind::kDualDie;
  config.columns = 2;
  config.cores_per_cluster = 1;
  config.die_link_bytes_per_cycle = 16;
  config.die_link_cycles = 30;
  config.die_link_rows = {1};
  config.memory_positions = {{0, 0}, {3, 2}};
  return config;
}
inline constexpr NodeLayout kDualDieLayout{.cores = 12, .shared_nodes = 0, .memory_nodes = 2};

// Two cores at the ends of a chain and memory in its middle.
inline NetworkConfig custom_config() {
  NetworkConfig config = crossbar_config();
  config.topology = TopologyKind::kCustom;
  config.custom.routers = {"west", "middle", "east"};
  config.custom.wires = {{0, 1, 32, 10}, {1, 0, 32, 10}, {1, 2, 32, 12}, {2, 1, 32, 12}};
  config.custom.core_routers = {0, 2};
  config.custom.memory_routers = {1};
  return config;
}
inline constexpr NodeLayout kCustomLayout{.cores = 2, .shared_nodes = 0, .memory_nodes = 1};

// Three routers in a circle, one way round; a dateline on the last wire makes it legal.
inline NetworkConfig one_way_ring_config(bool dateline) {
  NetworkConfig config = custom_config();
  config.custom.wires = {{0, 1, 32, 10}, {1, 2, 32, 10}, {2, 0, 32, 10, dateline}};
  return config;
}

}  // namespace orrery
