// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/operator.h"

// Which operators need not be simulated because an equal one was, in an equal place.
//
// An operator's time depends on what ran before it: that decides what is left in shared memory. So
// operator i may copy operator i - p only when a whole period repeats: the p operators before i and
// i itself have the same kind, shape, dtypes and tensors' shapes as those p places earlier, and
// each tensor of i was last touched as many operators before as its counterpart of i - p. Of a
// model with equal layers that leaves the first two to be simulated: before layer 0 ran something
// else, before all others a layer. Nothing here knows of layers, so traces gain alike.
namespace orrery {

// Operators in the longest period that is found; the layer of a model has about 11.
inline constexpr std::size_t kLongestPeriod = 64;

// For each operator the index of the one whose simulated result it may copy: itself when it must
// be simulated, else an earlier one that is simulated.
std::vector<std::uint32_t> reuse_sources(const Workload& workload);

}  // namespace orrery
