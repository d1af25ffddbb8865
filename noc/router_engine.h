// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "noc/input_mask.h"
#include "noc/network_graph.h"
#include "noc/route_tables.h"
#include "noc/router_config.h"

namespace orrery {

using Tick = std::uint64_t;  // a cycle of the network's clock

// What a node asks the network to carry.
struct Packet {
  std::uint32_t source = 0, destination = 0;  // nodes of the graph
  std::uint32_t flits = 1;
  std::uint32_t traffic_class = 0;
  std::uint64_t tag = 0;  // the caller's, returned untouched
};

struct Delivery {
  Packet packet;
  Tick created = 0;        // when it was given to its source
  Tick delivered = 0;      // its last flit is out; may lie ahead of the engine's time
  std::uint32_t hops = 0;  // routers passed
  std::uint32_t vc = 0;    // of the traffic class, on the last wire
};

// What a wire carried: a link between routers, or a node's port.
struct WireLoad {
  std::uint64_t flits = 0;
  // Time during which a packet had a virtual channel of this wire, flits to send and no credit,
  // summed over packets.
  std::uint64_t credit_stall_cycles = 0;
};

// Input-queued routers with virtual channels and credits, as in Dally and Towles, "Principles and
// Practices of Interconnection Networks" (2004), chapters 16 to 19: a head is routed, gets a
// virtual channel of its output (VC allocation), then each flit gets the switch (switch
// allocation), crosses it and travels the link. Both allocators are separable: outputs pick among
// inputs, then inputs among the outputs that picked them, round-robin, in one or more passes
// (iSLIP, McKeown 1999).
//
// Time moves from event to event in one wheel of cycles; what has nothing to do is not visited.
// Instead of single flits *segments* move: a grant takes n flits of a packet at once, and keeps the
// output and the input port for n cycles. The flits of a segment follow each other cycle by cycle:
// the next router forwards the first while the last is on its way, and credits come back the same
// way. Nothing is used before it is there, because every wire and port passes one flit a cycle and
// in order. A segment's price is that it cannot be interrupted. So a grant takes more than
// `contended` flits only where no other packet is at, or on its way to, the same output or the same
// input port. A packet is known here from the moment the router before has sent its head, four
// cycles before it can ask for the switch: segments of up to four flits are exact, flit by flit,
// but for packets that a node just injects.
//
// Wires may be wider or narrower than a flit a cycle: a segment then takes the cycles that its
// bytes need. Flits on the way from a slow wire to a fast one count as arrived when the fast one
// can send them without a pause; credits likewise.
//
// A virtual channel passes packets in order on each wire. From end to end packets of one source and
// destination stay in order if their traffic class has one virtual channel, one route set and one
// lane; otherwise they may overtake. The route set and lane of a packet are drawn from its source
// and its number there, so equal runs are equal. No SystemC here.
class RouterEngine {
 public:
  static constexpr Tick kNoTick = ~Tick{0};

  // Graph and routes as `check_graph` and `check_routes` accept them, which stay with the caller.
  // Throws std::invalid_argument for numbers out of range (check_router_config).
  RouterEngine(const NetworkGraph& graph, const RouteTables& routes, const RouterConfig& config);

  // Gives a packet to its source at `now`: the cycle to which the engine was last advanced, or the
  // next one. Sources queue without limit. Throws std::invalid_argument for a packet of no flits or
  // for nodes and classes that are not there, std::logic_error for another time.
  void send(const Packet& packet, Tick now);
  // One packet for many destinations, down the tree of its routes: each link carries it once, and
  // where they part the routers copy it, each copy at its own pace out of a buffer that holds it
  // whole. (On routes that part and meet again, as a user's own may, a link behind the meeting
  // point carries it twice.) A delivery for each destination. `packet.destination` is not read.
  // Only in RouterConfig::multicast_class; throws std::invalid_argument for a packet larger than
  // `tree_buffer_flits` and for a node named twice, too.
  void send_multicast(const Packet& packet, std::span<const std::uint32_t> destinations, Tick now);
  // One packet from each of the sources, up the tree of their routes to `packet.destination`: where
  // they meet the routers add them, flit by flit, so each link carries one. One delivery. At most
  // as many reductions as there are virtual channels for them run at a time, each with one of its
  // own all the way (two that met in a different order at two routers would wait for each other);
  // more wait at their sources. Only in RouterConfig::reduction_class; throws std::invalid_argument
  // for a node named twice, too.
  void send_reduction(const Packet& packet, std::span<const std::uint32_t> sources, Tick now);

