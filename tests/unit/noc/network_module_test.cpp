// SPDX-License-Identifier: Apache-2.0
#include "noc/network_module.h"

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/systemc_test.h"
#include "tests/unit/noc/endpoints.h"
#include "tests/unit/noc/networks.h"

namespace orrery {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// Four cores on a crossbar with two shared nodes, each holding half of every transfer.
class NetworkModuleTest : public SystemCTest {
 protected:
  NetworkModuleTest() {
    for (NodeId core = 0; core < 4; ++core) {
      network_.attach(core, cores_[core]);
    }
  }
  void send(Transfer& transfer) {
    network_.entrance(target_).send(transfer, cores_[transfer.source], now_fs());
  }

  CounterRegistry counters_;
  std::array<RecordingInitiator, 4> cores_;
  EchoTarget target_{"target", {{4, 50}, {5, 50}}};
  NetworkModule network_{"network", crossbar_config(),
                         NodeLayout{.cores = 4, .shared_nodes = 2, .memory_nodes = 0}, counters_};
};

constexpr Femtoseconds kRequest = 20 * kCycle + kCycle / 2;  // a header to either node
constexpr Femtoseconds kResponse = (20 + 64) * kCycle;       // two halves of 2048 B with headers

TEST_F(NetworkModuleTest, AReadIsCarriedThereAndBack) {
  Transfer transfer = make_transfer(2, 7, 4096 - 64);
  target_.delay_fs = 100 * kCycle;
  send(transfer);
  sc_core::sc_start();
  ASSERT_THAT(target_.arrivals, SizeIs(1));
  EXPECT_EQ(target_.arrivals[0].time_fs, kRequest);
  ASSERT_THAT(cores_[2].completions, SizeIs(1));
  EXPECT_EQ(cores_[2].completions[0].time_fs, kRequest + 100 * kCycle + kResponse);
  EXPECT_EQ(transfer.receivers_left, 1U);
  EXPECT_TRUE(transfer.shares.empty());
  EXPECT_EQ(counters_.value("network.messages"), 2U);
  EXPECT_EQ(counters_.value("network.delivered_bytes"), 4096U - 64U);
  EXPECT_EQ(counters_.value("network.queueing"), 0U);
}

TEST_F(NetworkModuleTest, AWriteCarriesItsDataThereAndIsAcknowledgedToItsSource) {
  Transfer transfer = make_transfer(1, 0, 4096 - 32, Access::kWrite);
  transfer.first_receiver = 2;
  transfer.receiver_count = 2;
  send(transfer);
  sc_core::sc_start();
  EXPECT_EQ(target_.arrivals.at(0).time_fs, (20 + 64) * kCycle);
  EXPECT_EQ(cores_[1].completions.at(0).time_fs, (20 + 64 + 20 + 1) * kCycle);
  EXPECT_THAT(cores_[2].completions, SizeIs(0));
  EXPECT_EQ(transfer.receivers_left, 1U);
}

TEST_F(NetworkModuleTest, EveryReceiverOfAMulticastTakesDeliveryAtOneTime) {
  Transfer transfer = make_transfer(2, 0, 4096 - 64);
  transfer.first_receiver = 1;
  transfer.receiver_count = 3;
  send(transfer);
  sc_core::sc_start();
  for (NodeId core = 1; core < 4; ++core) {
    ASSERT_THAT(cores_[core].completions, SizeIs(1));
    EXPECT_EQ(cores_[core].completions[0].time_fs, kRequest + kResponse);
  }
  EXPECT_THAT(cores_[0].completions, SizeIs(0));
  EXPECT_EQ(transfer.receivers_left, 3U);
  EXPECT_EQ(counters_.value("network.delivered_bytes"), 3U * (4096U - 64U));
}

TEST_F(NetworkModuleTest, ReceiversMayLieApart) {
  Transfer transfer = make_transfer(0, 0, 4096 - 64);
  transfer.first_receiver = 0;
  transfer.receiver_count = 2;
  transfer.receiver_step = 2;
  send(transfer);
  sc_core::sc_start();
  for (NodeId core = 0; core < 4; ++core) {
    EXPECT_THAT(cores_[core].completions, SizeIs(core % 2 == 0 ? 1 : 0)) << core;
  }
  EXPECT_EQ(transfer.receivers_left, 2U);
  EXPECT_EQ(counters_.value("network.delivered_bytes"), 2U * (4096U - 64U));
}

TEST_F(NetworkModuleTest, TimeIsMarkedAsCreditThenNetwork) {
  Transfer transfer = make_transfer(0, 0, 4096 - 64);
  sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_NS));
  send(transfer);
  sc_core::sc_start();
  ASSERT_EQ(transfer.segment_count, 2U);  // the target adds none
  EXPECT_EQ(transfer.segments[0].stage, Stage::kCredit);
  EXPECT_EQ(transfer.segments[0].end_fs, 10 * kCycle);
  EXPECT_EQ(transfer.segments[1].stage, Stage::kNetwork);
  EXPECT_EQ(transfer.segments[1].end_fs, 10 * kCycle + kRequest + kResponse);
}

