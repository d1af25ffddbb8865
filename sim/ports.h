// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <systemc>

#include "sim/transfer.h"

// How modules speak to each other. Every call only puts the transfer into the callee's inbox
// (sim/inbox.h) with the time at which it arrives there: now, or later when the caller has worked
// out the time (an annotated delay, as TLM-2.0 calls it; it saves an activation a hop). The callee
// acts at that time, a delta cycle after the call at the earliest, in the order of times and keys,
// so that results do not depend on the order in which the kernel runs processes. From the call on
// the transfer is the callee's.
//
// Credits: an initiator owns a budget of outstanding bytes or requests, takes from it before it
// sends and gives back at `complete`. A target therefore always accepts; nobody retries.
namespace orrery {

// Gets back the transfers it sent: reads with their data, writes when they are accepted.
class TransferInitiator : public virtual sc_core::sc_interface {
 public:
  virtual void complete(Transfer& transfer, Femtoseconds at_fs) = 0;
};

// Serves transfers: a network (which carries them on to a memory), a cache, an SRAM, an HBM.
class TransferTarget : public virtual sc_core::sc_interface {
 public:
  // Answers through `initiator.complete(transfer, ...)`, later.
  virtual void send(Transfer& transfer, TransferInitiator& initiator, Femtoseconds at_fs) = 0;

  // Fills `transfer.shares`: which of the target's nodes hold how many of its bytes. A network
  // asks this of the target before it carries a transfer there.
  virtual void spread(Transfer& transfer) const = 0;
};

// Says what a component waits for when the event queue has run empty: "core 3 tensor unit waits
// for semaphore 1 >= 7 (is 6)", one line per wait.
class WaitReporter {
 public:
  virtual ~WaitReporter() = default;
  virtual void report_waits(std::vector<std::string>& lines) const = 0;
};

}  // namespace orrery