  // The next cycle in which something happens; kNoTick: none.
  Tick next_tick() const;
  // Runs all cycles up to `until`, and that one.
  void advance(Tick until);

  // Packets whose end has become known; the caller takes them out.
  std::vector<Delivery>& deliveries() { return deliveries_; }
  std::uint64_t packets_in_flight() const { return in_flight_; }

  std::uint64_t flit_hops() const { return flit_hops_; }  // flits x routers passed
  // WireLoad's, of all wires.
  std::uint64_t credit_stall_cycles() const { return credit_stalls_; }
  std::vector<WireLoad> link_loads() const;      // by link of the graph
  std::vector<WireLoad> node_in_loads() const;   // by node: router to node
  std::vector<WireLoad> node_out_loads() const;  // by node: node to router
  // Mean flits in the buffers at the far end of each link, by link and virtual channel, over
  // [0, now].
  std::vector<double> mean_occupancy() const;

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::uint32_t kSourceOwner = 0x80000000;  // of an OutVc: plus the source
  static constexpr Tick kWakeSlots = 64;
  static constexpr Tick kHoldSlots = 16;

  enum class VcState : std::uint8_t {
    kIdle,
    kRouting,     // until a time that is known
    kRequesting,  // a virtual channel
    kActive,      // sends flits
    kLeaving,     // its tail is on its way out
    kBranching,   // a multicast that goes on to several outputs, see Branch
    kMerged,      // part of a reduction; another virtual channel speaks for it, or not all are here
    kMerging,     // active, and speaks for a reduction's other parts, see Join
  };
  // Marks numbers of branches among those of InVcs.
  static constexpr std::uint32_t kBranchBit = 0x80000000;

  struct PacketState {
    Packet packet;
    Tick created = 0;
    RouterId goal = 0;          // router of the destination
    std::uint32_t output = 0;   // at the router where its head is, or is on its way to
    std::uint64_t vc_mask = 0;  // virtual channels it may take there
    std::uint32_t direction = 0;
    std::uint16_t set = 0, route_class = 0;
    std::uint32_t lane = 0;                  // modulo the lanes of each link
    std::uint16_t alone = 1, contended = 1;  // most flits of a grant
    std::uint32_t hops = 0;
    std::uint32_t next = kNone;  // in its source's queue, or of the free list
    // Multicast: an index into `destinations_`, kNone with one destination left; whether they part
    // at the router that `output` is of.
    std::uint32_t destinations = kNone;
    bool parts = false;
    std::uint32_t reduction = kNone;  // an index into `reductions_`
  };

  // A copy of a multicast packet that leaves a virtual channel by one of several outputs.
  struct Branch {
    std::uint32_t in_vc = 0;
    std::uint32_t packet = kNone;  // of its own, for the destinations beyond
    std::uint32_t output = 0;
    std::uint32_t sent = 0;  // flits
    std::uint8_t out_vc = 0;
    bool active = false;         // has its virtual channel
    std::uint32_t next = kNone;  // of the same InVc, or of the free list
  };
  // Where parts of a reduction meet.
  struct Join {
    RouterId router = 0;
    std::uint32_t expected = 0;          // parts
    std::vector<std::uint32_t> members;  // InVcs whose front packet is one; the first speaks
  };
  struct Reduction {
    Packet packet;
    Tick created = 0;
    std::vector<std::uint32_t> sources;
    std::uint32_t slot = kNone;  // which virtual channel of the class it has; kNone: waits
    std::vector<Join> joins;     // by router
  };

  // Flits of a packet behind the front one of a virtual channel.
  struct Waiting {
    std::uint32_t packet = 0, flits = 0, next = kNone;
  };

  // What every segment reads stands first, in one line of the cache.
  struct alignas(64) InVc {
    VcState state = VcState::kIdle;
    bool head_sent = false;
    std::uint8_t vc = 0, out_vc = 0;
    std::uint16_t bit = 0;                   // within its router
    std::uint16_t alone = 1, contended = 1;  // reach of the front packet, as in PacketState
    std::uint32_t packet = kNone;            // the front one
    std::uint32_t flits = 0;                 // of it, here
    std::uint32_t left = 0;                  // of it, not yet granted
    std::uint32_t output = 0;                // global, of the front packet
    std::uint32_t port = 0, router = 0;      // where this is
    Tick stalled_since = 0;
    std::uint64_t occupancy_cycles = 0;  // modulo 2^64: departures less arrivals

