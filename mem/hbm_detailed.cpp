// SPDX-License-Identifier: Apache-2.0
#include "mem/hbm_detailed.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <stdexcept>

#include "sim/histogram.h"
#include "sim/timeline.h"

namespace orrery {
namespace {

const DramStack& stack_of(const HbmConfig& config) {
  if (!config.dram) {
    throw std::invalid_argument("detailed HBM needs the clocks between DRAM commands");
  }
  return *config.dram;
}

}  // namespace

HbmDetailed::HbmDetailed(const HbmConfig& config, Admission admission)
    : config_(config),
      geometry_(stack_of(config).device.geometry),
      map_(geometry_, config.dram_channels(), config.address_map, config.address_hash),
      tick_fs_(config.dram->device.tick_fs()),
      way_in_fs_(config.front_end_latency_fs / 2),
      way_out_fs_(config.front_end_latency_fs - way_in_fs_),
      burst_shift_(static_cast<std::uint32_t>(std::countr_zero(geometry_.burst_bytes))),
      longest_run_(std::min(config.controller.longest_run, map_.run_length())),
      admitted_per_tick_(admission == Admission::kInOrder ? 4 * config.dram_channels() : 4),
      queues_(admission == Admission::kInOrder ? 1 : config.dram_channels()),
      due_fs_(config.dram_channels(), kNever),
      is_touched_(config.dram_channels()) {
  channels_.reserve(config.dram_channels());
  for (std::uint32_t i = 0; i < config.dram_channels(); ++i) {
    channels_.emplace_back(config.dram->device, config.controller);
  }
}

// The first tick that is not before it.
DramTick HbmDetailed::tick_at(Femtoseconds time_fs) const {
  return static_cast<DramTick>(ceil_div(time_fs, tick_fs_));
}

// Calls visit(first burst, bursts) for stretches of bursts that lie side by side in a row.
template <typename Visit>
void HbmDetailed::for_each_run(const Transfer& transfer, Visit&& visit) const {
  const std::uint64_t length = map_.run_length();
  for (const Block& block : transfer.blocks) {
    const bool contiguous = block.rows <= 1 || block.pitch_bytes == block.row_bytes;
    const std::uint32_t rows = contiguous ? 1 : block.rows;
    const std::uint64_t row_bytes = contiguous ? block.bytes() : block.row_bytes;
    for (std::uint32_t row = 0; row < rows && row_bytes > 0; ++row) {
      const std::uint64_t address = block.row_address(row);
      std::uint64_t burst = address >> burst_shift_;
      const std::uint64_t end = ((address + row_bytes - 1) >> burst_shift_) + 1;
      while (burst < end) {
        const std::uint64_t bursts =
            std::min<std::uint64_t>({end - burst, longest_run_, length - burst % length});
        visit(burst, static_cast<std::uint32_t>(bursts));
        burst += bursts;
      }
    }
  }
}

inline DramTick HbmDetailed::admit(std::uint32_t index, const DramRun& run, DramTick arrival) {
  HbmChannel& channel = channels_[index];
  Queue& queue = queues_[queues_.size() == 1 ? 0 : index];
  if (arrival > queue.tick) {
    queue = {arrival, 0};
  } else if (queue.admitted >= admitted_per_tick_) {
    queue = {queue.tick + 1, 0};
  }
  if (channel.now() < queue.tick) {
    channel.advance(queue.tick);
  }
  if (!channel.has_room(run.access, run.bursts)) {
    channel.advance(HbmChannel::kNeverTick - 1, run.access, run.bursts);
    queue = {channel.now(), 0};
  }
  ++queue.admitted;
  channel.push(run, queue.tick);
  if (is_touched_[index] == 0) {
    is_touched_[index] = 1;
    touched_.push_back(index);
  }
  return queue.tick;
}

void HbmDetailed::accept(const Request& request, Femtoseconds now_fs) {
  const Transfer& transfer = *request.transfer;
  const bool is_read = transfer.access == Access::kRead;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(pending_.size()));
    pending_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  const DramTick arrival = tick_at(now_fs + way_in_fs_);
  std::uint64_t bursts = 0;
  DramTick queued = arrival;
  // Until all are queued the slot counts one more, so that it is not finished before.
  pending_[slot] = {request, now_fs, transfer.bytes(), 1, arrival};
  for_each_run(transfer, [&](std::uint64_t burst, std::uint32_t count) {
    const DramPlace place = map_.locate(burst);
    const DramRun run{place.row,
                      static_cast<std::uint16_t>(count),
                      static_cast<std::uint8_t>(place.pseudo_channel),
                      static_cast<std::uint8_t>(place.bank_index(geometry_)),
                      transfer.access,
                      is_read ? slot : kPosted};
    queued = std::max(queued, admit(place.channel, run, arrival));
    bursts += count;
    ++runs_;
  });
  Pending& pending = pending_[slot];
  (is_read ? read_bytes_ : write_bytes_) += pending.bytes;
  padding_bytes_ += (bursts << burst_shift_) - pending.bytes;
  if (is_read) {
    pending.bursts += bursts;
  } else {
    pending.finish = queued;
  }
  for (const std::uint32_t channel : touched_) {
    collect(channel);
    is_touched_[channel] = 0;
  }
  touched_.clear();
  if (--pending_[slot].bursts == 0) {
    finish(slot);
  }
  find_next_due();
}

