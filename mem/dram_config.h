// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "mem/config_layers.h"
#include "mem/dram_device.h"

namespace orrery {

// The stack that a preset describes, where it gives the clocks between commands.
struct DramStack {
  DramDevice device;
  std::uint32_t channels = 16;
  std::uint64_t capacity_bytes = 0;

  std::uint64_t bandwidth_bytes_per_s() const {
    return scale_up(
        std::uint64_t{device.geometry.burst_bytes} * channels * device.geometry.pseudo_channels,
        kFsPerSecond, device.burst_fs());
  }
};

// Reads the stack (keys standard, clock, pins, pin_rate, burst, burst_length, channels_per_stack,
// pseudo_channels, bank_groups, banks_per_group, stack_ids, rows, row_size, refresh_window,
// refreshes, timing, heights, height, stack_capacity) and checks it against itself: burst = width x
// burst length, clock = pin rate, capacity = geometry, refreshes in a window, row cycle = activate
// + precharge. Throws InputError that says which number is off.
DramStack read_dram_stack(const ConfigLayers& memory);

// `controller`, each key optional. Throws InputError.
DramController read_dram_controller(const ConfigLayers& memory);

}  // namespace orrery
