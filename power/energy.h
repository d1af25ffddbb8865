// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/dtype.h"
#include "sim/units.h"

// Energy as integers: attojoules where it is counted (a milliwatt for a femtosecond is one),
// femtojoules of an operator, of which 64 bits hold 18 kJ.
namespace orrery {

__extension__ using Attojoules = unsigned __int128;

// What the energy went to. The first three run at the cores' clock and voltage.
enum class EnergyPart : std::uint8_t {
  kTensor,
  kVector,      // ordinary lanes and special functions
  kScratchpad,  // reads and writes of a core's own memory
  kNetwork,
  kShared,  // L2 or SRAM
  kHbm,     // the whole path: controller, PHY and stacks
  kStatic,  // what flows without work: floor of the board, leakage, clock tree
};
inline constexpr std::size_t kEnergyPartCount = 7;
inline constexpr std::size_t kCoreEnergyParts = 3;

using EnergySplit = std::array<std::uint64_t, kEnergyPartCount>;  // femtojoules
std::uint64_t total_of(const EnergySplit& energy_fj);

// What happened, as counted by cores, network and memories. Padding is left out: zeros that switch
// next to nothing.
struct EventCounts {
  std::array<std::uint64_t, kDtypeCount> tensor_flop{};
  std::uint64_t vector_ops = 0;
  std::uint64_t special_ops = 0;
  std::uint64_t scratchpad_bytes = 0;
  std::uint64_t network_byte_hops = 0;  // bytes x routers or crossbars passed
  std::uint64_t shared_bytes = 0;
  std::uint64_t hbm_bytes = 0;
};
EventCounts operator-(const EventCounts& after, const EventCounts& before);

// Attojoules of each event at the reference voltage, with random operands.
struct EventEnergy {
  std::array<std::uint64_t, kDtypeCount> tensor_flop{};
  std::uint64_t vector_op = 0;
  std::uint64_t special_op = 0;
  std::uint64_t scratchpad_byte = 0;
  std::uint64_t network_byte_hop = 0;
  std::uint64_t shared_byte = 0;
  std::uint64_t hbm_byte = 0;
};

// Dynamic energy of the events at the reference voltage, kStatic left at 0. Of what depends on
// operands `toggle_permille` is left: that is everything but HBM, whose energy goes into opening
// rows and driving its interface.
using DynamicEnergy = std::array<Attojoules, kEnergyPartCount>;
DynamicEnergy dynamic_energy(const EventCounts& events,
                             const EventEnergy& each,
                             std::uint64_t toggle_permille);

}  // namespace orrery