    std::uint32_t accept_from = 0;  // round-robin over the outputs' virtual channels
    std::uint32_t packets = 0;      // here or on their way
    std::uint32_t first_waiting = kNone, last_waiting = kNone;
    std::uint32_t first_branch = kNone;
    std::uint32_t last_output = 0;  // of the packet announced last
    std::uint32_t claimed = 0;      // output of the front run
    // By packet here or on its way, the front one first: see `announce`.
    std::uint64_t run_starts = 0;
  };

  struct OutVc {
    std::uint32_t credits = 0;
    std::uint32_t owner = kNone;     // InVc, or kSourceOwner + source
    std::uint32_t request_from = 0;  // round-robin over the router's input bits
  };

  struct InPort {
    Tick busy_until = 0;
    std::uint32_t accept_from = 0;  // round-robin over local outputs
    std::uint32_t vc_from = 0;      // round-robin over virtual channels
    std::uint32_t upstream = 0;     // global output that feeds it
    std::uint32_t used_vcs = 0;     // that hold or await a packet
    std::uint32_t credit_cycles = 0;
  };

  // Sending side of a wire: an output port of a router or a source.
  struct alignas(64) Output {
    Tick busy_until = 0;
    std::uint64_t free_vcs = 0;
    std::uint32_t claims = 0;      // runs of packets that go here, see `announce`
    std::uint32_t grant_from = 0;  // round-robin over local input ports
    std::uint32_t port = kNone;  // global input port at the far end; kNone: a node takes the flits
    std::uint32_t masks = 0;     // where its words of `ready_` and `requests_` begin
    std::uint32_t arrival_cycles = 0;  // from the grant to the arrival at the far end
    std::uint32_t router = kNone;      // at the far end
    WireLoad load;
    std::uint32_t buffer_flits = 0;  // of each virtual channel at the far end
    std::uint32_t cycles_numerator = 1, cycles_denominator = 1;  // cycles a flit
    // Of the cycles paid so far, what flits did not need, in 1/denominator; lost in a pause.
    std::uint32_t slack = 0;
  };

  struct Router {
    std::uint32_t first_port = 0, ports = 0;
    std::uint32_t first_output = 0, outputs = 0;
    std::uint32_t input_words = 1, output_words = 1;
    // Where its words of `ready_outputs_` and `request_outputs_` begin.
    std::uint32_t output_masks = 0;
    std::uint32_t branching = 0;            // virtual channels that are
    bool small = false;                     // one word of inputs and one of outputs
    std::vector<std::uint32_t> busy_ports;  // of a large router, local; some may have become free
    // Of a small one: outputs, and virtual channels of input ports, that segments of several cycles
    // hold; and a ring of the cycles in which to look whether they have become free.
    std::uint64_t held_outputs = 0, held_inputs = 0;
    std::array<std::uint64_t, kHoldSlots> outputs_due{}, ports_due{};
    std::uint32_t due = 0;  // slots that are not empty
    Tick looked = 0;        // up to this cycle
  };

  struct Source {
    struct Queue {
      std::uint32_t first = kNone, last = kNone;
      std::uint32_t packet = kNone;  // being sent
      std::uint32_t left = 0, out_vc = kNone, last_vc = 0;
      Tick stalled_since = kNoTick;  // for want of credits
    };
    std::vector<Queue> queues;  // by traffic class
    std::uint32_t output = 0;
    std::uint32_t next_queue = 0;
    Tick woken_for = kNoTick;
  };

  struct Arrival {
    std::uint32_t in_vc, packet, flits;
  };
  struct Credit {
    std::uint32_t out_vc, flits;
  };
  // What happens in one cycle.
  struct Slot {
    std::vector<std::uint32_t> tails;  // InVcs and branches whose last flit has left
    std::vector<Arrival> arrivals;
    std::vector<Credit> credits;
    std::vector<std::uint32_t> routed;     // InVcs that may now ask for a virtual channel
    std::vector<std::uint32_t> activated;  // InVcs and branches that may now ask for the switch
    std::vector<std::uint32_t> sources;
  };

