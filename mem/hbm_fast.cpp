// SPDX-License-Identifier: Apache-2.0
#include "mem/hbm_fast.h"

#include <algorithm>
#include <stdexcept>

#include "sim/timeline.h"

namespace orrery {
namespace {

__extension__ using Wide = unsigned __int128;
constexpr std::uint32_t kFraction = 16;

constexpr Femtoseconds times(std::uint64_t units, std::uint64_t fs_per_unit) {
  const Wide product = static_cast<Wide>(units) * fs_per_unit;
  return static_cast<Femtoseconds>((product + (1U << kFraction) - 1) >> kFraction);
}

// Femtoseconds a byte takes on one channel, refresh included.
std::uint64_t channel_fs_per_byte(const HbmConfig& config) {
  if (config.kind == MemoryKind::kIdeal) {
    return 0;
  }
  if (config.bandwidth_bytes_per_s == 0) {
    throw std::invalid_argument("bandwidth must be at least 1 B/s");
  }
  Wide numerator = static_cast<Wide>(kFsPerSecond) * config.channels() << kFraction;
  numerator /= config.bandwidth_bytes_per_s;
  if (config.refresh_busy_fs > 0) {
    if (config.refresh_busy_fs >= config.refresh_interval_fs) {
      throw std::invalid_argument("refresh_busy must be shorter than refresh_interval");
    }
    numerator *= config.refresh_interval_fs;
    numerator /= config.refresh_interval_fs - config.refresh_busy_fs;
  }
  return static_cast<std::uint64_t>(numerator);
}

}  // namespace

HbmFast::HbmFast(const HbmConfig& config)
    : config_(config),
      map_(config.channels(), config.interleave_bytes, config.row_bytes, config.banks),
      fs_per_byte_(channel_fs_per_byte(config)),
      channels_(config.channels()),
      banks_(std::size_t{config.channels()} * config.banks),
      channel_bytes_(config.channels()) {
  if (config.write_batch_bytes > 0) {
    turnaround_fs_per_byte_ = static_cast<std::uint64_t>(
        (static_cast<Wide>(config.turnaround_fs) << kFraction) / config.write_batch_bytes);
    write_batch_fs_ = times(config.write_batch_bytes, fs_per_byte_);
  }
  touched_.reserve(config.channels());
}

Femtoseconds HbmFast::accept(const Transfer& transfer, Femtoseconds now_fs) {
  const bool is_read = transfer.access == Access::kRead;
  const std::uint64_t bytes = transfer.bytes();
  (is_read ? count_.read_bytes : count_.write_bytes) += bytes;
  if (config_.kind == MemoryKind::kIdeal) {
    return now_fs;
  }
  last_activate_fs_ = write_accepted_fs_ = now_fs;
  burst_bytes_moved_ = 0;
  for (const Block& block : transfer.blocks) {
    touch_block(block, now_fs);
  }
  count_.padding_bytes += burst_bytes_moved_ - bytes;

  Femtoseconds finish_fs = now_fs;
  Femtoseconds start_fs = now_fs;
  for (const std::uint32_t channel : touched_) {
    start_fs = std::max(start_fs, channels_[channel].next_free_fs);
    finish_fs = std::max(finish_fs, book(channel, transfer.access, now_fs));
  }
  touched_.clear();
  count_.queue_fs += start_fs - now_fs;
  if (timeline_ != nullptr) {
    timeline_->add(now_fs, finish_fs, bytes);
  }
  if (is_read) {
    return std::max(finish_fs, last_activate_fs_) + config_.array_latency_fs +
           config_.front_end_latency_fs;
  }
  return write_accepted_fs_ + config_.front_end_latency_fs / 2;
}

void HbmFast::touch_block(const Block& block, Femtoseconds now_fs) {
  if (block.rows <= 1 || block.pitch_bytes == block.row_bytes) {
    touch_stretch(block.row_address(0), block.bytes(), now_fs);
    return;
  }
  for (std::uint32_t row = 0; row < block.rows; ++row) {
    touch_stretch(block.row_address(row), block.row_bytes, now_fs);
  }
}

void HbmFast::touch_stretch(std::uint64_t address, std::uint64_t bytes, Femtoseconds now_fs) {
  if (bytes == 0) {
    return;
  }
  const std::uint64_t burst_mask = config_.burst_bytes - 1;
  const std::uint64_t end = (address + bytes + burst_mask) & ~burst_mask;
  address &= ~burst_mask;
  burst_bytes_moved_ += end - address;
  const std::uint64_t unit_bytes = map_.interleave_bytes();
  if (const std::uint64_t unit = map_.unit_of(address); map_.unit_of(end - 1) == unit) {
    touch_run(map_.locate_unit(unit), end - address, now_fs);  // a row of a narrow tile, mostly
    return;
  }
  const std::uint64_t group_bytes = unit_bytes * map_.channels();
  while (address < end) {
    const std::uint64_t unit = map_.unit_of(address);
    if (end - address >= group_bytes && address % group_bytes == 0) {
      // Whole groups: each channel gets one unit of each, row by row.
      const std::uint64_t group = unit / map_.channels();
      const std::uint64_t groups = (end - address) / group_bytes;
      for (std::uint64_t done = 0; done < groups;) {
        AddressMap::Place place{0, (group + done) / map_.units_per_row(), 0};
        place.bank = map_.bank_of(place.row);
        const std::uint64_t units =
            std::min(groups - done, (place.row + 1) * map_.units_per_row() - (group + done));
        for (; place.channel < map_.channels(); ++place.channel) {
          touch_run(place, units * unit_bytes, now_fs);
        }
        done += units;
      }
      address += groups * group_bytes;
      continue;
    }
    const std::uint64_t next = std::min(end, (unit + 1) * unit_bytes);
    touch_run(map_.locate_unit(unit), next - address, now_fs);
    address = next;
  }
}

inline bool HbmFast::Bank::opens(std::uint32_t row,
                                 Femtoseconds now_fs,
                                 Femtoseconds will_wait_until_fs) {
  for (std::uint32_t i = 0; i < kRowsRemembered; ++i) {
    if (rows[i] == row && (i == open || waits_until_fs[i] > now_fs)) {
      waits_until_fs[i] = will_wait_until_fs;
      return false;
    }
  }
  open = (open + 1) % kRowsRemembered;
  rows[open] = row;
  waits_until_fs[open] = will_wait_until_fs;
  return true;
}

inline void HbmFast::touch_run(const AddressMap::Place& place,
                               std::uint64_t bytes,
                               Femtoseconds now_fs) {
  Channel& state = channels_[place.channel];
  if (state.bytes == 0) {
    touched_.push_back(place.channel);
  }
  state.bytes += bytes;
  ++count_.runs;
  Bank& bank = banks_[std::size_t{place.channel} * config_.banks + place.bank];
  if (bank.opens(static_cast<std::uint32_t>(place.row), now_fs, state.next_free_fs)) {
    ++state.activates;
    const Femtoseconds activate_fs = std::max(now_fs, bank.next_activate_fs);
    bank.next_activate_fs = activate_fs + config_.row_cycle_fs;
    last_activate_fs_ = std::max(last_activate_fs_, activate_fs);
  }
}

Femtoseconds HbmFast::book(std::uint32_t channel, Access access, Femtoseconds now_fs) {
  Channel& state = channels_[channel];
  const Femtoseconds interval_fs =
      access == Access::kRead
          ? std::max(config_.activate_interval_fs, config_.read_activate_interval_fs)
          : config_.activate_interval_fs;
  Femtoseconds service_fs =
      std::max(times(state.bytes, fs_per_byte_), state.activates * interval_fs);
  if (access == Access::kWrite && state.reads_until_fs >= now_fs && state.reads_until_fs > 0) {
    const Femtoseconds turnaround_fs = times(state.bytes, turnaround_fs_per_byte_);
    service_fs += turnaround_fs;
    count_.turnaround_fs += turnaround_fs;
  }
  const Femtoseconds finish_fs = std::max(now_fs, state.next_free_fs) + service_fs;
  state.next_free_fs = finish_fs;
  if (access == Access::kRead) {
    // A write that comes while the next batch could still gather meets reads.
    state.reads_until_fs = finish_fs + write_batch_fs_;
  } else if (finish_fs > write_batch_fs_) {
    write_accepted_fs_ = std::max(write_accepted_fs_, finish_fs - write_batch_fs_);
  }
  count_.busy_fs += service_fs;
  count_.activates += state.activates;
  channel_bytes_[channel] += state.bytes;
  state.bytes = state.activates = 0;
  return finish_fs;
}

void HbmFast::reset() {
  std::fill(channels_.begin(), channels_.end(), Channel{});
  std::fill(banks_.begin(), banks_.end(), Bank{});
  touched_.clear();
}

std::uint64_t HbmFast::imbalance_permille() const {
  std::vector<std::uint64_t> loads;
  for (const Counter& counter : channel_bytes_) {
    loads.push_back(counter.value());
  }
  return permille_over_mean(loads);
}

void HbmFast::add_node_bytes(const Transfer& transfer,
                             std::vector<std::uint64_t>& node_bytes) const {
  if (node_bytes.size() == 1) {
    node_bytes[0] += transfer.bytes();
    return;
  }
  // Neighbours lie in different stacks; the pseudo-channels of a DRAM channel share its node.
  const auto nodes = static_cast<std::uint32_t>(node_bytes.size());
  for (const Block& block : transfer.blocks) {
    const bool contiguous = block.rows <= 1 || block.pitch_bytes == block.row_bytes;
    const std::uint32_t rows = contiguous ? 1 : block.rows;
    for (std::uint32_t row = 0; row < rows; ++row) {
      std::uint64_t address = block.row_address(row);
      const std::uint64_t end = address + (contiguous ? block.bytes() : block.row_bytes);
      while (address < end) {
        const std::uint64_t unit = map_.unit_of(address);
        const std::uint64_t next = std::min(end, (unit + 1) * map_.interleave_bytes());
        node_bytes[map_.channel_of(unit) % nodes] += next - address;
        address = next;
      }
    }
  }
}

void HbmFast::register_counters(CounterRegistry& registry, const std::string& path) {
  registry.add(path + ".read_bytes", "byte", "bytes read from memory", count_.read_bytes);
  registry.add(path + ".write_bytes", "byte", "bytes written to memory", count_.write_bytes);
  registry.add(path + ".padding_bytes", "byte", "moved beyond what was asked, to whole bursts",
               count_.padding_bytes);
  registry.add(path + ".runs", "1", "stretches of bytes in one row of one channel", count_.runs);
  registry.add(path + ".activates", "1", "runs that opened a row", count_.activates);
  registry.add(path + ".busy_fs", "fs", "time in service, summed over channels", count_.busy_fs);
  registry.add(path + ".turnaround_fs", "fs", "time lost to read-write turnarounds",
               count_.turnaround_fs);
  registry.add(path + ".queue_fs", "fs", "time transfers waited for their busiest channel",
               count_.queue_fs);
  for (std::size_t i = 0; i < channel_bytes_.size(); ++i) {
    registry.add(path + ".channel[" + std::to_string(i) + "].bytes", "byte",
                 "bytes moved by the channel", channel_bytes_[i]);
  }
}

}  // namespace orrery
