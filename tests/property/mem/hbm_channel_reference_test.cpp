// SPDX-License-Identifier: Apache-2.0
// The event-driven HBM channel does, tick for tick, what a controller does that looks at every
// request in every tick.
#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mem/hbm_channel.h"
#include "sim/random.h"
#include "tests/support/reference_controller.h"

namespace orrery {
namespace {

using Done = ReferenceController::Done;

// Draws from one seed.
class Draw {
 public:
  explicit Draw(std::uint64_t seed) : seed_(seed) {}
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(random_below(seed_, next_++, bound));
  }
  std::uint32_t between(std::uint32_t least, std::uint32_t most) {
    return least + below(most - least + 1);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
};

DramDevice random_device(Draw& draw) {
  DramDevice device;
  device.standard =
      std::vector{DramStandard::kHbm2, DramStandard::kHbm3, DramStandard::kHbm4}.at(draw.below(3));
  device.clock_fs = 625'000;
  DramGeometry& g = device.geometry;
  g.pseudo_channels = draw.between(1, 2);
  g.stack_ids = draw.between(1, 4);
  g.bank_groups = 1U << draw.below(3);
  g.banks_per_group = 1U << draw.below(3);
  g.rows = 1U << draw.between(1, 14);
  DramTiming& t = device.timing;
  t.bl = draw.between(1, 3);
  t.cl = draw.between(8, 40);
  t.cwl = draw.between(3, 20);
  t.rcd_read = draw.between(4, 50);
  t.rcd_write = draw.between(4, 50);
  t.rp = draw.between(4, 50);
  t.ras = draw.between(8, 80);
  t.rc = t.ras + t.rp + draw.below(10);
  t.wr = draw.between(2, 50);
  t.rtp = draw.between(1, 20);
  t.ccd_s = draw.between(1, 4);
  t.ccd_l = t.ccd_s + draw.below(5);
  t.ccd_r = draw.between(1, 6);
  t.rrd_s = draw.between(2, 8);
  t.rrd_l = t.rrd_s + draw.below(5);
  t.faw = t.rrd_s + draw.between(1, 40);
  t.wtr_s = draw.between(1, 12);
  t.wtr_l = t.wtr_s + draw.below(8);
  t.rtw = draw.between(2, 30);
  t.ppd = draw.below(4);
  t.rfc = draw.between(50, 600);
  t.rfc_pb = t.rfc;
  t.refi = 2 * t.rfc + draw.between(100, 5000);
  t.rrefd = 8;
  return device;
}

struct Traffic {
  std::vector<DramRun> runs;
  std::vector<DramTick> not_before;
};

// Few rows and banks or many, streams or not, reads or writes or both, in bursts or paced.
Traffic random_traffic(Draw& draw, const DramGeometry& g, std::uint32_t longest_run) {
  Traffic traffic;
  const std::uint32_t banks = std::min(g.banks(), draw.between(1, 64));
  const std::uint32_t rows = std::min(g.rows, std::vector{1U, 2U, 4U, 64U, 16384U}[draw.below(5)]);
  const std::uint32_t writes_percent = std::vector{0U, 100U, 10U, 33U, 50U}[draw.below(5)];
  const std::uint32_t gap = draw.below(2) == 0 ? 0 : draw.below(30);
  DramTick at = 0;
  const std::uint32_t count = 3000;
  for (std::uint32_t i = 0; i < count; ++i) {
    DramRun run;
    const bool again = i > 0 && draw.below(3) == 0;  // the same row once more
    run.pseudo_channel = static_cast<std::uint8_t>(again ? traffic.runs.back().pseudo_channel
                                                         : draw.below(g.pseudo_channels));
    run.bank = static_cast<std::uint8_t>(again ? traffic.runs.back().bank : draw.below(banks));
    run.row = again ? traffic.runs.back().row : draw.below(rows);
    run.bursts = static_cast<std::uint16_t>(draw.between(1, longest_run));
    run.access = draw.below(100) < writes_percent ? Access::kWrite : Access::kRead;
    run.tag = i;
    traffic.runs.push_back(run);
    at += gap == 0 ? 0 : draw.below(2 * gap);
    traffic.not_before.push_back(at);
  }
  return traffic;
}

// Last burst of each run.
std::vector<Done> by_reference(const DramDevice& device,
                               const DramController& controller,
                               const Traffic& traffic,
                               std::uint64_t& activates) {
  ReferenceController reference(device, controller);
  std::map<std::uint64_t, Done> last;
  std::size_t next = 0;
  std::size_t seen = 0;
  while (next < traffic.runs.size() || !reference.idle()) {
    while (next < traffic.runs.size() && traffic.not_before[next] <= reference.now()) {
      const DramRun& run = traffic.runs[next];
      const bool write = run.access == Access::kWrite;
      if (reference.room(write) < run.bursts) {
        break;  // all bursts of a run come together
      }
      for (std::uint32_t burst = 0; burst < run.bursts; ++burst) {
        reference.push({run.tag, run.pseudo_channel, run.bank, run.row, write, 0});
      }
      ++next;
    }
    reference.tick();
    for (; seen < reference.done().size(); ++seen) {
      const Done& done = reference.done()[seen];
      last[done.id] = {done.id, std::max(done.at, last[done.id].at)};
    }
  }
  activates = reference.activates();
  std::vector<Done> all;
  for (const auto& [id, done] : last) {
    all.push_back(done);
  }
  return all;
}

std::vector<Done> by_engine(const DramDevice& device,
                            const DramController& controller,
                            const Traffic& traffic,
                            std::uint64_t& activates) {
  HbmChannel channel(device, controller);
  std::map<std::uint64_t, Done> last;
  DramTick now = 0;
  for (std::size_t i = 0; i < traffic.runs.size(); ++i) {
    const DramRun& run = traffic.runs[i];
    now = std::max(now, traffic.not_before[i]);
    channel.advance(now);
    if (!channel.has_room(run.access, run.bursts)) {
      channel.advance(HbmChannel::kNeverTick - 1, run.access, run.bursts);
      now = channel.now();
    }
    channel.push(run, now);
  }
  while (channel.waiting() > 0) {
    channel.advance(channel.next_event());
  }
  for (const DramServed& served : channel.served()) {
    last[served.tag] = {served.tag, std::max(served.at, last[served.tag].at)};
  }
  activates = channel.counters().activates.value();
  std::vector<Done> all;
  for (const auto& [id, done] : last) {
    all.push_back(done);
  }
  return all;
}

class ChannelAgainstReference : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(ChannelAgainstReference, ServesEveryRunInTheSameTick) {
  for (std::uint64_t i = 0; i < 6; ++i) {
    const std::uint64_t seed = GetParam() * 100 + i;
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Draw draw(seed);
    const DramDevice device = random_device(draw);
    DramController controller;
    controller.read_queue = draw.between(1, 80);
    controller.write_queue = draw.between(1, 80);
    controller.write_low_percent = draw.between(1, 40);
    controller.write_high_percent = draw.between(50, 100);
    controller.scheduler =
        draw.below(3) == 0 ? DramScheduler::kRowHitFirst : DramScheduler::kFrFcfs;
    controller.refresh = draw.below(3) == 0 ? RefreshMode::kNone : RefreshMode::kAllBank;
    const std::uint32_t longest =
        draw.below(2) == 0
            ? 1
            : std::min({controller.read_queue, controller.write_queue, draw.between(2, 16)});
    controller.longest_run = longest;
    const Traffic traffic = random_traffic(draw, device.geometry, longest);
    std::uint64_t reference_activates = 0;
    std::uint64_t engine_activates = 0;
    const auto reference = by_reference(device, controller, traffic, reference_activates);
    const auto engine = by_engine(device, controller, traffic, engine_activates);
    ASSERT_EQ(reference.size(), engine.size());
    const auto [a, b] = std::mismatch(reference.begin(), reference.end(), engine.begin());
    ASSERT_TRUE(a == reference.end())
        << "run " << a->id << ": tick " << a->at << " by the reference, " << b->at;
    EXPECT_EQ(reference_activates, engine_activates);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ChannelAgainstReference, ::testing::Range<std::uint64_t>(0, 20));

}  // namespace
}  // namespace orrery
