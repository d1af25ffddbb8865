// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "mem/shared_memory_config.h"
#include "workloads/operator.h"

// Which operators need not be simulated because an equal one was, in an equal place.
//
// An operator's time depends on what ran before it: that decides what is left of its tensors in
// shared memory, and what room there is. So operator i may copy operator i - p only when both have
// the same kind, shape, dtypes and tensors' shapes, each tensor of i was last touched as many
// operators before as its counterpart of i - p, and the operators before are the same in both
// places, as far back as shared memory remembers:
//   - a cache until they have touched kTurnovers times what it holds: then nothing older is left.
//     Of a model with equal layers that leaves the first layer to be simulated and the start of
//     the second;
//   - a software-managed SRAM, where the dead is released, as far back as the operators that made
//     what is alive, unless it is known to have found room;
//   - without shared memory the operator before, which may overlap.
// A whole period suffices, too. Nothing here knows of layers, so traces gain alike.
namespace orrery {

// Operators in the longest period that is found, and how far back a touch counts; the layer of a
// model has about 11.
inline constexpr std::size_t kLongestPeriod = 64;
inline constexpr std::uint64_t kTurnovers = 2;

// For each operator the index of the one whose simulated result it may copy: itself when it must
// be simulated, else an earlier one that is simulated.
std::vector<std::uint32_t> reuse_sources(const Workload& workload,
                                         const SharedMemoryConfig& shared);

// For each operator a number that it shares with those of the same kind, shape, dtypes and tensors'
// shapes, wherever they stand. Numbers count from 0.
std::vector<std::uint32_t> operator_classes(const Workload& workload);

}  // namespace orrery