// Takes in what a channel has served, and when it is to be looked at again.
void HbmDetailed::collect(std::uint32_t index) {
  HbmChannel& channel = channels_[index];
  for (const DramServed& served : channel.served()) {
    last_burst_ = std::max(last_burst_, served.at);
    if (served.tag == kPosted) {
      continue;
    }
    Pending& pending = pending_[served.tag];
    pending.finish = std::max(pending.finish, served.at);
    pending.bursts -= served.bursts;
    if (pending.bursts == 0) {
      finish(served.tag);
    }
  }
  channel.served().clear();
  const DramTick next = channel.next_event();
  due_fs_[index] =
      next == HbmChannel::kNeverTick
          ? kNever
          : static_cast<Femtoseconds>(next + channel.delays().read_latency) * tick_fs_ +
                way_out_fs_;
}

void HbmDetailed::finish(std::uint32_t slot) {
  const Pending& pending = pending_[slot];
  const Femtoseconds at_fs = static_cast<Femtoseconds>(pending.finish) * tick_fs_ + way_out_fs_;
  if (timeline_ != nullptr) {
    timeline_->add(pending.arrived_fs, at_fs, pending.bytes);
  }
  completions_.push_back({pending.request, at_fs});
  free_.push_back(slot);
}

void HbmDetailed::advance(Femtoseconds now_fs) {
  if (next_due_fs_ > now_fs) {
    return;
  }
  const DramTick tick = tick_at(now_fs + way_in_fs_);
  for (std::uint32_t i = 0; i < channels_.size(); ++i) {
    if (due_fs_[i] <= now_fs) {
      channels_[i].advance(tick);
      collect(i);
    }
  }
  find_next_due();
}

void HbmDetailed::find_next_due() {
  next_due_fs_ = *std::min_element(due_fs_.begin(), due_fs_.end());
}

void HbmDetailed::add_node_bytes(const Transfer& transfer,
                                 std::vector<std::uint64_t>& node_bytes) const {
  if (node_bytes.size() == 1) {
    node_bytes[0] += transfer.bytes();
    return;
  }
  // Bytes beyond the transfer's own, in its first and last burst of each row, do not travel.
  const std::uint64_t all = transfer.bytes();
  std::uint64_t given = 0;
  for_each_run(transfer, [&](std::uint64_t burst, std::uint32_t count) {
    const std::uint32_t channel = map_.locate(burst).channel;
    const std::uint64_t bytes =
        std::min<std::uint64_t>(std::uint64_t{count} << burst_shift_, all - given);
    node_bytes[config_.node_per_channel ? channel : channel % config_.stacks] += bytes;
    given += bytes;
  });
}

std::uint64_t HbmDetailed::imbalance_permille() const {
  std::vector<std::uint64_t> loads;
  for (const HbmChannel& channel : channels_) {
    loads.push_back(channel.counters().reads.value() + channel.counters().writes.value());
  }
  return permille_over_mean(loads);
}

Histogram HbmDetailed::read_latency() const {
  Histogram histogram;
  for (const HbmChannel& channel : channels_) {
    const std::vector<std::uint64_t>& bins = channel.read_latencies();
    for (std::size_t ticks = 0; ticks < bins.size(); ++ticks) {
      histogram.add(ticks * tick_fs_, bins[ticks]);
    }
  }
  return histogram;
}

void HbmDetailed::register_counters(CounterRegistry& registry, const std::string& path) {
  registry.add(path + ".read_bytes", "byte", "bytes read from memory", read_bytes_);
  registry.add(path + ".write_bytes", "byte", "bytes written to memory", write_bytes_);
  registry.add(path + ".padding_bytes", "byte", "moved beyond what was asked, to whole bursts",
               padding_bytes_);
  registry.add(path + ".runs", "1", "requests to channels: bursts side by side in a row", runs_);
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    channels_[i].register_counters(registry, path + ".channel[" + std::to_string(i) + "]");
  }
}

void HbmDetailed::reset() {
  for (HbmChannel& channel : channels_) {  // in its place: its counters are registered
    std::destroy_at(&channel);
    std::construct_at(&channel, config_.dram->device, config_.controller);
  }
  std::fill(queues_.begin(), queues_.end(), Queue{});
  std::fill(due_fs_.begin(), due_fs_.end(), kNever);
  next_due_fs_ = kNever;
  std::fill(is_touched_.begin(), is_touched_.end(), 0);
  touched_.clear();
  pending_.clear();
  free_.clear();
  last_burst_ = 0;
}

}  // namespace orrery
