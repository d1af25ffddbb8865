// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "workloads/operator.h"

// Where tensors lie in the memory of a chip. All have a place of their own for the whole run;
// reuse of activation memory is said by the workload, which names one tensor twice.
namespace orrery {

struct MemoryNeed {
  std::uint64_t weight_bytes = 0;  // and tables
  std::uint64_t kv_cache_bytes = 0;
  std::uint64_t activation_bytes = 0;
  std::uint64_t total_bytes() const { return weight_bytes + kv_cache_bytes + activation_bytes; }
};

// Sets the address of every tensor: weights and tables first, then KV caches, then activations, in
// the order of their ids. A tensor takes an odd number of pages of kTensorAlignmentBytes, so that
// neighbours of a power-of-two size do not all start at the same channel.
// Throws InputError when 64 bits do not hold an address.
MemoryNeed allocate_tensors(Workload& workload);

// The same sums, padding to pages included, without setting addresses.
MemoryNeed memory_need(const Workload& workload);

// Throws InputError that says what weights, KV cache and activations take and how much is missing.
void check_fits(const Workload& workload, std::uint64_t capacity_bytes);

}  // namespace orrery
