// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "results/run_record.h"

// An operator's time as parts that sum to it: what its cores did on average. The split of the
// cores' time (StallCategory) divided by the number of cores, and one part more: time that the
// units took longer because their clock was below the highest.
namespace orrery {

enum class TimePart : std::uint8_t {
  kTensor,       // the tensor unit computes; as long as it would at the highest clock
  kVector,       // only the vector unit computes; likewise
  kPower,        // both: what the clock, lowered by cap, peak or droop, adds to that
  kLoadMemory,   // waiting for a load: held up in HBM
  kLoadShared,   // ... in L2 or shared SRAM
  kLoadNetwork,  // ... on the network
  kStore,
  kSync,
  kLaunch,
  kIdle,
  kUnaccounted,  // of an operator whose split is empty
};
inline constexpr std::size_t kTimePartCount = 11;

// "tensor", "vector", "power", "load_hbm", ...: as /stalls has them, where it has them.
std::string_view name_of(TimePart part);

// In femtoseconds; exact sums only up to rounding of doubles.
using TimeParts = std::array<double, kTimePartCount>;

// `highest_clock_hz` is core.clock of the chip, 0 where it is not known: then, and where power is
// not modelled, nothing goes to power. The clock is the operator's mean; a unit that worked while
// the clock was lower than that lost more.
TimeParts split_time(const OpRow& op, std::uint64_t highest_clock_hz);

double sum_of(const TimeParts& parts);
void add_to(TimeParts& sum, const TimeParts& parts);

}  // namespace orrery