  void build_ports(const NetworkGraph& graph);
  void set_rate(Output& output, std::uint64_t bytes_per_cycle, std::uint32_t lanes);
  WireLoad load_of(std::uint32_t first_output, std::uint32_t lanes) const;
  void size_wheel();

  Slot& slot(Tick at) {
    const std::size_t index = at & wheel_mask_;
    occupied_[index / 64] |= std::uint64_t{1} << (index % 64);
    return wheel_[index];
  }
  void wake(std::uint32_t router, Tick at) {
    const std::size_t index = at % kWakeSlots;
    wakes_[index * router_words_ + router / 64] |= std::uint64_t{1} << (router % 64);
    wake_slots_ |= std::uint64_t{1} << index;
  }
  void wake_source(std::uint32_t source, Tick at);
  void run(Tick now);

  // Events
  void finish_tail(std::uint32_t in_vc);
  void arrive(const Arrival& arrival);
  void take_credit(const Credit& credit);
  void begin(InVc& in, std::uint32_t in_vc);
  void request_vc(std::uint32_t in_vc);
  void activate(std::uint32_t in_vc, Tick at);

  // Allocation
  void step_router(std::uint32_t router);
  template <bool kOneWord>
  void allocate_vcs(const Router& router, std::uint32_t index);
  template <bool kOneWord>
  void allocate_switch(const Router& router, std::uint32_t index);
  void assign_vc(std::uint32_t in_vc, std::uint32_t output, std::uint32_t vc, bool first_pass);
  void allocate_small_switch(Router& router, std::uint32_t index);
  void release_held(Router& router);
  void hold_until(Router& router,
                  Tick until,
                  std::array<std::uint64_t, kHoldSlots>& ring,
                  std::uint32_t bit);
  Tick next_release(const Router& router) const;
  void hold_output(Router& router, const Output& output, std::uint32_t output_index);
  void hold(Router& router, const Output& output, const InPort& port, const InVc& in);
  template <bool kPlain>
  void transmit(Output& output, InPort& port, InVc& in, std::uint32_t in_vc);
  void send_head(Output& output, InVc& in, std::uint32_t there);

  // Trees
  std::uint32_t keep_destinations(std::span<const std::uint32_t> nodes);
  bool gather(InVc& in, std::uint32_t in_vc);
  Join& join_of(const InVc& in);
  void split(InVc& in, std::uint32_t in_vc);
  Branch& branch_to(const InVc& in, std::uint32_t output);
  std::uint32_t flits_ready(const InVc& in, const Branch& branch) const;
  std::uint32_t flits_merged(const InVc& in);
  void activate_branch(std::uint32_t index, Tick at);
  void refresh_tree(InVc& in, Tick at);
  void transmit_branch(Output& output, InVc& in);
  void finish_branch(std::uint32_t index);
  void release_slowest(InVc& in);
  void transmit_merged(InVc& in, std::uint32_t flits);
  void release_merged(const InVc& in);
  void look_ahead_tree(PacketState& packet, RouterId router);
  std::uint32_t output_towards(const PacketState& packet,
                               RouterId router,
                               std::uint32_t node) const;
  void start_reductions(Tick at);
  std::uint64_t reduction_vcs(std::uint64_t class_mask, std::uint32_t reduction) const;
  std::uint64_t vc_mask_to(const InVc& in, std::uint32_t output) {
    return in.state == VcState::kBranching ? packets_[branch_to(in, output).packet].vc_mask
                                           : packets_[in.packet].vc_mask;
  }

  // Sources
  void check(const Packet& packet, Tick now) const;
  std::uint32_t new_packet(Packet packet, Tick created);
  void free_packet(std::uint32_t index);
  void enqueue(std::uint32_t packet, std::uint32_t node, Tick at);
  void step_source(std::uint32_t index);
  std::uint32_t open_packets(Source& source);
  bool send_from(std::uint32_t index, std::uint32_t lane, bool alone);

  // Shared by routers and sources
  void look_ahead(PacketState& packet, RouterId router);
  void announce(std::uint32_t in_vc, const PacketState& packet);
  void retire_claim(InVc& in);

