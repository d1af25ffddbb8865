// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <systemc>

#include "arch/core_accounting.h"

// How cores, their dispatcher and the other cores of a cluster speak. As with transfers, a call
// only puts something into the callee's inbox.
namespace orrery {

class TaskSource : public virtual sc_core::sc_interface {
 public:
  virtual void request_task(std::uint32_t core, std::uint32_t context) = 0;
  virtual void end_tasks(std::uint32_t core, std::uint32_t count) = 0;
};

class TaskSink : public virtual sc_core::sc_interface {
 public:
  virtual void assign_task(std::uint32_t context, std::uint64_t task) = 0;
  virtual void no_more_tasks(std::uint32_t context) = 0;
};

class SemaphoreSink : public virtual sc_core::sc_interface {
 public:
  virtual void remote_signal(std::uint32_t from_core,
                             std::uint32_t context,
                             std::uint8_t semaphore,
                             CauseKind cause,
                             const LoadJourney& journey) = 0;
};

}  // namespace orrery