TEST_F(NetworkModuleTest, DataIsOnTheTimelineWhileItIsUnderWay) {
  Timeline timeline(1 << 12);
  network_.set_timeline(&timeline);
  Transfer transfer = make_transfer(0, 0, 4096 - 64);
  send(transfer);
  sc_core::sc_start();
  network_.set_timeline(nullptr);
  EXPECT_EQ(timeline.sum(), network_.counters().delivered_bytes.value());
  EXPECT_EQ(timeline.sum(), 4096U - 64U);
  std::uint64_t before = 0;  // the request carries none
  for (Femtoseconds at_fs = 0; at_fs + timeline.bin_fs() <= kRequest; at_fs += timeline.bin_fs()) {
    before += timeline.bins()[at_fs / timeline.bin_fs()];
  }
  EXPECT_EQ(before, 0U);
}

TEST_F(NetworkModuleTest, AWatcherIsCalledWhenItAskedFor) {
  std::vector<Femtoseconds> calls;
  network_.watch(kRequest, [&](Femtoseconds now) {
    calls.push_back(now);
    return kNever;
  });
  Transfer transfer = make_transfer(0, 0, 4096 - 64);
  send(transfer);
  sc_core::sc_start();
  ASSERT_EQ(calls.size(), 1U);
  EXPECT_GE(calls[0], kRequest);
}

TEST_F(NetworkModuleTest, SharesThatTheInitiatorFilledInAreKept) {
  Transfer transfer = make_transfer(0, 0, 4096 - 32);
  transfer.shares = {{5, 4096 - 32}};
  send(transfer);
  sc_core::sc_start();
  EXPECT_EQ(cores_[0].completions.at(0).time_fs, kRequest + kResponse);
  for (const LinkLoad& load : network_.link_loads()) {
    EXPECT_TRUE(load.name != "shared node 0 out" || load.response_bytes == 0);
  }
}

TEST_F(NetworkModuleTest, SendsOfOneDeltaAreCarriedInPortOrder) {
  std::array<Transfer, 4> transfers;
  for (const NodeId core : {3, 0, 2, 1}) {
    transfers[core] = make_transfer(core, 0, 1 << 16, Access::kWrite);
    transfers[core].shares = {{4, 1 << 16}};
    send(transfers[core]);
  }
  sc_core::sc_start();
  std::vector<const Transfer*> order;
  for (const auto& arrival : target_.arrivals) {
    order.push_back(arrival.transfer);
  }
  EXPECT_THAT(order, ElementsAre(&transfers[0], &transfers[1], &transfers[2], &transfers[3]));
}

TEST_F(NetworkModuleTest, AFarSideHasOneEntranceThatSpreadsLikeIt) {
  TransferTarget& entrance = network_.entrance(target_);
  EchoTarget other("other", {{4, 100}});
  EXPECT_EQ(&entrance, &network_.entrance(target_));
  EXPECT_NE(&entrance, &network_.entrance(other));
  EXPECT_EQ(&entrance, &network_.entrance(target_));
  Transfer transfer = make_transfer(0, 0, 200);
  entrance.spread(transfer);
  ASSERT_THAT(transfer.shares, SizeIs(2));
  EXPECT_EQ(transfer.shares[1].node, 5U);
  EXPECT_EQ(transfer.shares[1].bytes, 100U);
}

