// SPDX-License-Identifier: Apache-2.0
// How a chip's counts become energy, and the governor's clock that of its cores.
#include <algorithm>

#include "arch/chip.h"
#include "sim/sim_time.h"

namespace orrery {
namespace {

constexpr std::uint64_t kFemtojoulesPerPicojoule = 1000;

}  // namespace

void Chip::set_power_protocol(const PowerProtocol& protocol) {
  protocol_ = protocol;
  if (config_.power) {
    power_.emplace(*config_.power, config_.core.clock_hz, protocol);
  }
}

EventCounts Chip::event_counts() const {
  EventCounts counts;
  for (const auto& core : cores_) {
    const CoreCounters& c = core->engine().counters();
    for (std::size_t i = 0; i < kDtypeCount; ++i) {
      counts.tensor_flop[i] += c.tensor_flop[i].value();
    }
    counts.vector_ops += c.vector_ops.value();
    counts.special_ops += c.special_ops.value();
    counts.scratchpad_bytes += c.scratchpad_bytes.value();
  }
  const Totals sums = totals();
  counts.network_byte_hops = network_->counters().byte_hops.value();
  counts.shared_bytes = sums.shared;
  counts.hbm_bytes = sums.hbm_read + sums.hbm_write;
  return counts;
}

void Chip::begin_power(Femtoseconds start_fs) {
  if (power_) {
    power_->begin(start_fs, event_counts());
    for (const auto& core : cores_) {
      core->engine().set_clock(power_->clock_hz());
    }
  }
}

std::uint64_t Chip::active_permille() const {
  const auto active = std::count_if(cores_.begin(), cores_.end(),
                                    [](const auto& core) { return core->engine().holds_tasks(); });
  return static_cast<std::uint64_t>(active) * 1000 / cores_.size();
}

void Chip::close_stretch(Femtoseconds now_fs) {
  const std::uint64_t clock_hz = power_->clock_hz();
  const Femtoseconds start_fs = power_->last_edge_fs();
  const EnergySplit energy_fj = power_->until(now_fs, event_counts(), active_permille());
  energy_timeline_.add(start_fs, std::max(start_fs, now_fs),
                       total_of(energy_fj) / kFemtojoulesPerPicojoule);
  if (power_->clock_hz() != clock_hz) {
    for (const auto& core : cores_) {
      core->engine().set_clock(power_->clock_hz());
    }
  }
}

void Chip::run_until_idle() {
  // What memory still works on when the kernel has ended takes no part of the operator's time.
  while (power_ && sc_core::sc_pending_activity() && !dispatcher_.all_ended()) {
    const Femtoseconds edge_fs =
        std::max(power_->next_edge_fs(), reported_fs(now_fs())) - credited_fs();
    const Femtoseconds next_fs = now_fs() + sc_core::sc_time_to_pending_activity().value();
    if (next_fs >= edge_fs) {
      close_stretch(reported_fs(edge_fs));
    } else {  // to the last event before the edge: the kernel's time stays there
      sc_core::sc_start(to_sc_time(edge_fs - now_fs()), sc_core::SC_EXIT_ON_STARVATION);
      look_at_sample();
    }
  }
  do {
    sc_core::sc_start();
    look_at_sample();
  } while (sampler_ && !dispatcher_.all_ended() && sc_core::sc_pending_activity());
}

void Chip::finish_power(OperatorRun& run) {
  run.mean_clock_hz = config_.core.clock_hz;
  if (power_) {
    close_stretch(run.end_fs);
    const PowerUse use = power_->finish();
    run.has_power = true;
    run.energy_fj = use.energy_fj;
    run.core_reference_fj = use.core_reference_fj;
    run.mean_clock_hz = use.mean_clock_hz;
    run.capped = use.capped;
  }
}

}  // namespace orrery
