// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mem/dram_address_map.h"
#include "mem/hbm_channel.h"
#include "mem/hbm_engine.h"

namespace orrery {

// All HBM channels of a chip, detailed tier: each an HbmChannel that sends every DRAM command.
//
// A transfer reaches the controllers after half of the front-end latency, is cut into runs by the
// address map, and each run takes its place in its channel's queue when there is room, at most four
// requests a channel and tick. Reads end when the last of their bursts has come in and the other
// half of the front end is behind it; writes when the last of them has been queued (they are
// posted), plus that half.
//
// Channels are worked ahead of time: whoever waits for a place in a queue waits for nothing that
// comes later, so its place is found when it arrives. Otherwise a channel is looked at when the
// first burst it may yet send would be known in time: a whole read latency's commands in one go.
class HbmDetailed : public HbmEngine {
 public:
  // Who waits for whom before the queues.
  enum class Admission : std::uint8_t {
    kPerChannel,  // requests of a channel for each other
    kInOrder,     // all for all before: one stream, held up by the first that finds no room
  };

  // Throws std::invalid_argument where the config has no DRAM, or no map of its channels.
  explicit HbmDetailed(const HbmConfig& config, Admission admission = Admission::kPerChannel);

  void accept(const Request& request, Femtoseconds now_fs) override;
  Femtoseconds next_event() const override { return next_due_fs_; }
  void advance(Femtoseconds now_fs) override;
  void add_node_bytes(const Transfer& transfer,
                      std::vector<std::uint64_t>& node_bytes) const override;
  std::uint64_t read_bytes() const override { return read_bytes_.value(); }
  std::uint64_t write_bytes() const override { return write_bytes_.value(); }
  std::uint64_t imbalance_permille() const override;
  Histogram read_latency() const override;
  void register_counters(CounterRegistry& registry, const std::string& path) override;
  void reset() override;

  const DramAddressMap& map() const { return map_; }
  Femtoseconds tick_fs() const { return tick_fs_; }
  std::uint32_t channel_count() const { return static_cast<std::uint32_t>(channels_.size()); }
  const HbmChannel& channel(std::uint32_t index) const { return channels_[index]; }
  HbmChannel& channel(std::uint32_t index) { return channels_[index]; }
  // When the last burst so far was served.
  DramTick last_burst() const { return last_burst_; }

 private:
  static constexpr std::uint32_t kPosted = ~0U;  // tag of writes: nobody waits

  struct Pending {
    Request request;
    Femtoseconds arrived_fs = 0;
    std::uint64_t bytes = 0;
    std::uint64_t bursts = 0;  // still to be served
    DramTick finish = 0;       // of those served
  };
  struct Queue {        // before the controllers
    DramTick tick = 0;  // of the last admission
    std::uint32_t admitted = 0;
  };

  DramTick tick_at(Femtoseconds time_fs) const;
  template <typename Visit>
  void for_each_run(const Transfer& transfer, Visit&& visit) const;
  DramTick admit(std::uint32_t channel, const DramRun& run, DramTick arrival);
  void collect(std::uint32_t channel);
  void finish(std::uint32_t slot);
  void find_next_due();

  const HbmConfig config_;
  const DramGeometry geometry_;
  const DramAddressMap map_;
  const Femtoseconds tick_fs_;
  const Femtoseconds way_in_fs_;
  const Femtoseconds way_out_fs_;
  const std::uint32_t burst_shift_;
  const std::uint32_t longest_run_;
  const std::uint32_t admitted_per_tick_;
  std::vector<HbmChannel> channels_;
  std::vector<Queue> queues_;  // one a channel, or one for all
  std::vector<Femtoseconds> due_fs_;
  Femtoseconds next_due_fs_ = kNever;
  std::vector<std::uint32_t> touched_;
  std::vector<std::uint8_t> is_touched_;
  std::vector<Pending> pending_;
  std::vector<std::uint32_t> free_;
  DramTick last_burst_ = 0;
  Counter read_bytes_, write_bytes_, padding_bytes_, runs_;
};

}  // namespace orrery