TEST_F(NetworkModuleTest, TransfersWithoutAnAnswerAreReported) {
  target_.silent = true;
  Transfer first = make_transfer(3, 8, 512);
  Transfer second = make_transfer(3, 9, 256, Access::kWrite);
  send(second);
  send(first);
  sc_core::sc_start();
  std::vector<std::string> lines;
  network_.report_waits(lines);
  EXPECT_THAT(lines, ElementsAre("network: read 8 of core 3 (512 bytes) waits for target",
                                 "network: write 9 of core 3 (256 bytes) waits for target"));
}

TEST_F(NetworkModuleTest, ResetIsRefusedWhileTransfersAreOnTheirWay) {
  Transfer transfer = make_transfer(0, 1, 1 << 20);
  send(transfer);
  EXPECT_THROW(network_.reset(), std::logic_error);
  sc_core::sc_start(sc_core::sc_time(1, sc_core::SC_NS));
  EXPECT_THROW(network_.reset(), std::logic_error);
  sc_core::sc_start();
  network_.reset();
  cores_[0].completions.clear();

  Transfer next = make_transfer(0, 2, 4096 - 64);
  const Femtoseconds start = now_fs();
  send(next);
  sc_core::sc_start();
  EXPECT_EQ(cores_[0].completions.at(0).time_fs, start + kRequest + kResponse);
}

TEST_F(NetworkModuleTest, FaultsOfTheWiringAreThrownAtTheSender) {
  Transfer from_shared = make_transfer(4, 0, 64);
  EXPECT_THROW(send(from_shared), std::logic_error);
  Transfer outside = make_transfer(0, 0, 64);
  outside.first_receiver = 5;
  outside.receiver_count = 2;
  EXPECT_THROW(send(outside), std::out_of_range);
  outside.first_receiver = ~0U;
  EXPECT_THROW(send(outside), std::out_of_range);
  EXPECT_THROW(network_.attach(6, cores_[0]), std::out_of_range);
  EXPECT_THROW(network_.attach(0, cores_[1]), std::logic_error);
}

TEST(IdealNetworkModuleTest, TakesNoTime) {
  const FreshKernel kernel;
  CounterRegistry counters;
  RecordingInitiator core;
  EchoTarget target("target", {{1, 100}});
  NetworkConfig config;
  config.topology = TopologyKind::kIdeal;
  NetworkModule network("network", config, {.cores = 1, .shared_nodes = 0, .memory_nodes = 1},
                        counters);
  network.attach(0, core);
  Transfer transfer = make_transfer(0, 0, 1 << 20);
  target.delay_fs = 5 * kCycle;
  network.entrance(target).send(transfer, core, now_fs());
  sc_core::sc_start();
  EXPECT_EQ(target.arrivals.at(0).time_fs, 0U);
  EXPECT_EQ(core.completions.at(0).time_fs, 5 * kCycle);
}

// Fourteen equal times in the heap of arrivals: their order is that of (source, sequence).
TEST(IdealNetworkModuleTest, ArrivalsOfOneTimeAreHandedOnInPortOrder) {
  const FreshKernel kernel;
  CounterRegistry counters;
  EchoTarget target("target", {{7, 100}});
  NetworkConfig config;
  config.topology = TopologyKind::kIdeal;
  NetworkModule network("network", config, {.cores = 7, .shared_nodes = 0, .memory_nodes = 1},
                        counters);
  std::array<RecordingInitiator, 7> cores;
  std::array<Transfer, 14> transfers;
  for (std::uint32_t i = 0; i < 14; ++i) {
    transfers[i] = make_transfer(i / 2, i % 2, 64);
  }
  for (NodeId core = 0; core < 7; ++core) {
    network.attach(core, cores[core]);
  }
  for (std::uint32_t i = 0; i < 14; ++i) {
    network.entrance(target).send(transfers[(i * 5 + 3) % 14], cores[0], now_fs());
  }
  sc_core::sc_start();
  ASSERT_THAT(target.arrivals, SizeIs(14));
  for (std::uint32_t i = 0; i < 14; ++i) {
    EXPECT_EQ(target.arrivals[i].transfer, &transfers[i]) << i;
  }
}

}  // namespace
}  // namespace orrery
