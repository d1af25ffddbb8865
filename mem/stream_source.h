// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "mem/request_stream.h"
#include "sim/ports.h"
#include "sim/transfer_pool.h"
#include "sim/wake_up.h"

namespace orrery {

struct StreamSourceConfig {
  std::uint64_t requests = 0;  // bursts in all
  std::uint32_t burst_bytes = 32;
  Femtoseconds gap_fs = 0;                 // request i is not sent before i x gap
  std::uint64_t bursts_of_transfer = 256;  // at most, where several may go together
  std::uint64_t outstanding_bursts = 8192;
};

// An initiator that sends the requests of a stream to a memory, in their order: as fast as the
// memory takes them, on a schedule, or one at a time. Measures transfers; a detailed memory
// measures bursts itself.
class StreamSource : public sc_core::sc_module, public TransferInitiator {
 public:
  StreamSource(const sc_core::sc_module_name& name,
               const RequestStream& stream,
               const StreamSourceConfig& config,
               CounterRegistry& registry);

  sc_core::sc_port<TransferTarget> memory_port{"memory_port"};

  void complete(Transfer& transfer, Femtoseconds at_fs) override;

  std::uint64_t completed_bursts() const { return completed_; }
  Femtoseconds last_completion_fs() const { return last_completion_fs_; }
  // Of reads, from sending to completion; one entry a transfer.
  const std::vector<Femtoseconds>& read_latencies_fs() const { return latencies_fs_; }

 private:
  struct Return {
    Femtoseconds at_fs;
    Transfer* transfer;
    bool operator<(const Return& other) const {  // the earliest is on top
      return at_fs != other.at_fs ? at_fs > other.at_fs
                                  : transfer->sequence > other.transfer->sequence;
    }
  };

  void process();
  void send_next(Femtoseconds at_fs);

  const RequestStream stream_;
  const StreamSourceConfig config_;
  TransferPool pool_;
  std::vector<Return> returns_;  // a heap
  std::uint64_t next_ = 0;
  std::uint64_t outstanding_ = 0;
  std::uint64_t completed_ = 0;
  std::uint64_t sequence_ = 0;
  Femtoseconds last_completion_fs_ = 0;
  std::vector<Femtoseconds> latencies_fs_;
  WakeUp wake_up_;
};

}  // namespace orrery
