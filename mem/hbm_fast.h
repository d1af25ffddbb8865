// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "mem/address_map.h"
#include "mem/hbm_config.h"
#include "mem/hbm_engine.h"
#include "sim/counters.h"
#include "sim/transfer.h"

namespace orrery {

// All HBM channels of a chip, fast tier: next-free-time arithmetic per channel, one booking a
// transfer and channel, made when the transfer arrives.
//
// A transfer is cut into runs, the consecutive bytes of one interleave unit. A run to a row that
// its bank has not open is an activate, unless an earlier run to that row still waits for the
// channel: a controller serves both while the row is open. A bank remembers its latest rows for
// that. On each channel the transfer takes
//   max(burst bytes / (peak * (1 - refresh busy / interval)), activates * activate interval),
// with an interval of their own for reads (writes are sorted by bank while they gather), and writes
// moreover their part of the bus turnarounds while reads are about: one turnaround for every
// `write_batch_bytes`. Each bank takes an activate once in a row cycle; a channel does not wait for
// a busy bank (a controller reorders around it), the transfer's own data does.
//
// A read ends when its last channel and bank have served it, plus array and front-end latency. A
// write ends when every channel's backlog has shrunk to one write batch, plus half of the front
// end; it uses bandwidth like a read.
//
// Left out: reordering between transfers, closing of rows by refresh, the latency of refresh.
class HbmFast : public HbmEngine {
 public:
  // Throws std::invalid_argument when the address map refuses the geometry.
  explicit HbmFast(const HbmConfig& config);

  // Books the transfer's blocks and returns when it is complete.
  Femtoseconds accept(const Transfer& transfer, Femtoseconds now_fs);
  void accept(const Request& request, Femtoseconds now_fs) override {
    completions_.push_back({request, accept(*request.transfer, now_fs)});
  }
  Femtoseconds next_event() const override { return kNever; }
  void advance(Femtoseconds /*now_fs*/) override {}
  void add_node_bytes(const Transfer& transfer,
                      std::vector<std::uint64_t>& node_bytes) const override;
  std::uint64_t read_bytes() const override { return count_.read_bytes.value(); }
  std::uint64_t write_bytes() const override { return count_.write_bytes.value(); }
  void reset() override;

  const AddressMap& map() const { return map_; }
  std::uint64_t channel_bytes(std::uint32_t channel) const {
    return channel_bytes_[channel].value();
  }
  std::uint64_t imbalance_permille() const override;
  void register_counters(CounterRegistry& registry, const std::string& path) override;

  struct Counters {
    Counter read_bytes, write_bytes, padding_bytes, runs, activates, busy_fs, turnaround_fs,
        queue_fs;
  };
  const Counters& counters() const { return count_; }

 private:
  static constexpr std::uint32_t kClosed = ~std::uint32_t{0};
  // Assumed: controllers of 128 bursts over 16 to 64 banks hold a few rows of each at most.
  static constexpr std::uint32_t kRowsRemembered = 4;

  struct Channel {
    Femtoseconds next_free_fs = 0;
    Femtoseconds reads_until_fs = 0;  // reads are about until then
    std::uint64_t bytes = 0;          // of the transfer being booked
    std::uint64_t activates = 0;
  };
  // One line of the host's cache: which bank a run touches is as good as random. Rows of a channel
  // are told apart up to 4 TiB of it.
  struct alignas(64) Bank {
    std::array<std::uint32_t, kRowsRemembered> rows{kClosed, kClosed, kClosed, kClosed};
    std::uint32_t open = 0;                                      // the latest of them
    std::array<Femtoseconds, kRowsRemembered> waits_until_fs{};  // of the latest run to each
    Femtoseconds next_activate_fs = 0;

    // Whether a run at `now_fs` has to open its row.
    bool opens(std::uint32_t row, Femtoseconds now_fs, Femtoseconds will_wait_until_fs);
  };

  void touch_block(const Block& block, Femtoseconds now_fs);
  void touch_stretch(std::uint64_t address, std::uint64_t bytes, Femtoseconds now_fs);
  void touch_run(const AddressMap::Place& place, std::uint64_t bytes, Femtoseconds now_fs);
  Femtoseconds book(std::uint32_t channel, Access access, Femtoseconds now_fs);

  const HbmConfig config_;
  AddressMap map_;
  // Fixed-point fs a byte, 16 fractional bits: rounded once, here.
  std::uint64_t fs_per_byte_ = 0;
  std::uint64_t turnaround_fs_per_byte_ = 0;
  Femtoseconds write_batch_fs_ = 0;

  std::vector<Channel> channels_;
  std::vector<Bank> banks_;
  std::vector<std::uint32_t> touched_;   // channels of the transfer being booked
  Femtoseconds last_activate_fs_ = 0;    // of the transfer being booked
  Femtoseconds write_accepted_fs_ = 0;   // of the transfer being booked
  std::uint64_t burst_bytes_moved_ = 0;  // of the transfer being booked
  std::vector<Counter> channel_bytes_;
  Counters count_;
};

}  // namespace orrery
