// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/config_node.h"

namespace orrery {

// The memory between cores and HBM.
enum class SharedMemoryKind : std::uint8_t {
  kNone,  // cores reach HBM directly
  kL2,    // a cache in hashed slices, in one or two partitions
  kSram,  // software-managed banks, one a shared node of the network
};

struct SharedMemoryConfig {
  SharedMemoryKind kind = SharedMemoryKind::kNone;
  std::uint64_t clock_hz = 1'000'000'000;
  std::uint64_t capacity_bytes = 0;          // of the whole chip
  std::uint64_t latency_cycles = 0;          // look-up and data, network not included
  std::uint64_t fill_outstanding_bytes = 0;  // credits of one partition or bank towards memory
  // L2
  std::uint32_t partitions = 1;
  std::uint32_t slices = 1;  // of the whole chip; lines of 128 B are hashed over them
  std::uint64_t slice_bytes_per_cycle = 64;
  std::uint64_t slice_write_bytes_per_cycle = 64;
  std::uint32_t ways = 16;
  bool keep_far_copies = true;   // a line of the other partition is also kept in the reader's
  bool per_sector_tags = false;  // the slow oracle: a tag per line of 128 B with four sectors
  // SRAM
  std::uint32_t banks = 1;
  std::uint64_t bank_bytes_per_cycle = 64;

  // Nodes it takes on the network: partitions of an L2, banks of an SRAM.
  std::uint32_t node_count() const {
    return kind == SharedMemoryKind::kNone ? 0 : kind == SharedMemoryKind::kL2 ? partitions : banks;
  }
};

// Throws InputError. `node` is the chip's map "shared_memory".
SharedMemoryConfig read_shared_memory_config(const ConfigNode& node);

}  // namespace orrery
