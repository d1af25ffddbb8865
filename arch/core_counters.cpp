// SPDX-License-Identifier: Apache-2.0
#include "arch/core_counters.h"

namespace orrery {

void CoreCounters::register_in(CounterRegistry& registry, const std::string& owner) {
  registry.add(owner + ".tensor_busy", "fs", "time the tensor unit computed", tensor_busy_fs);
  registry.add(owner + ".vector_busy", "fs", "time the vector unit computed", vector_busy_fs);
  registry.add(owner + ".scratchpad_bytes", "byte", "read and written in the scratchpad",
               scratchpad_bytes);
  registry.add(owner + ".useful_flop", "1", "floating-point operations the operators asked for",
               useful_flop);
  registry.add(owner + ".padded_flop", "1", "floating-point operations done, padding included",
               padded_flop);
  registry.add(owner + ".matmuls", "1", "matrix-multiply commands", matmuls);
  registry.add(owner + ".vector_commands", "1", "vector commands", vector_commands);
  registry.add(owner + ".special_ops", "1", "special functions evaluated", special_ops);
  registry.add(owner + ".load_bytes", "byte", "delivered into the scratchpad", load_bytes);
  registry.add(owner + ".store_bytes", "byte", "sent out of the scratchpad", store_bytes);
  registry.add(owner + ".transfers", "1", "transfers sent by the DMA engines", transfers);
  registry.add(owner + ".tasks", "1", "tile tasks finished", tasks);
}

}  // namespace orrery
