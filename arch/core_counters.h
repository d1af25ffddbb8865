// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

#include "sim/counters.h"
#include "sim/dtype.h"

namespace orrery {

// What a core counts; "useful" leaves out the padding of tiles to whole instructions.
struct CoreCounters {
  Counter tensor_busy_fs, vector_busy_fs, scratchpad_bytes;
  Counter useful_flop, padded_flop, matmuls, vector_commands, special_ops;
  Counter load_bytes, store_bytes, transfers, tasks;
  // For the energy only, and not registered: what the tensor unit computes without padding.
  std::array<Counter, kDtypeCount> tensor_flop;
  Counter vector_ops;  // of the ordinary lanes

  void register_in(CounterRegistry& registry, const std::string& owner);
};

}  // namespace orrery
