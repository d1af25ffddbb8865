// SPDX-License-Identifier: Apache-2.0
// What a chip's sampler sees of it, and what becomes of its credits.
#include "arch/chip.h"
#include "sim/sim_time.h"

namespace orrery {

void Chip::sample() {
  ChipSampler::Surroundings surroundings;
  surroundings.traffic = [this] {
    const Totals now = totals();
    ChipSampler::Traffic traffic{
        now.hbm_read + now.hbm_write, l2_.empty() && !sram_ ? now.network : now.shared, {}};
    for (const auto& l2 : l2_) {
      const L2Tags::Insertions& blocks = l2->engine().insertions();
      traffic.allocated.kept += blocks.kept * l2->engine().block_bytes();
      traffic.allocated.passing += blocks.evict_first * l2->engine().block_bytes();
    }
    return traffic;
  };
  surroundings.before_credit = [this] {
    if (power_) {
      close_stretch(reported_fs(now_fs()));  // what is left out makes a stretch of its own
    }
  };
  surroundings.cache_bytes = l2_.empty() ? 0 : config_.shared.capacity_bytes;
  if (sram_) {
    // Banks fill unevenly, so that the last of it is found by some blocks only.
    surroundings.room_bytes = config_.shared.capacity_bytes / 16 * 15;
    surroundings.used_bytes = [this] { return sram_->engine().used_bytes(); };
  }
  surroundings.age_cache = [this](const ChipSampler::Allocated& more,
                                  const ChipSampler::Allocated& last) {
    for (const auto& l2 : l2_) {
      const std::uint64_t each = l2_.size() * l2->engine().block_bytes();
      l2->engine().age({more.passing / each, more.kept / each},
                       {last.passing / each, last.kept / each});
    }
  };
  sampler_ = std::make_unique<ChipSampler>(counters_, cores_, dispatcher_, std::move(surroundings));
  dispatcher_.watch(&sampler_->progress());
  for (const auto& core : cores_) {
    core->engine().watch(&sampler_->progress());
  }
  for (Timeline* timeline :
       {&tensor_timeline_, &vector_timeline_, &hbm_timeline_, &network_timeline_}) {
    timeline->follow(&inserted_);
  }
  events_.follow(&inserted_);
}

Chip::Busy Chip::busy() const {
  Busy busy;
  for (const auto& core : cores_) {
    busy.tensor_fs += core->engine().counters().tensor_busy_fs.value();
    busy.vector_fs += core->engine().counters().vector_busy_fs.value();
  }
  const Totals now = totals();
  busy.hbm_bytes = now.hbm_read + now.hbm_write;
  busy.network_bytes = now.network;
  return busy;
}

void Chip::look_at_sample() {
  while (sampler_ && !dispatcher_.all_ended() && sampler_->progress().pauses()) {
    const Femtoseconds start_fs = reported_fs(now_fs());
    const Busy before = busy();
    sampler_->look(now_fs());
    if (credited_fs() == inserted_.total_fs()) {
      continue;
    }
    inserted_.insert(now_fs(), credited_fs() - inserted_.total_fs());
    const Femtoseconds end_fs = reported_fs(now_fs());
    const Busy after = busy();
    tensor_timeline_.add_reported(start_fs, end_fs, after.tensor_fs - before.tensor_fs);
    vector_timeline_.add_reported(start_fs, end_fs, after.vector_fs - before.vector_fs);
    hbm_timeline_.add_reported(start_fs, end_fs, after.hbm_bytes - before.hbm_bytes);
    network_timeline_.add_reported(start_fs, end_fs, after.network_bytes - before.network_bytes);
    if (power_) {
      close_stretch(end_fs);
    }
  }
}

}  // namespace orrery
