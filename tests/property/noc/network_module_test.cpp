// SPDX-License-Identifier: Apache-2.0
#include "noc/network_module.h"

#include <algorithm>
#include <deque>
#include <map>
#include <rapidcheck.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/property/noc/random_network.h"
#include "tests/support/systemc_test.h"
#include "tests/unit/noc/endpoints.h"

namespace orrery {
namespace {

struct Outcome {
  std::map<std::pair<NodeId, std::uint64_t>, Femtoseconds> completed_fs;
  std::vector<std::uint64_t> counters;
  bool operator==(const Outcome&) const = default;
};

// Sends all messages at time 0, in the order given, and lets them be answered.
Outcome run(const RandomNetwork& random,
            const std::vector<RandomMessage>& messages,
            const std::vector<std::size_t>& order) {
  const FreshKernel kernel;
  CounterRegistry counters;
  EchoTarget target("target", {});
  target.delay_fs = 40 * kCycle;
  NetworkModule network("network", random.config, random.layout, counters);
  std::vector<RecordingInitiator> cores(random.layout.cores);
  for (NodeId core = 0; core < random.layout.cores; ++core) {
    network.attach(core, cores[core]);
  }
  std::deque<Transfer> transfers;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    Transfer& transfer =
        transfers.emplace_back(make_transfer(messages[i].core, i, 64, messages[i].access));
    transfer.shares = messages[i].shares;
    transfer.first_receiver = messages[i].core;
    transfer.receiver_count = messages[i].receivers;
  }
  for (const std::size_t i : order) {
    network.entrance(target).send(transfers[i], cores[transfers[i].source], now_fs());
  }
  sc_core::sc_start();

  Outcome outcome;
  std::size_t expected = 0;
  for (const RandomMessage& message : messages) {
    expected += message.receivers;
  }
  for (NodeId core = 0; core < random.layout.cores; ++core) {
    for (const RecordingInitiator::Completion& completion : cores[core].completions) {
      outcome.completed_fs[{core, completion.transfer->sequence}] = completion.time_fs;
    }
  }
  RC_ASSERT(outcome.completed_fs.size() == expected);  // everyone got everything
  std::vector<std::string> waits;
  network.report_waits(waits);
  RC_ASSERT(waits.empty());
  for (const CounterEntry& entry : counters.entries()) {
    outcome.counters.push_back(entry.counter->value());
  }
  return outcome;
}

bool order_does_not_show(RandomNetwork (*network)(), std::size_t count, std::uint64_t most_bytes) {
  return rc::check([=] {
    const RandomNetwork random = network();
    const std::vector<RandomMessage> messages = any_messages(random.layout, count, 16, most_bytes);
    std::vector<std::size_t> order(messages.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
      order[i] = i;
    }
    const Outcome in_order = run(random, messages, order);
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[*rc::gen::inRange<std::size_t>(0, i)]);
    }
    RC_ASSERT(run(random, messages, order) == in_order);
  });
}

TEST(NetworkModuleProperty, TheOrderOfSendsWithinADeltaDoesNotShow) {
  EXPECT_TRUE(order_does_not_show(any_network, 12, 20'000));
}

TEST(NetworkModuleProperty, TheOrderOfSendsWithinADeltaDoesNotShowInTheDetailedTier) {
  EXPECT_TRUE(order_does_not_show(any_detailed_network, 12, 4'000));
}

}  // namespace
}  // namespace orrery
