// SPDX-License-Identifier: Apache-2.0
#include "power/energy.h"

namespace orrery {

std::uint64_t total_of(const EnergySplit& energy_fj) {
  std::uint64_t sum = 0;
  for (const std::uint64_t part : energy_fj) {
    sum += part;
  }
  return sum;
}

EventCounts operator-(const EventCounts& after, const EventCounts& before) {
  EventCounts between;
  for (std::size_t i = 0; i < kDtypeCount; ++i) {
    between.tensor_flop[i] = after.tensor_flop[i] - before.tensor_flop[i];
  }
  between.vector_ops = after.vector_ops - before.vector_ops;
  between.special_ops = after.special_ops - before.special_ops;
  between.scratchpad_bytes = after.scratchpad_bytes - before.scratchpad_bytes;
  between.network_byte_hops = after.network_byte_hops - before.network_byte_hops;
  between.shared_bytes = after.shared_bytes - before.shared_bytes;
  between.hbm_bytes = after.hbm_bytes - before.hbm_bytes;
  return between;
}

DynamicEnergy dynamic_energy(const EventCounts& events,
                             const EventEnergy& each,
                             std::uint64_t toggle_permille) {
  DynamicEnergy energy{};
  const auto part = [&](EnergyPart which) -> Attojoules& {
    return energy[static_cast<std::size_t>(which)];
  };
  const auto of = [](std::uint64_t count, std::uint64_t attojoules) {
    return Attojoules{count} * attojoules;
  };
  for (std::size_t i = 0; i < kDtypeCount; ++i) {
    part(EnergyPart::kTensor) += of(events.tensor_flop[i], each.tensor_flop[i]);
  }
  part(EnergyPart::kVector) =
      of(events.vector_ops, each.vector_op) + of(events.special_ops, each.special_op);
  part(EnergyPart::kScratchpad) = of(events.scratchpad_bytes, each.scratchpad_byte);
  part(EnergyPart::kNetwork) = of(events.network_byte_hops, each.network_byte_hop);
  part(EnergyPart::kShared) = of(events.shared_bytes, each.shared_byte);
  for (Attojoules& depends_on_operands : energy) {
    depends_on_operands = depends_on_operands * toggle_permille / 1000;
  }
  part(EnergyPart::kHbm) = of(events.hbm_bytes, each.hbm_byte);
  return energy;
}

}  // namespace orrery