  // For how long `flits` take the wire if they are sent now.
  std::uint32_t cycles(const Output& output, std::uint32_t flits) const {
    return unit_rates_ ? flits : uneven_cycles(output, flits);
  }
  std::uint32_t uneven_cycles(const Output& output, std::uint32_t flits) const;
  // Without what is paid already.
  std::uint32_t whole_cycles(const Output& output, std::uint32_t flits) const;
  void take_wire(Output& output, std::uint32_t flits, std::uint32_t held);
  std::uint32_t reach_on(const Output& output, std::uint32_t reach) const;
  // From `at` on; now, or the next cycle.
  void set_ready(const InVc& in, Tick at) { set_ready(in, in.output, at); }
  void set_ready(const InVc& in, std::uint32_t output, Tick at) {
    const Router& router = routers_[in.router];
    set_bit(&ready_[outputs_[output].masks], in.bit);
    set_bit(&ready_outputs_[router.output_masks], output - router.first_output);
    wake(in.router, at);
  }
  void clear_ready(const InVc& in) { clear_ready(in, in.output); }
  void clear_ready(const InVc& in, std::uint32_t output) {
    const Router& router = routers_[in.router];
    std::uint64_t* const mask = &ready_[outputs_[output].masks];
    clear_bit(mask, in.bit);
    if (!any_bit(mask, router.input_words)) {
      clear_bit(&ready_outputs_[router.output_masks], output - router.first_output);
    }
  }
  void ask_for_vc(const InVc& in, std::uint32_t output);
  void leave_vc(std::uint32_t output, std::uint8_t out_vc, std::uint32_t router);
  void leave(InVc& in, std::uint32_t in_vc);

  const NetworkGraph& graph_;
  const RouteTables& routes_;
  RouterConfig config_;
  std::uint32_t vcs_ = 0;       // of a port: all traffic classes
  std::uint64_t port_vcs_ = 0;  // as many low bits
  bool unit_rates_ = true;      // every wire passes a flit a cycle
  bool plain_ = true;           // that, and a packet may ask for the switch every cycle

  std::vector<Router> routers_;
  std::vector<InPort> ports_;
  std::vector<InVc> in_vcs_;                                    // by port, virtual channel
  std::vector<Output> outputs_;                                 // of routers, then of sources
  std::vector<OutVc> out_vcs_;                                  // by output, virtual channel
  std::vector<std::uint32_t> output_of_link_, output_of_node_;  // global, of the first lane
  std::uint32_t first_source_ = 0;                              // of the outputs
  std::vector<std::uint64_t> class_vcs_;  // by route class: virtual channels of a traffic class
  std::vector<Source> sources_;           // by node and lane
  std::vector<std::uint32_t> first_source_of_node_;
  std::vector<std::uint64_t> sent_;  // packets, by node
  std::vector<PacketState> packets_;
  std::uint32_t free_packet_ = kNone;
  std::vector<Waiting> waiting_;
  std::uint32_t free_waiting_ = kNone;

  std::vector<std::vector<std::uint32_t>> destinations_;  // nodes, of multicasts under way
  std::vector<std::uint32_t> free_destinations_;
  std::vector<Branch> branches_;
  std::uint32_t free_branch_ = kNone;
  std::vector<Reduction> reductions_;
  std::vector<std::uint32_t> free_reductions_;
  std::vector<std::uint32_t> waiting_reductions_;  // in the order they were sent
  std::uint64_t free_slots_ = 0;

  // Bit masks over a router's input virtual channels, by output: which of them could send a flit
  // now, which ask for a virtual channel; and over its outputs, which of these have any bit set.
  std::vector<std::uint64_t> ready_, requests_, ready_outputs_, request_outputs_;
  std::vector<std::uint16_t> port_of_bit_;

  std::vector<Slot> wheel_;
  std::size_t wheel_mask_ = 0;
  std::vector<std::uint64_t> occupied_;  // slots that are not empty
  std::vector<std::uint64_t> wakes_;     // by wake slot: routers
  std::uint64_t wake_slots_ = 0;         // that have any
  std::size_t router_words_ = 1;
  Tick now_ = 0;

  std::vector<std::uint32_t> activated_;  // of the router at hand
  std::vector<std::uint32_t> candidate_;  // by local port: output that picked it
  std::vector<std::uint32_t> picked_;     // local ports with a candidate
  std::vector<std::uint64_t> blocked_;
  std::vector<std::uint64_t> offered_vcs_;   // by input bit
  std::vector<std::uint32_t> offered_bits_;  // those with offers

  std::vector<Delivery> deliveries_;
  std::uint64_t in_flight_ = 0;
  std::uint64_t flit_hops_ = 0, credit_stalls_ = 0;
};

}  // namespace orrery
