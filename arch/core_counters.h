// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/counters.h"

namespace orrery {

// What a core counts; "useful" leaves out the padding of tiles to whole instructions.
struct CoreCounters {
  Counter tensor_busy_fs, vector_busy_fs, scratchpad_bytes;
  Counter useful_flop, padded_flop, matmuls, vector_commands, special_ops;
  Counter load_bytes, store_bytes, transfers, tasks;

  void register_in(CounterRegistry& registry, const std::string& owner);
};

}  // namespace orrery
