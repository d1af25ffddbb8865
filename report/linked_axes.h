// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "results/sweep_record.h"

namespace orrery {

// For each axis the first one that always moves with it among `points`, itself where there is none:
// what a plan links (`zip`) is one knob. Axes of numbers lead those of words, such as places of
// stacks that go with their count. What a point ran and on which chip is never linked, nor an axis
// on which nearly every point has a value of its own, as in a sample.
std::vector<std::size_t> axis_leaders(const SweepRecord& record,
                                      std::span<const std::size_t> points);

}  // namespace orrery
