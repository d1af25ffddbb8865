// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <vector>

#include "mem/dram_device.h"

namespace orrery {

// A DRAM controller that goes tick by tick and looks at every request each time: what the detailed
// HBM tier must do with FR-FCFS or row hits first, open pages and refresh of all banks or none, in
// its plainest form. Slow; written apart from the engine, from the rules alone.
class ReferenceController {
 public:
  using Tick = std::int64_t;
  struct Request {
    std::uint64_t id = 0;
    std::uint32_t pseudo_channel = 0;
    std::uint32_t bank = 0;  // of the pseudo-channel
    std::uint32_t row = 0;
    bool write = false;
    Tick arrived = 0;
  };
  struct Done {
    std::uint64_t id = 0;
    Tick at = 0;
    bool operator==(const Done&) const = default;
    auto operator<=>(const Done&) const = default;
  };

  ReferenceController(const DramDevice& device, const DramController& controller);

  Tick now() const { return now_; }
  std::size_t room(bool write) const {
    return write ? controller_.write_queue - writes_.size()
                 : controller_.read_queue - reads_.size();
  }
  void push(Request request);  // needs room
  void tick();

  const std::vector<Done>& done() const { return done_; }
  bool idle() const { return reads_.empty() && writes_.empty() && active_.empty(); }
  std::uint64_t activates() const { return activates_; }

 private:
  enum Command : std::uint8_t { kAct, kPre, kPreAll, kRead, kWrite, kRefAll, kCommands };
  // Earliest tick of each command, of one node of the hierarchy.
  using Ready = std::array<Tick, kCommands>;
  struct Bank {
    Ready ready{};
    std::int64_t open = -1;
    bool active = false;
  };

  Tick after(Command first, Command second, std::uint32_t clocks) const;
  Command next_command(const Request& request) const;
  bool legal(Command command, std::uint32_t pseudo_channel, std::uint32_t bank) const;
  bool legal_for_all(Command command, std::uint32_t pseudo_channel) const;
  void send(Command command, std::uint32_t pseudo_channel, std::uint32_t bank);
  void serve(const Request& request);
  void look_at_mode();
  bool blocked_by_hit(const Request& request, const std::list<Request>& queue) const;
  bool column_slot();
  void row_slot();
  void refresh_slot();
  Bank& bank_of(const Request& r) { return banks_[r.pseudo_channel][r.bank]; }

  const DramDevice device_;
  const DramController controller_;
  const Tick per_clock_;
  std::array<Tick, kCommands> length_{};
  Tick now_ = 0;
  Tick next_refresh_ = 0;
  bool write_mode_ = false;
  std::list<Request> reads_, writes_, active_;
  std::deque<std::uint32_t> refreshes_;  // pseudo-channels
  Ready channel_{};
  std::array<Ready, 2> pseudo_channels_{};
  std::array<std::vector<Ready>, 2> stacks_;
  std::array<std::vector<Ready>, 2> groups_;
  std::array<std::vector<Bank>, 2> banks_;
  std::array<std::deque<Tick>, 2> last_activates_;
  std::vector<Done> done_;
  std::uint64_t activates_ = 0;
};

}  // namespace orrery
