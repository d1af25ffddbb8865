// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sim/config_node.h"
#include "sim/units.h"

namespace orrery {

enum class MemoryKind : std::uint8_t { kHbm, kIdeal };  // kIdeal: answers at once, for tests

// The chip's main memory. A channel here is what is scheduled on its own: a pseudo-channel.
struct HbmConfig {
  MemoryKind kind = MemoryKind::kHbm;
  std::uint32_t stacks = 1;
  std::uint32_t channels_per_stack = 16;
  std::uint64_t capacity_bytes = 0;         // of the whole chip
  std::uint64_t bandwidth_bytes_per_s = 0;  // peak of the whole chip
  std::uint64_t burst_bytes = 32;
  std::uint64_t row_bytes = 1024;         // of one channel's bank
  std::uint32_t banks = 16;               // a channel schedules among
  std::uint64_t interleave_bytes = 256;   // consecutive bytes in one channel
  Femtoseconds array_latency_fs = 0;      // idle read: activate, column, burst
  Femtoseconds front_end_latency_fs = 0;  // fabric, controller and PHY, both ways together
  Femtoseconds refresh_interval_fs = 0;   // tREFI; 0 with refresh_busy 0: no refresh
  Femtoseconds refresh_busy_fs = 0;       // time in each interval in which the channel is closed
  Femtoseconds activate_interval_fs =
      0;                                // least time between activates of a channel (tRRD, tFAW/4)
  Femtoseconds row_cycle_fs = 0;        // tRC: least time between activates of one bank
  Femtoseconds turnaround_fs = 0;       // read to write and back, together
  std::uint64_t write_batch_bytes = 0;  // written between two turnarounds
  std::uint64_t outstanding_bytes = 0;  // credits that the memory offers each of its users
  bool node_per_channel = false;        // a network node a channel; else one a stack

  std::uint32_t channels() const { return stacks * channels_per_stack; }
  std::uint32_t node_count() const { return node_per_channel ? channels() : stacks; }
};

// Throws InputError. `node` is the chip's map "memory"; `preset: hbm3-5200` in it names a file of
// configs/memories that holds the device's part, found in `memory_folder`.
HbmConfig read_hbm_config(const ConfigNode& node, const std::string& memory_folder);

}  // namespace orrery
