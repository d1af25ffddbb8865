// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "noc/arrivals.h"
#include "noc/noc_probe.h"
#include "sim/random.h"

namespace orrery {

// Runs a probe over a network with the face of RouterEngine: `send`, `next_tick`, `advance`,
// `deliveries` and the loads of the wires. Traffic, what is measured and when it counts as
// saturated are the same for all of them.
template <typename Network>
class OpenLoop {
 public:
  OpenLoop(const NocProbe& probe, Network& network)
      : probe_(probe),
        nodes_(static_cast<std::uint32_t>(probe.graph->nodes.size())),
        network_(network),
        end_(probe.warm_up_cycles + probe.measured_cycles),
        arrivals_(nodes_, probe.load / mean_flits(), probe.seed),
        created_(nodes_, 0) {}

  NocProbeResult run() {
    const std::clock_t begin = std::clock();
    const Tick limit = end_ + probe_.drain_cycles.value_or(kDrainFactor * probe_.measured_cycles);
    while (now_ < limit && (now_ < end_ || open_ > 0)) {
      // Answers are sent when a request has come out, which is known some cycles ahead.
      const Tick answer = answers_.empty() ? RouterEngine::kNoTick : answers_.top().first;
      const Tick event = std::min(arrivals_.next_tick(), answer);
      const Tick network = network_.next_tick();
      // The next event may lie far ahead: at small loads the next packet does.
      const Tick last = open_ > 0 ? limit : end_;
      if (std::min(network, event) >= last) {
        now_ = last;
        break;
      }
      if (network < event) {
        now_ = network;
        network_.advance(now_);
        collect();
        continue;
      }
      now_ = event;
      if (now_ > 0) {
        network_.advance(now_ - 1);
      }
      send_answers();
      create();
    }
    NocProbeResult result = summary();
    result.cpu_seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    return result;
  }

 private:
  static constexpr std::size_t kMostHistogramCycles = 4'194'304;
  static constexpr Tick kDrainFactor = 8;
  static constexpr std::uint64_t kMeasured = 1, kRead = 2, kWrite = 4;

  double mean_flits() const { return probe_.answered ? probe_.sizes.flits() : probe_.packet_flits; }
  bool measuring(Tick at) const { return at >= probe_.warm_up_cycles && at < end_; }

  void create() {
    while (arrivals_.next_tick() == now_) {
      const std::uint32_t node = arrivals_.take();
      const std::uint64_t draw = created_[node]++ << 20 | node;
      Packet packet;
      packet.source = node;
      packet.destination = probe_.pattern->destination(node, probe_.seed, draw);
      packet.flits = probe_.packet_flits;
      if (probe_.answered) {
        const bool write =
            static_cast<double>(random_bits(probe_.seed + 77, draw) >> 11) * 0x1p-53 <
            probe_.sizes.write_share;
        packet.flits = write ? probe_.sizes.write_request : probe_.sizes.read_request;
        packet.tag = write ? kWrite : kRead;
      }
      send(packet, measuring(now_));
    }
  }

  void send(Packet packet, bool measured) {
    if (measured) {
      packet.tag |= kMeasured;
      ++open_;
    }
    offered_ += measuring(now_) ? packet.flits : 0;
    network_.send(packet, now_);
  }

  void send_answers() {
    while (!answers_.empty() && answers_.top().first == now_) {
      const Packet request = waiting_[answers_.top().second];
      answers_.pop();
      Packet packet;
      packet.source = request.destination;
      packet.destination = request.source;
      packet.flits =
          (request.tag & kWrite) != 0 ? probe_.sizes.write_reply : probe_.sizes.read_reply;
      packet.traffic_class = 1;
      send(packet, (request.tag & kMeasured) != 0);
    }
  }

  void collect() {
    for (const Delivery& delivery : network_.deliveries()) {
      if (measuring(delivery.delivered)) {
        accepted_ += delivery.packet.flits;
      }
      if ((delivery.packet.tag & kMeasured) != 0) {
        --open_;
        const Tick latency = delivery.delivered - delivery.created;
        latency_sum_ += latency;
        max_latency_ = std::max(max_latency_, latency);
        count(latency);
        hops_ += delivery.hops;
        ++packets_;
      }
      if (probe_.answered && delivery.packet.traffic_class == 0) {
        answers_.push({delivery.delivered, waiting_.size()});
        waiting_.push_back(delivery.packet);
      }
    }
    network_.deliveries().clear();
  }

  void count(Tick latency) {
    const std::size_t bin = std::min<std::size_t>(latency, kMostHistogramCycles - 1);
    if (bin >= histogram_.size()) {
      histogram_.resize(bin + 1, 0);
    }
    ++histogram_[bin];
  }

  double quantile(double share) const {
    const double goal = share * static_cast<double>(packets_);
    double seen = 0;
    for (std::size_t latency = 0; latency < histogram_.size(); ++latency) {
      seen += histogram_[latency];
      if (seen >= goal) {
        return static_cast<double>(latency);
      }
    }
    return static_cast<double>(max_latency_);
  }

  NocProbeResult summary() const {
    NocProbeResult result;
    const double node_cycles =
        static_cast<double>(nodes_) * static_cast<double>(probe_.measured_cycles);
    result.offered = static_cast<double>(offered_) / node_cycles;
    result.accepted = static_cast<double>(accepted_) / node_cycles;
    result.packets = packets_;
    if (packets_ > 0) {
      const auto count = static_cast<double>(packets_);
      result.mean_latency = static_cast<double>(latency_sum_) / count;
      result.mean_hops = static_cast<double>(hops_) / count;
      result.p50_latency = quantile(0.5);
      result.p99_latency = quantile(0.99);
      result.max_latency = static_cast<double>(max_latency_);
    }
    // What is under way when measuring ends is not lost: about a packet a node.
    const double under_way = static_cast<double>(nodes_) * mean_flits();
    result.saturated = open_ > 0 || static_cast<double>(accepted_) + under_way <
                                        0.95 * static_cast<double>(offered_);
    result.flit_hops = network_.flit_hops();
    result.cycles = now_;
    result.links = network_.link_loads();
    result.node_in = network_.node_in_loads();
    result.node_out = network_.node_out_loads();
    result.mean_occupancy = network_.mean_occupancy();
    result.latency_histogram = histogram_;
    return result;
  }

  const NocProbe& probe_;
  std::uint32_t nodes_;
  Network& network_;
  Tick end_;
  Arrivals arrivals_;
  std::vector<std::uint64_t> created_;  // packets, by node
  std::vector<std::uint32_t> histogram_;
  std::vector<Packet> waiting_;  // requests that have come out
  using Answer = std::pair<Tick, std::size_t>;
  std::priority_queue<Answer, std::vector<Answer>, std::greater<>> answers_;

  Tick now_ = 0;
  std::uint64_t open_ = 0;  // measured packets under way
  std::uint64_t offered_ = 0, accepted_ = 0, latency_sum_ = 0, hops_ = 0, packets_ = 0;
  Tick max_latency_ = 0;
};

}  // namespace orrery
