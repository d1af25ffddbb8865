// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mem/dram_config.h"
#include "mem/dram_device.h"
#include "sim/config_node.h"
#include "sim/units.h"

namespace orrery {

enum class MemoryKind : std::uint8_t { kHbm, kIdeal };  // kIdeal: answers at once, for tests

// How closely memory is modelled.
enum class MemoryFidelity : std::uint8_t {
  kFast,      // next-free-time arithmetic on pseudo-channels (mem/hbm_fast.h)
  kDetailed,  // every DRAM command (mem/hbm_channel.h)
};

// The chip's main memory. The fast tier knows pseudo-channels only, here just channels; the
// detailed one has channels of `pseudo_channels` of them.
struct HbmConfig {
  MemoryKind kind = MemoryKind::kHbm;
  MemoryFidelity fidelity = MemoryFidelity::kFast;
  std::string product;  // what a stack is sold as, "hbm3e", where the preset says; for prices
  std::uint32_t stacks = 1;
  std::uint32_t channels_per_stack = 16;    // pseudo-channels
  std::uint32_t pseudo_channels = 1;        // of a DRAM channel
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
  // Least time between activates of a channel (tRRD, tFAW/4).
  Femtoseconds activate_interval_fs = 0;
  // The same where reads open rows, if longer: they meet banks that are still busy more often than
  // writes, which are sorted while they gather. Between tRRD and tRC.
  Femtoseconds read_activate_interval_fs = 0;
  Femtoseconds row_cycle_fs = 0;        // tRC: least time between activates of one bank
  Femtoseconds turnaround_fs = 0;       // read to write and back, together
  std::uint64_t write_batch_bytes = 0;  // written between two turnarounds
  std::uint64_t outstanding_bytes = 0;  // credits that the memory offers each of its users
  bool node_per_channel = false;        // a network node a DRAM channel; else one a stack

  // The detailed tier's: there where the preset gives the clocks between commands.
  std::optional<DramStack> dram;
  DramController controller;
  std::string address_map = "default";  // as DramAddressMap takes it
  std::string address_hash;

  std::uint32_t channels() const { return stacks * channels_per_stack; }
  std::uint32_t dram_channels() const { return channels() / pseudo_channels; }
  std::uint32_t node_count() const { return node_per_channel ? dram_channels() : stacks; }
};

// Throws InputError. `node` is the chip's map "memory"; `preset: hbm3-5200` in it names a file of
// configs/memories that holds the device's part, found in `memory_folder`. Where that gives the
// clocks between DRAM commands, the fast tier's times follow from them unless they are stated.
HbmConfig read_hbm_config(const ConfigNode& node, const std::string& memory_folder);

// A preset by name or, with a slash or ".yaml" in it, by path. Throws InputError.
ConfigNode load_memory_preset(const std::string& name,
                              const std::string& memory_folder,
                              const std::vector<std::string>& overrides = {});

}  // namespace orrery
