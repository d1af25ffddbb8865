// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "arch/chip_config.h"
#include "sim/rate_server.h"
#include "sim/units.h"

namespace orrery {

// The figures of a chip that closed-form estimates need, as integers, so that a mapping's choice
// is the same on every machine.
struct ChipRates {
  std::uint64_t cores = 1;
  Rate port;           // into one core, data per direction
  Rate shared;         // out of L2, SRAM or (without either) the memory ports, all together
  Rate shared_writes;  // into it
  Rate memory;         // HBM, what is left after refresh
  std::uint64_t memory_channels = 1;      // pseudo-channels
  Femtoseconds activate_interval_fs = 0;  // of one of them, between rows that are read
  Rate scratchpad;                        // of one core
  Femtoseconds shared_latency_fs = 0;     // a load that hits: there and back
  Femtoseconds memory_latency_fs = 0;     // a load that misses
  std::uint64_t outstanding_bytes = 0;    // loads of one core under way
  std::uint64_t shared_capacity_bytes = 0;

  // Reads `bytes` from HBM, so many of each DRAM row that is opened for them.
  Femtoseconds memory_read_fs(std::uint64_t bytes, std::uint64_t bytes_of_row) const;

  // When `bytes` spread over all cores' loads can have come out of shared memory or HBM.
  static ChipRates of(const ChipConfig& chip);
};

}  // namespace orrery
