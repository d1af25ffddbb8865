// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reference_controller.h"

#include <algorithm>

namespace orrery {
namespace {

void raise(std::int64_t& ready, std::int64_t until) {
  ready = std::max(ready, until);
}

}  // namespace

ReferenceController::ReferenceController(const DramDevice& device, const DramController& controller)
    : device_(device), controller_(controller), per_clock_(device.ticks_per_clock()) {
  const DramGeometry& g = device.geometry;
  length_.fill(1);
  length_[kAct] = per_clock_ == 1 ? 2 : 3;
  length_[kRead] = length_[kWrite] = per_clock_;
  for (std::uint32_t p = 0; p < 2; ++p) {
    stacks_[p].resize(g.stack_ids);
    groups_[p].resize(g.groups());
    banks_[p].resize(g.banks());
  }
  next_refresh_ = Tick{device.timing.refi} * per_clock_;
}

// Ticks from the first tick of one command to that of another, where the standard counts so many
// clocks from last to last.
ReferenceController::Tick ReferenceController::after(Command first,
                                                     Command second,
                                                     std::uint32_t clocks) const {
  return Tick{clocks} * per_clock_ + length_[first] - length_[second];
}

void ReferenceController::push(Request request) {
  request.arrived = now_;
  (request.write ? writes_ : reads_).push_back(request);
}

ReferenceController::Command ReferenceController::next_command(const Request& request) const {
  const Bank& bank = banks_[request.pseudo_channel][request.bank];
  if (bank.open < 0) {
    return kAct;
  }
  return bank.open != request.row ? kPre : request.write ? kWrite : kRead;
}

bool ReferenceController::legal(Command c, std::uint32_t p, std::uint32_t bank) const {
  const DramGeometry& g = device_.geometry;
  const std::uint32_t group = bank / g.banks_per_group;
  const bool rising = per_clock_ == 1 || now_ % 2 == 1;
  return (rising || c == kPre || c == kPreAll) && now_ >= channel_[c] &&
         now_ >= pseudo_channels_[p][c] && now_ >= stacks_[p][group / g.bank_groups][c] &&
         now_ >= groups_[p][group][c] && now_ >= banks_[p][bank].ready[c];
}

bool ReferenceController::legal_for_all(Command c, std::uint32_t p) const {
  for (std::uint32_t bank = 0; bank < banks_[p].size(); ++bank) {
    if (!legal(c, p, bank)) {
      return false;
    }
  }
  return true;
}

void ReferenceController::send(Command c, std::uint32_t p, std::uint32_t b) {
  const DramTiming& t = device_.timing;
  const DramGeometry& g = device_.geometry;
  const std::uint32_t group = b / g.banks_per_group;
  const std::uint32_t write_data = t.cwl + t.bl;
  Ready& pc = pseudo_channels_[p];
  Bank& bank = banks_[p][b];
  const auto bus = [&](std::initializer_list<Command> commands) {
    for (const Command other : commands) {
      raise(channel_[other], now_ + length_[c]);
    }
  };
  const auto columns = [&](std::uint32_t other_stack) {
    for (std::uint32_t stack = 0; stack < g.stack_ids; ++stack) {
      const bool same = stack == group / g.bank_groups;
      raise(stacks_[p][stack][c], now_ + after(c, c, same ? t.ccd_s : other_stack));
    }
    raise(pc[c], now_ + after(c, c, t.bl));
    raise(groups_[p][group][c], now_ + after(c, c, t.ccd_l));
  };
  switch (c) {
    case kAct: {
      bus({kAct, kPre, kPreAll, kRefAll});
      ++activates_;
      last_activates_[p].push_back(now_);
      if (last_activates_[p].size() == 4) {
        raise(pc[kAct], last_activates_[p].front() + after(kAct, kAct, t.faw));
        last_activates_[p].pop_front();
      }
      raise(pc[kAct], now_ + after(c, kAct, t.rrd_s));
      raise(groups_[p][group][kAct], now_ + after(c, kAct, t.rrd_l));
      raise(pc[kPreAll], now_ + after(c, kPreAll, t.ras));
      raise(pc[kRefAll], now_ + after(c, kRefAll, t.rc));
      raise(bank.ready[kAct], now_ + after(c, kAct, t.rc));
      raise(bank.ready[kRead], now_ + after(c, kRead, t.rcd_read));
      raise(bank.ready[kWrite], now_ + after(c, kWrite, t.rcd_write));
      raise(bank.ready[kPre], now_ + after(c, kPre, t.ras));
      break;
    }
    case kPre:
    case kPreAll:
      bus({kAct, kPre, kPreAll, kRefAll});
      for (const Command other : {kPre, kPreAll}) {
        raise(pc[other], now_ + after(c, other, t.ppd));
      }
      raise(pc[kRefAll], now_ + after(c, kRefAll, t.rp));
      if (c == kPre) {
        raise(bank.ready[kAct], now_ + after(c, kAct, t.rp));
      } else {
        raise(pc[kAct], now_ + after(c, kAct, t.rp));
      }
      break;
    case kRead:
      bus({kRead, kWrite});
      columns(t.ccd_r);
      raise(pc[kWrite], now_ + after(c, kWrite, t.rtw));
      raise(pc[kPreAll], now_ + after(c, kPreAll, t.rtp));
      raise(bank.ready[kPre], now_ + after(c, kPre, t.rtp));
      break;
    case kWrite:
      bus({kRead, kWrite});
      columns(t.bl);
      raise(pc[kRead], now_ + after(c, kRead, write_data + t.wtr_s));
      raise(groups_[p][group][kRead], now_ + after(c, kRead, write_data + t.wtr_l));
      raise(pc[kPreAll], now_ + after(c, kPreAll, write_data + t.wr));
      raise(bank.ready[kPre], now_ + after(c, kPre, write_data + t.wr));
      break;
    case kRefAll:
      bus({kAct, kPre, kPreAll, kRefAll});
      raise(pc[kAct], now_ + after(c, kAct, t.rfc));
      break;
    case kCommands:
      break;
  }
}

void ReferenceController::serve(const Request& request) {
  const DramTiming& t = device_.timing;
  done_.push_back({request.id, request.write ? now_ : now_ + Tick{t.cl + t.bl} * per_clock_});
}

void ReferenceController::look_at_mode() {
  const std::size_t writes = writes_.size() * 100;
  const std::size_t size = controller_.write_queue;
  if (!write_mode_) {
    write_mode_ = writes > size * controller_.write_high_percent || reads_.empty();
  } else {
    write_mode_ = writes >= size * controller_.write_low_percent || reads_.empty();
  }
}

bool ReferenceController::blocked_by_hit(const Request& request,
                                         const std::list<Request>& queue) const {
  if (controller_.scheduler != DramScheduler::kRowHitFirst) {
    return false;
  }
  const Bank& bank = banks_[request.pseudo_channel][request.bank];
  return std::any_of(queue.begin(), queue.end(), [&](const Request& other) {
    return other.pseudo_channel == request.pseudo_channel && other.bank == request.bank &&
           other.row == bank.open && other.arrived <= request.arrived;
  });
}

bool ReferenceController::column_slot() {
  auto best = active_.end();
  for (auto it = active_.begin(); it != active_.end(); ++it) {
    if (legal(it->write ? kWrite : kRead, it->pseudo_channel, it->bank) &&
        (best == active_.end() || it->arrived < best->arrived)) {
      best = it;
    }
  }
  if (best != active_.end()) {
    send(best->write ? kWrite : kRead, best->pseudo_channel, best->bank);
    bank_of(*best).active = false;
    serve(*best);
    active_.erase(best);
    return true;
  }
  if (!refreshes_.empty()) {
    return false;
  }
  look_at_mode();
  std::list<Request>& queue = write_mode_ ? writes_ : reads_;
  for (auto it = queue.begin(); it != queue.end(); ++it) {
    const Command command = next_command(*it);
    if ((command == kRead || command == kWrite) && legal(command, it->pseudo_channel, it->bank)) {
      send(command, it->pseudo_channel, it->bank);
      serve(*it);
      queue.erase(it);
      return true;
    }
  }
  return false;
}

void ReferenceController::refresh_slot() {
  const std::uint32_t p = refreshes_.front();
  const auto any = [&](auto&& is) { return std::any_of(banks_[p].begin(), banks_[p].end(), is); };
  if (any([](const Bank& bank) { return bank.open >= 0; })) {
    if (!any([](const Bank& bank) { return bank.active; }) && legal_for_all(kPreAll, p)) {
      send(kPreAll, p, 0);
      for (Bank& bank : banks_[p]) {
        bank.open = -1;
      }
    }
  } else if (legal_for_all(kRefAll, p)) {
    send(kRefAll, p, 0);
    refreshes_.pop_front();
  }
}

void ReferenceController::row_slot() {
  if (!refreshes_.empty()) {
    refresh_slot();
    return;
  }
  look_at_mode();
  std::list<Request>& queue = write_mode_ ? writes_ : reads_;
  for (auto it = queue.begin(); it != queue.end(); ++it) {
    const Command command = next_command(*it);
    Bank& bank = bank_of(*it);
    const bool closes = command == kPre && !bank.active && !blocked_by_hit(*it, queue);
    if ((command != kAct && !closes) || !legal(command, it->pseudo_channel, it->bank)) {
      continue;
    }
    send(command, it->pseudo_channel, it->bank);
    if (command == kPre) {
      bank.open = -1;
    } else {
      bank.open = it->row;
      bank.active = true;
      active_.splice(active_.end(), queue, it);
    }
    return;
  }
}

void ReferenceController::tick() {
  ++now_;
  if (controller_.refresh == RefreshMode::kAllBank && now_ == next_refresh_) {
    next_refresh_ += Tick{device_.timing.refi} * per_clock_;
    for (std::uint32_t p = 0; p < device_.geometry.pseudo_channels; ++p) {
      refreshes_.push_back(p);
    }
  }
  column_slot();
  row_slot();
}

}  // namespace orrery
