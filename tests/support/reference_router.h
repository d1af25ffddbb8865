// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "noc/network_graph.h"
#include "noc/route_tables.h"
#include "noc/router_config.h"
#include "noc/router_engine.h"

namespace orrery {

// Input-queued routers with virtual channels, cycle by cycle and flit by flit: what RouterEngine
// must do when its grants reach one flit, in the plainest form. It looks at every port of every
// router in every cycle, is slow, and was written apart from the engine, from these rules.
//
// A cycle: flits and credits that are due come in; every router allocates virtual channels and then
// the switch, both on the state before; then every source sends a flit if it can.
//
// A head that is at the front of its virtual channel asks for a virtual channel of its output
// `routing_cycles` later; granted one, for the switch `vc_alloc_cycles` later. Body flits ask when
// they are there, but one virtual channel not sooner than `switch_alloc_cycles` after its last
// grant: only then is the granted flit gone. A granted tail gives its virtual channels, that in
// which it was and that which it has taken, to the next packets after the same time.
//
// A flit granted at t is at the next router at t + switch_alloc + traversal + latency, where the
// latency to a node is its `receive_cycles`; its credit is back at the router before at
// t + switch_alloc + credit_link + credit, where a link may have its own `credit_cycles` of wire. A
// node that sends uses credits as they come (without `credit`), and their wire is not shorter than
// its `send_cycles`; what it sends at t is at its router at t + 1 + send_cycles. A node that
// receives takes a flit in one cycle and sends its credit then.
//
// A link or node of several lanes has so many wires and ports side by side. The n-th packet of a
// node takes the lanes of number n, modulo those that there are, all the way.
//
// Both allocators are iSLIP: see `allocate_vcs` and `allocate_switch`. Every wire carries one flit
// a cycle: widths of the graph are not looked at.
class ReferenceRouters {
 public:
  ReferenceRouters(const NetworkGraph& graph,
                   const RouteTables& routes,
                   const RouterConfig& config);

  Tick now() const { return now_; }
  void send(const Packet& packet);  // created now
  void tick();                      // this cycle; then `now` is the next
  bool idle() const { return undelivered_ == 0; }

  const std::vector<Delivery>& deliveries() const { return deliveries_; }
  const std::vector<WireLoad>& link_loads() const { return link_loads_; }
  const std::vector<WireLoad>& node_in_loads() const { return node_in_loads_; }
  const std::vector<WireLoad>& node_out_loads() const { return node_out_loads_; }
  // Flits in the buffers behind each link, summed over all cycles: by link, virtual channel.
  const std::vector<std::uint64_t>& buffered_flit_cycles() const { return buffered_flit_cycles_; }

 private:
  struct Step {  // of a packet's route, at one router
    std::uint32_t output = 0;
    std::vector<bool> vcs;  // which of the output's it may take
  };
  struct PacketState {
    Packet packet;
    Tick created = 0;
    std::vector<Step> route;
  };
  struct Flit {
    std::uint64_t packet = 0;
    std::uint32_t index = 0;  // in the packet
    std::uint32_t step = 0;   // of the packet's route
  };

  // The credits that the sender of a wire has, and which packets hold virtual channels there.
  struct SendingVc {
    std::uint32_t credits = 0;
    bool taken = false;
    Tick free_from = 0;
    std::uint32_t request_pointer = 0;  // over input virtual channels of the router
  };
  struct InputVc {
    enum class Stage { kEmpty, kWaitsForVc, kHasVc };

    std::deque<Flit> flits;
    Stage stage = Stage::kEmpty;
    Tick empty_from = 0;  // when the tail before is gone
    Tick asks_from = 0;   // for a virtual channel, then for the switch
    std::uint32_t out_vc = 0;
    std::uint32_t accept_pointer = 0;  // over virtual channels of all outputs
  };
  struct InputPort {
    std::vector<InputVc> vcs;
    std::vector<SendingVc>* upstream = nullptr;
    Tick credit_cycles = 0;
    std::uint32_t accept_pointer = 0;  // over outputs
    std::uint32_t vc_pointer = 0;
    std::uint32_t link = kNone;
  };
  struct OutputPort {
    std::vector<SendingVc> vcs;
    std::uint32_t grant_pointer = 0;  // over input ports
    Tick arrival_cycles = 0;
    std::uint32_t router = kNone, port = kNone;  // at the far end; kNone: a node
    WireLoad* load = nullptr;
  };
  struct Router {
    std::vector<InputPort> inputs;
    std::vector<OutputPort> outputs;
  };
  struct Queue {
    std::deque<std::uint64_t> packets;
    bool open = false;  // the packet in front is being sent
    bool has_vc = false;
    std::uint32_t vc = 0;       // of the port
    std::uint32_t last_vc = 0;  // of the traffic class
    std::uint32_t sent = 0;     // flits
  };
  struct Source {
    std::uint32_t router = 0, port = 0;
    std::vector<SendingVc> vcs;
    std::vector<Queue> queues;  // by traffic class
    std::uint32_t next_queue = 0;
  };
  struct Arrival {
    std::uint32_t router, port, vc;
    Flit flit;
  };

  static constexpr std::uint32_t kNone = 0xffffffff;

  std::vector<Step> route_of(const Packet& packet, std::uint64_t number) const;
  const Step& step_of(const InputVc& in) const;
  bool is_tail(const Flit& flit) const;
  bool is_free(const SendingVc& vc) const { return !vc.taken && vc.free_from <= now_; }

  void take_in();
  static bool has_flits(const Router& router);
  void look_at_heads(Router& router);
  void allocate_vcs(Router& router);
  void allocate_switch(Router& router);
  void transmit(InputPort& port, std::uint32_t vc, OutputPort& output);
  void open_packets(Source& source) const;
  bool send_flit(Source& source, std::uint32_t node, Queue& queue);
  void count_waiting(Router& router);

  const NetworkGraph& graph_;
  const RouteTables& routes_;
  const RouterConfig config_;
  const std::uint32_t vcs_;  // of a port
  std::vector<Router> routers_;
  std::vector<std::vector<Source>> sources_;                    // by node, lane
  std::vector<std::uint64_t> packets_of_node_;                  // sent so far
  std::vector<std::uint32_t> output_of_link_, output_of_node_;  // the first lane's
  std::vector<PacketState> packets_;
  std::multimap<Tick, Arrival> arrivals_;
  std::multimap<Tick, SendingVc*> credits_;
  Tick now_ = 0;
  std::uint64_t undelivered_ = 0;
  std::vector<Delivery> deliveries_;
  std::vector<WireLoad> link_loads_, node_in_loads_, node_out_loads_;
  std::vector<std::uint64_t> buffered_flit_cycles_;
};

}  // namespace orrery
